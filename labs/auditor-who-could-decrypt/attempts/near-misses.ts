import { DisableKeyCommand } from '@aws-sdk/client-kms';
import { allow, putRolePolicy, type Submission } from '../../../server/kit.ts';
import {
  addToReaders,
  auditKey,
  berthsKey,
  configure,
  dashboardsWithoutKeys,
  deleteVersion,
  kms,
  onlyAuditKey,
  release,
  root,
  setKeyPolicy,
  setReaders,
} from './account.ts';
import { encryptBefore } from './right.ts';

export const berths = 'berths-are-assigned';
export const still = 'readers-still-read';
export const auditor = 'auditor-learns-no-token';
export const others = 'other-readers-learn-no-token';
export const roles = 'roles-of-readers-learn-no-token';

/** Near-misses: what people really do under time pressure. */
export const nearMisses: Submission[] = [
  {
    name: 'deny-get-function',
    why: 'GetFunction is denied, and lists of functions show the variables, too',
    fails: [auditor, others, roles],
    async apply(ctx) {
      await addToReaders(ctx, { Effect: 'Deny', Action: 'lambda:GetFunction', Resource: '*' });
      await deleteVersion(ctx, '1');
    },
  },
  {
    name: 'deny-all-of-lambda',
    why: 'readers see no functions any more, so they cannot do their work',
    fails: [still, roles],
    async apply(ctx) {
      await addToReaders(ctx, { Effect: 'Deny', Action: 'lambda:*', Resource: '*' });
      await deleteVersion(ctx, '1');
    },
  },
  {
    name: 'no-decrypt-at-all',
    why: 'readers decrypt nothing any more, so their evidence stays shut',
    fails: [still],
    async apply(ctx) {
      await setReaders(ctx);
      await dashboardsWithoutKeys(ctx);
      await deleteVersion(ctx, '1');
    },
  },
  {
    name: 'auditor-by-name',
    why: 'the key denies the auditor by name; night-desk and whoever comes next are others',
    fails: [others, roles],
    async apply(ctx) {
      await setKeyPolicy(ctx, berthsKey(ctx), allow('kms:*', '*', { Principal: { AWS: root(ctx) } }), {
        Effect: 'Deny',
        Principal: { AWS: `arn:aws:iam::${ctx.account}:user/auditor` },
        Action: 'kms:Decrypt',
        Resource: '*',
      });
      await deleteVersion(ctx, '1');
    },
  },
  {
    name: 'dashboards-forgotten',
    why: 'the group was put right, and night-desk takes a role that decrypts with every key',
    fails: [roles],
    async apply(ctx) {
      await onlyAuditKey(ctx);
      await deleteVersion(ctx, '1');
    },
  },
  {
    name: 'first-version-left',
    why: 'version 1 is from before the key, and shows the token to everybody who reads',
    fails: [auditor, others, roles],
    async apply(ctx) {
      await onlyAuditKey(ctx);
      await dashboardsWithoutKeys(ctx);
    },
  },
  {
    name: 'key-of-aws',
    why: 'without a customer key Lambda shows variables to whoever may read the configuration',
    fails: [auditor, others, roles],
    async apply(ctx) {
      await configure(ctx, { KMSKeyArn: '' });
      await release(ctx);
      await onlyAuditKey(ctx);
      await dashboardsWithoutKeys(ctx);
      await deleteVersion(ctx, '1');
    },
  },
  {
    name: 'key-off',
    why: 'a key that is disabled hides the variables from the function, too',
    fails: [berths],
    async apply(ctx) {
      await kms(ctx).send(new DisableKeyCommand({ KeyId: berthsKey(ctx) }));
      await deleteVersion(ctx, '1');
    },
  },
  {
    name: 'encrypted-and-open',
    why: 'the variable holds a ciphertext, and readers may decrypt with every key as before',
    fails: [auditor, others, roles],
    async apply(ctx) {
      await encryptBefore(ctx, berthsKey(ctx));
      await putRolePolicy(ctx.admin, 'berths-role', 'token', allow('kms:Decrypt', berthsKey(ctx)));
      for (const version of ['1', '2']) await deleteVersion(ctx, version);
    },
  },
  {
    name: 'service-without-region',
    why: 'no request comes through lambda.amazonaws.com: the name of the service has the region in it',
    fails: [auditor, others],
    async apply(ctx) {
      await addToReaders(ctx, {
        Effect: 'Deny',
        Action: 'kms:Decrypt',
        Resource: '*',
        Condition: { StringEquals: { 'kms:ViaService': 'lambda.amazonaws.com' } },
      });
      await dashboardsWithoutKeys(ctx);
      await deleteVersion(ctx, '1');
    },
  },
  {
    name: 'unreleased',
    why: 'what is unpublished has a key of its own, and the version that live serves has the old one',
    fails: [auditor, others, roles],
    async apply(ctx) {
      await configure(ctx, { KMSKeyArn: auditKey(ctx) });
      await deleteVersion(ctx, '1');
    },
  },
];
