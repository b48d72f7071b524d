import { allow, defineAttempts, putRolePolicy } from '../../server/kit.ts';

/** Three right fixes of different taste and six near-misses are the least that the contract takes. */
export default defineAttempts([
  {
    name: 'reference',
    why: 'the role reads the one object',
    fails: [],
    apply: (ctx) =>
      putRolePolicy(
        ctx.admin,
        'greeter-role',
        's3',
        allow('s3:GetObject', `arn:aws:s3:::${ctx.outputs.bucket}/greeting.txt`),
      ),
  },
  {
    name: 'reads-everything',
    why: 's3:Get* on every bucket still reads the salaries',
    fails: ['salaries-cannot-be-read', 'code-reads-nothing-else'],
    apply: (ctx) => putRolePolicy(ctx.admin, 'greeter-role', 's3', allow('s3:Get*', '*')),
  },
]);
