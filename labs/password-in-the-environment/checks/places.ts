import {
  type CheckContext,
  fail,
  holds,
  lastLogin,
  type Outcome,
  type SecretRead,
  type StoredValue,
  secretReads,
  storedValue,
} from '../../../server/kit.ts';
import { cluster } from '../orders.ts';

/** What the function reads at run time and where the password stands in it; or the failure that says that there is none. */
export async function placesOfPassword(
  ctx: CheckContext,
): Promise<{ read: SecretRead; value: StoredValue }[] | Outcome> {
  const reads = secretReads(ctx);
  if (reads.length === 0) return fail('orders reads neither Secrets Manager nor Parameter Store when it runs');
  const password = lastLogin(ctx, cluster);
  const found: { read: SecretRead; value: StoredValue }[] = [];
  for (const read of reads) {
    const value = await storedValue(ctx, read, ctx.outputs.function!);
    if (value && password !== undefined && holds(value.text, password)) found.push({ read, value });
  }
  const names = [...new Set(reads.map(({ id }) => id))].join(', ');
  return found.length > 0 ? found : fail(`what orders reads (${names}) does not hold the password of ${cluster}`);
}
