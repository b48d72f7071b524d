import { createHash } from 'node:crypto';
import type { CallContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { defineTable } from '../../state/table.ts';
import { constraint } from './errors.ts';

/** A transaction that was done with a token; id: the token. */
export interface TokenRecord {
  digest: string;
  expires: number;
}

export const tokens = defineTable<TokenRecord>('dynamodb.tokens');

/** "A client request token is valid for 10 minutes after the first request that uses it is completed." */
const validity = 600_000;

/**
 * Was this very transaction done already? Remembers it, if not.
 * @throws AwsError IdempotentParameterMismatchException
 */
export function doneBefore(ctx: CallContext, token: string | undefined, content: unknown): boolean {
  if (token === undefined) return false;
  if (token.length < 1 || token.length > 36)
    throw constraint(token, 'clientRequestToken', 'Member must have length between 1 and 36');
  const digest = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  const known = ctx.state.get(tokens, ctx, token);
  if (known && known.expires > ctx.now) {
    if (known.digest === digest) return true;
    throw new AwsError(
      'IdempotentParameterMismatchException',
      'The provided idempotency token was used with different parameters of the request within the last 10 minutes.',
    );
  }
  ctx.state.put(tokens, ctx, token, { digest, expires: ctx.now + validity });
  return false;
}
