import type {
  GetAccessKeyInfoCommandInput,
  GetAccessKeyInfoCommandOutput,
  GetCallerIdentityCommandInput,
  GetCallerIdentityCommandOutput,
} from '@aws-sdk/client-sts';
import { accountOfAccessKeyId } from '../../access-key-id.ts';
import { operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { findAccessKey } from '../iam/find-access-key.ts';

export const GetCallerIdentity = operation<GetCallerIdentityCommandInput, GetCallerIdentityCommandOutput>({
  // "No permissions are required to perform this operation", not even where a policy denies it.
  access: () => [],
  run(ctx) {
    const userId = ctx.caller.context['aws:userid'];
    return {
      UserId: typeof userId === 'string' ? userId : ctx.account,
      Account: ctx.account,
      Arn: ctx.caller.principal.arn,
    };
  },
});

export const GetAccessKeyInfo = operation<GetAccessKeyInfoCommandInput, GetAccessKeyInfoCommandOutput>({
  access: () => ({ action: 'sts:GetAccessKeyInfo', resource: '*' }),
  run(ctx, input) {
    const id = input.AccessKeyId!;
    if (!/^\w{16,128}$/.test(id)) {
      throw new AwsError(
        'ValidationError',
        "1 validation error detected: Value at 'accessKeyId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w]*",
      );
    }
    const account = findAccessKey(ctx.state, id)?.account ?? accountOfAccessKeyId(id);
    if (account === undefined) throw new AwsError('ValidationError', 'Invalid access key id.');
    return { Account: account };
  },
});
