import type { CallContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { hex } from '../../random.ts';
import type { StateWriter } from '../../state/account-state.ts';
import type { Scope, Table } from '../../state/table.ts';
import type { Tags } from '../../tags.ts';
import * as tables from './tables.ts';

/** What an operation needs to change records: a call's context, or less (fixtures, other services). */
export type Ec2Context = Scope & { state: StateWriter; now: number; cloud: Pick<CallContext['cloud'], 'random'> };

/** A kind of resource: its records, how its ids look, and how EC2 says that one is not there. */
export interface Kind<T extends { Tags: Tags }> {
  /** As in ARNs and tag specifications: `route-table`. */
  type: string;
  table: Table<T>;
  prefix: string;
  /** `InvalidVpcID`: the first half of `….NotFound` and `….Malformed`. */
  code: string;
  missing(id: string): string;
}

const kind = <T extends { Tags: Tags }>(
  type: string,
  table: Table<T>,
  prefix: string,
  code: string,
  word: string,
  missing?: (id: string) => string,
): Kind<T> => ({ type, table, prefix, code, missing: missing ?? ((id) => `The ${word} ID '${id}' does not exist`) });

/** Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
export const kinds = {
  vpc: kind('vpc', tables.vpcs, 'vpc', 'InvalidVpcID', 'vpc'),
  subnet: kind('subnet', tables.subnets, 'subnet', 'InvalidSubnetID', 'subnet'),
  routeTable: kind('route-table', tables.routeTables, 'rtb', 'InvalidRouteTableID', 'routeTable'),
  internetGateway: kind(
    'internet-gateway',
    tables.internetGateways,
    'igw',
    'InvalidInternetGatewayID',
    'internetGateway',
  ),
  egressOnlyInternetGateway: kind(
    'egress-only-internet-gateway',
    tables.egressOnlyInternetGateways,
    'eigw',
    'InvalidGatewayID',
    'eigw',
  ),
  natGateway: kind(
    'natgateway',
    tables.natGateways,
    'nat',
    'NatGatewayNotFound',
    'natGateway',
    (id) => `The Nat Gateway ${id} was not found`,
  ),
  address: kind('elastic-ip', tables.addresses, 'eipalloc', 'InvalidAllocationID', 'allocation'),
  networkAcl: kind('network-acl', tables.networkAcls, 'acl', 'InvalidNetworkAclID', 'networkAcl'),
  securityGroup: kind(
    'security-group',
    tables.securityGroups,
    'sg',
    'InvalidGroup',
    '',
    (id) => `The security group '${id}' does not exist`,
  ),
  vpcEndpoint: kind(
    'vpc-endpoint',
    tables.vpcEndpoints,
    'vpce',
    'InvalidVpcEndpointId',
    '',
    (id) => `The Vpc Endpoint Id '${id}' does not exist`,
  ),
  networkInterface: kind(
    'network-interface',
    tables.networkInterfaces,
    'eni',
    'InvalidNetworkInterfaceID',
    'networkInterface',
  ),
};

/** The record, or EC2's answer for an id that is malformed or names nothing. */
export function getResource<T extends { Tags: Tags }>(ctx: Ec2Context, of: Kind<T>, id: string): T {
  const found = ctx.state.get(of.table, ctx, id);
  if (found) return found;
  if (!id.startsWith(`${of.prefix}-`)) {
    const code = of === (kinds.securityGroup as unknown) ? 'InvalidGroupId.Malformed' : `${of.code}.Malformed`;
    throw new AwsError(
      of.code === 'NatGatewayNotFound' ? 'NatGatewayMalformed' : code,
      `Invalid id: "${id}" (expecting "${of.prefix}-...")`,
    );
  }
  throw notFound(of, id);
}

export function notFound(of: Kind<never> | Kind<{ Tags: Tags }>, id: string): AwsError;
export function notFound<T extends { Tags: Tags }>(of: Kind<T>, id: string): AwsError;
export function notFound(of: { code: string; missing(id: string): string }, id: string): AwsError {
  return new AwsError(of.code.endsWith('NotFound') ? of.code : `${of.code}.NotFound`, of.missing(id));
}

/** `vpc-0` and 16 more hex digits. */
export function newId(ctx: Ec2Context, prefix: string): string {
  return `${prefix}-0${hex(ctx.cloud.random, 16)}`;
}

export function ec2Arn(scope: Scope, type: string, id: string): string {
  return `arn:aws:ec2:${scope.region}:${scope.account}:${type}/${id}`;
}

/** EC2's most common refusals. */
export const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterValue', message);
export const dependencyViolation = (message: string): AwsError => new AwsError('DependencyViolation', message);
export const missingParameter = (name: string): AwsError =>
  new AwsError('MissingParameter', `The request must contain the parameter ${name}`);
