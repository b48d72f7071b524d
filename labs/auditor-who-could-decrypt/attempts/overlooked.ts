import { createCipheriv } from 'node:crypto';
import {
  AddUserToGroupCommand,
  CreateGroupCommand,
  CreateRoleCommand,
  PutGroupPolicyCommand,
  RemoveUserFromGroupCommand,
} from '@aws-sdk/client-iam';
import { CreateGrantCommand } from '@aws-sdk/client-kms';
import { allow, policy, putRolePolicy, type Submission, trust } from '../../../server/kit.ts';
import {
  addToReaders,
  auditKey,
  berthsKey,
  configure,
  dashboardsWithoutKeys,
  deleteVersion,
  iam,
  kms,
  loadingTheAgent,
  onlyAuditKey,
  reading,
  release,
  root,
  upload,
  variables,
} from './account.ts';
import { auditor, others, roles } from './near-misses.ts';

/** Near-misses that checks once overlooked, or might. */
export const overlooked: Submission[] = [
  {
    name: 'key-in-the-code',
    why: 'the token is encrypted, with a key that lies in the code, which readers download',
    fails: [auditor, others, roles],
    async apply(ctx) {
      const key = Buffer.alloc(32, 'a harbour in the fog ');
      const iv = Buffer.alloc(12, 7);
      const { HARBOUR_TOKEN, ...rest } = await variables(ctx);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const body = Buffer.concat([cipher.update(HARBOUR_TOKEN!), cipher.final(), cipher.getAuthTag()]);
      await configure(ctx, {
        KMSKeyArn: '',
        Environment: { Variables: { ...rest, HARBOUR_TOKEN: body.toString('base64') } },
      });
      await upload(ctx, {
        'index.mjs': loadingTheAgent(`import { createDecipheriv } from 'node:crypto';

async function token() {
  const body = Buffer.from(process.env.HARBOUR_TOKEN, 'base64');
  const cipher = createDecipheriv('aes-256-gcm', Buffer.alloc(32, 'a harbour in the fog '), Buffer.alloc(12, 7));
  cipher.setAuthTag(body.subarray(-16));
  return Buffer.concat([cipher.update(body.subarray(0, -16)), cipher.final()]).toString();
}`),
      });
      await release(ctx);
      await onlyAuditKey(ctx);
      await dashboardsWithoutKeys(ctx);
      for (const version of ['1', '2']) await deleteVersion(ctx, version);
    },
  },
  {
    name: 'grant-left',
    why: 'a grant on the key lets the auditor decrypt, whatever policies say',
    fails: [auditor],
    async apply(ctx) {
      await kms(ctx).send(
        new CreateGrantCommand({
          KeyId: berthsKey(ctx),
          GranteePrincipal: `arn:aws:iam::${ctx.account}:user/auditor`,
          Operations: ['Decrypt'],
        }),
      );
      await onlyAuditKey(ctx);
      await dashboardsWithoutKeys(ctx);
      await deleteVersion(ctx, '1');
    },
  },
  {
    name: 'role-for-keys',
    why: 'the right to decrypt moved into a role that readers may take on',
    fails: [roles],
    async apply(ctx) {
      await onlyAuditKey(ctx);
      await dashboardsWithoutKeys(ctx);
      await deleteVersion(ctx, '1');
      await iam(ctx).send(
        new CreateRoleCommand({ RoleName: 'key-users', AssumeRolePolicyDocument: trust({ AWS: root(ctx) }) }),
      );
      await putRolePolicy(
        ctx.admin,
        'key-users',
        'keys',
        allow(['kms:Decrypt', 'lambda:GetFunctionConfiguration', 'lambda:ListVersionsByFunction'], '*'),
      );
      await addToReaders(ctx, allow('sts:AssumeRole', '*'));
    },
  },
  {
    name: 'another-group',
    why: 'today’s readers moved into a narrow group, and who joins readers next gets what they had',
    fails: [others],
    async apply(ctx) {
      await iam(ctx).send(new CreateGroupCommand({ GroupName: 'auditors' }));
      await iam(ctx).send(
        new PutGroupPolicyCommand({
          GroupName: 'auditors',
          PolicyName: 'p',
          PolicyDocument: policy(allow([...reading, 'ssm:GetParameter'], '*'), allow('kms:Decrypt', auditKey(ctx))),
        }),
      );
      for (const UserName of ['auditor', 'night-desk']) {
        await iam(ctx).send(new AddUserToGroupCommand({ UserName, GroupName: 'auditors' }));
        await iam(ctx).send(new RemoveUserFromGroupCommand({ UserName, GroupName: 'readers' }));
      }
      await dashboardsWithoutKeys(ctx);
      await deleteVersion(ctx, '1');
    },
  },
  {
    name: 'fallback-in-the-code',
    why: 'the variable is hidden, and the code has the token besides, in numbers, for when the variable is missing',
    fails: [auditor, others, roles],
    async apply(ctx) {
      const { HARBOUR_TOKEN } = await variables(ctx);
      await upload(ctx, {
        'index.mjs': loadingTheAgent(
          `const token = async () => process.env.HARBOUR_TOKEN ?? [${[...HARBOUR_TOKEN!].map((c) => c.charCodeAt(0) + 1)}].map((c) => String.fromCharCode(c - 1)).join('');`,
        ),
      });
      await release(ctx);
      await onlyAuditKey(ctx);
      await dashboardsWithoutKeys(ctx);
      for (const version of ['1', '2']) await deleteVersion(ctx, version);
    },
  },
];
