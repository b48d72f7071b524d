import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  ListAccessKeysCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type CheckContext, fail, hex, type Outcome, pass } from '../../../server/kit.ts';

/** A key that somebody switched off is gone after the janitor's run. */
export async function switchedOffKeysGo(ctx: CheckContext): Promise<Outcome> {
  const iam = ctx.admin().client(IAMClient);
  const UserName = `leaver-${hex(ctx.random, 4)}`;
  await iam.send(new CreateUserCommand({ UserName }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId: AccessKey!.AccessKeyId!, Status: 'Inactive' }));
  const said = await invoke(ctx, 'account-janitor');
  const left = (await keysOf(ctx, UserName)).length;
  return left === 0
    ? pass('account-janitor deleted an access key that was switched off')
    : fail(`account-janitor left an access key that was switched off: ${said}`);
}

/** The cart's user has another key than before. */
export async function keysAreRotated(ctx: CheckContext): Promise<Outcome> {
  const before = await keysOf(ctx, 'cart-warehouse');
  const said = await invoke(ctx, 'cart-keys');
  const after = await keysOf(ctx, 'cart-warehouse');
  return after.length === 1 && !before.includes(after[0]!)
    ? pass('cart-keys gave cart-warehouse a new access key')
    : fail(`cart-keys did not rotate the access key of cart-warehouse: ${said}`);
}

async function keysOf(ctx: CheckContext, UserName: string): Promise<string[]> {
  const list = await ctx.attempt(() => ctx.admin().client(IAMClient).send(new ListAccessKeysCommand({ UserName })));
  return list.ok ? (list.value.AccessKeyMetadata ?? []).map(({ AccessKeyId }) => AccessKeyId!) : [];
}

async function invoke(ctx: CheckContext, FunctionName: string): Promise<string> {
  const sent = await ctx.attempt(() => ctx.user('ops').client(LambdaClient).send(new InvokeCommand({ FunctionName })));
  if (!sent.ok) return `${sent.code}: ${sent.message}`;
  return Buffer.from(sent.value.Payload ?? [])
    .toString()
    .slice(0, 200);
}
