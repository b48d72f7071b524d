import { anyCall } from './any-call.ts';
import { elasticAddresses, internetGateways, natGateways } from './gateways.ts';
import { httpApis } from './http-apis.ts';
import { iamPolicies } from './iam-policies.ts';
import { iamRoles } from './iam-roles.ts';
import { iamUsers } from './iam-users.ts';
import { kmsKeys } from './kms-keys.ts';
import { lambdaFunctions } from './lambda-functions.ts';
import { logGroups } from './log-groups.ts';
import { networkAcls } from './network-acls.ts';
import { rdsClusters } from './rds-clusters.ts';
import { restApis } from './rest-apis.ts';
import { routeTables } from './route-tables.ts';
import { s3Buckets } from './s3-buckets.ts';
import { secrets } from './secrets.ts';
import { securityGroups } from './security-groups.ts';
import { snsTopics } from './sns-topics.ts';
import { sqsQueues } from './sqs-queues.ts';
import { ssmParameters } from './ssm-parameters.ts';
import type { ResourceKind } from './types.ts';
import { vpcEndpoints } from './vpc-endpoints.ts';
import { subnets, vpcs } from './vpc-networks.ts';

/** Every kind that has an editor, in the order of the tree. What is not here is reached by "Any AWS call". */
export const resourceKinds: readonly ResourceKind[] = [
  iamRoles,
  iamUsers,
  iamPolicies,
  lambdaFunctions,
  s3Buckets,
  sqsQueues,
  snsTopics,
  httpApis,
  restApis,
  secrets,
  ssmParameters,
  kmsKeys,
  rdsClusters,
  vpcs,
  subnets,
  routeTables,
  internetGateways,
  natGateways,
  elasticAddresses,
  vpcEndpoints,
  securityGroups,
  networkAcls,
  logGroups,
  anyCall,
];

const byId = new Map(resourceKinds.map((kind) => [kind.id, kind]));

export function findKind(id: string): ResourceKind | undefined {
  return byId.get(id);
}
