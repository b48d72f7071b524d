import type { CallContext } from '../../context.ts';
import { parsePolicy, policySize } from '../../policy/index.ts';
import { uuid } from '../../random.ts';
import { validation } from './errors.ts';
import type { ResourcePolicy } from './tables-store.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html: 20 KB, white space counted */
const mostBytes = 20_480;

/** @throws AwsError ValidationException */
export function readPolicy(ctx: CallContext, text: string): ResourcePolicy {
  const { document, problems } = parsePolicy(text, 'resource');
  if (Buffer.byteLength(text) > mostBytes)
    throw validation(`Resource policy size ${policySize(text)} exceeds the limit of 20 KB`);
  if (!document) throw validation(`Invalid policy document: ${problems[0]?.message ?? 'the policy is invalid'}`);
  return {
    text,
    document,
    revision: String(BigInt(`0x${uuid(ctx.cloud.random).slice(0, 8)}`) * 1_000n + BigInt(ctx.now % 1_000)),
  };
}
