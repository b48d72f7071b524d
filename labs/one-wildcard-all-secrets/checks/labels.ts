import { createHmac } from 'node:crypto';
import {
  alphanumeric,
  type CheckContext,
  fail,
  hex,
  holds,
  type Outcome,
  pass,
  type SecretRead,
  type StoredValue,
  secretReads,
  storedValue,
  storeValue,
} from '../../../server/kit.ts';
import { dispatch, issueToken, trackingOf } from '../roastery.ts';

/** A label is printed; then the carrier's token and the signing key are changed where they are stored, and one more is. */
export async function labelsArePrinted(ctx: CheckContext): Promise<Outcome> {
  const { token, key } = { token: ctx.secrets.token!, key: ctx.secrets['signing key']! };
  const before = await print(ctx, 'small', key);
  if (!before.passed) return before;
  const fresh = { token: `pfx_${alphanumeric(ctx.random, 28)}`, key: hex(ctx.random, 32) };
  for (const [what, old, next] of [
    ["the carrier's token", token, fresh.token],
    ['the signing key', key, fresh.key],
  ] as const) {
    const changed = await change(ctx, what, old, next);
    if (changed) return fail(changed);
  }
  issueToken(ctx.cloud, fresh.token);
  ctx.advance(61 * 60_000);
  const after = await print(ctx, 'gift', fresh.key);
  return after.passed
    ? pass('dispatch prints labels, also after token and signing key were changed where they are stored')
    : fail(`an hour after token and signing key were changed where they are stored, ${after.because}`);
}

async function print(ctx: CheckContext, format: string, key: string): Promise<Outcome> {
  const event = { order: `B-${hex(ctx.random, 4)}`, name: `Zoë ${alphanumeric(ctx.random, 6)}`, city: 'Łódź', format };
  const { error, text } = await dispatch(ctx, event);
  if (error) return fail(`dispatch fails: ${text.slice(0, 300)}${ctx.lastFailure()}`);
  const tracking = trackingOf(event.order);
  const signature = createHmac('sha256', key).update(tracking).digest('hex');
  const lacking = [tracking, event.name, event.city, ctx.secrets.sender!, signature].find(
    (part) => !text.includes(JSON.stringify(part).slice(1, -1)),
  );
  if (lacking === undefined) return pass('dispatch prints a label');
  const what = lacking === signature ? 'a signature by the present key' : `"${lacking}"`;
  return fail(`what dispatch answers for a ${format} label lacks ${what}: ${text.slice(0, 200)}`);
}

/** On-call stores another value wherever dispatch has read the old one from. Undefined: done. */
async function change(ctx: CheckContext, what: string, old: string, next: string): Promise<string | undefined> {
  const found: { read: SecretRead; value: StoredValue }[] = [];
  for (const read of secretReads(ctx)) {
    const value = await storedValue(ctx, read, functionArn(ctx));
    if (value && holds(value.text, old)) found.push({ read, value });
  }
  if (found.length === 0) return `dispatch does not read ${what} from a secret or parameter when it runs`;
  for (const { read, value } of found) {
    const refused = await storeValue(ctx, read, { ...value, text: value.text.replaceAll(old, () => next) });
    if (refused) return `on-call cannot store ${what} in ${read.id}: ${refused}`;
  }
  return undefined;
}

const functionArn = (ctx: CheckContext): string => `arn:aws:lambda:${ctx.region}:${ctx.account().id}:function:dispatch`;
