import type { Service } from '../../context.ts';
import { absentOperations } from './absent.ts';
import { accountDefaultOperations } from './account-defaults.ts';
import { addressOperations } from './addresses.ts';
import { DescribeVpcEndpointServices } from './endpoint-services.ts';
import { endpointOperations } from './endpoints.ts';
import { gatewayOperations } from './gateways.ts';
import { interfaceOperations } from './interfaces.ts';
import { natAddressOperations } from './nat-addresses.ts';
import { natGatewayOperations } from './nat-gateways.ts';
import { networkAclOperations } from './network-acls.ts';
import { prefixListOperations } from './prefix-lists.ts';
import { routeTableOperations } from './route-tables.ts';
import { routeOperations } from './routes.ts';
import { securityGroupRuleOperations } from './security-group-rules.ts';
import { securityGroupOperations } from './security-groups.ts';
import { subnetOperations } from './subnets.ts';
import { tagOperations } from './tags.ts';
import { vpcCidrOperations } from './vpc-cidrs.ts';
import { vpcOperations } from './vpcs.ts';
import { zoneOperations } from './zones.ts';

/** Amazon EC2, as far as it is VPC: no instances. */
export const ec2: Service = {
  id: 'ec2',
  stored: {
    'ModifySubnetAttribute.MapPublicIpOnLaunch': 'there are no instances',
  },
  operations: {
    ...vpcOperations,
    ...vpcCidrOperations,
    ...zoneOperations,
    ...subnetOperations,
    ...routeTableOperations,
    ...routeOperations,
    ...gatewayOperations,
    ...natGatewayOperations,
    ...natAddressOperations,
    ...addressOperations,
    ...networkAclOperations,
    ...securityGroupOperations,
    ...securityGroupRuleOperations,
    ...endpointOperations,
    DescribeVpcEndpointServices,
    ...prefixListOperations,
    ...interfaceOperations,
    ...tagOperations,
    ...absentOperations,
    ...accountDefaultOperations,
  },
};

export { type FunctionPlace, lambdaInterfaces } from './make-interface.ts';
export { createDefaultVpc } from './make-vpc.ts';
