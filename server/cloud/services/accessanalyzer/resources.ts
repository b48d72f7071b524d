import type { StateReader } from '../../state/account-state.ts';
import type { Scope } from '../../state/table.ts';
import { trustPolicy } from '../iam/service-roles.ts';
import { iamScope, roles } from '../iam/tables.ts';
import { keyArn, keys } from '../kms/keys-store.ts';
import { layerPolicy, layerVersions } from '../lambda/layer-records.ts';
import { functionPolicies } from '../lambda/records.ts';
import { bucketPolicy } from '../s3/access.ts';
import { bucketArn, buckets } from '../s3/tables.ts';
import { secrets } from '../secretsmanager/store.ts';
import { topicArn, topicPolicy, topics } from '../sns/store.ts';
import { queueArn, queuePolicy, queues } from '../sqs/store.ts';
import type { Shared } from './external-access.ts';

/** What has policies of its own in an account and region, and is analysed. differs from AWS: ACLs of buckets are not. */
export function sharedResources(state: StateReader, scope: Scope): Shared[] {
  const owner = scope.account;
  return [
    ...state.list(buckets, scope).flatMap(({ value }): Shared[] => {
      const stored = bucketPolicy(value);
      const blocked = stored?.isPublic && value.publicAccessBlock?.restrictPublicBuckets;
      return stored && !blocked && value.region === scope.region
        ? [{ type: 'AWS::S3::Bucket', arn: bucketArn(value.name), owner, policies: [stored.policy] }]
        : [];
    }),
    ...state.list(queues, scope).map(({ id }): Shared => {
      const place = { ...scope, name: id };
      return { type: 'AWS::SQS::Queue', arn: queueArn(place), owner, policies: queuePolicy(state, place) };
    }),
    ...state.list(topics, scope).map(({ id }): Shared => {
      const arn = topicArn(scope, id);
      return { type: 'AWS::SNS::Topic', arn, owner, policies: topicPolicy(state, { ...scope, name: id, arn }) };
    }),
    ...state.list(functionPolicies, scope).map(({ id, value }): Shared => {
      const arn = `arn:aws:lambda:${scope.region}:${owner}:function:${id}`;
      const policies = [{ name: `resource policy of ${id}`, document: value.document }];
      return { type: 'AWS::Lambda::Function', arn, owner, policies };
    }),
    ...state.list(layerVersions, scope).map(({ id, value }): Shared => {
      const arn = `arn:aws:lambda:${scope.region}:${owner}:layer:${id.replace(/:0*(\d+)$/, ':$1')}`;
      return { type: 'AWS::Lambda::LayerVersion', arn, owner, policies: layerPolicy(value) };
    }),
    ...state.list(keys, scope).map(({ id, value }): Shared => {
      const policies = [{ name: `key policy of ${id}`, document: value.policy.document }];
      return { type: 'AWS::KMS::Key', arn: keyArn(value), owner, policies, strict: true };
    }),
    ...state.list(secrets, scope).map(({ value }): Shared => {
      const policies = value.policy ? [{ name: `policy of ${value.name}`, document: value.policy.document }] : [];
      return { type: 'AWS::SecretsManager::Secret', arn: value.arn, owner, policies };
    }),
    ...state.list(roles, iamScope(owner)).map(
      ({ value }): Shared => ({
        type: 'AWS::IAM::Role',
        arn: value.arn,
        owner,
        policies: [trustPolicy(value)],
        strict: true,
      }),
    ),
  ];
}
