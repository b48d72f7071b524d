import type {
  GetFederationTokenCommandInput,
  GetFederationTokenCommandOutput,
  GetSessionTokenCommandInput,
  GetSessionTokenCommandOutput,
} from '@aws-sdk/client-sts';
import { type CallContext, operation } from '../../context.ts';
import type { Session } from '../../session.ts';
import { requestTagContext, tagsFrom } from '../../tags.ts';
import { findUserByArn } from '../iam/tables.ts';
import { accessDenied, checkDuration, checkSessionTags, checkText, packedSize, sessionPolicies } from './checks.ts';

/** Temporary credentials of a user or of root, for itself or for somebody it vouches for. */

interface Maker {
  userName?: string;
  principalId: string;
}

/** Who calls, with long-term credentials. */
function makerOf(ctx: CallContext, action: string): Maker {
  const { type, arn } = ctx.caller.principal;
  const temporary = ctx.caller.context['aws:MultiFactorAuthPresent'] !== undefined;
  if (temporary || (type !== 'user' && type !== 'root'))
    throw accessDenied(`Cannot call ${action} with session credentials`);
  if (type === 'root') return { principalId: ctx.account };
  const user = findUserByArn(ctx.state, arn);
  if (!user) throw accessDenied(`Cannot call ${action} with the credentials of a deleted user`);
  return { userName: user.userName, principalId: user.userId };
}

function issue(ctx: CallContext, session: Omit<Session, 'accessKeyId'>) {
  const credentials = ctx.cloud.issueSession(session);
  return {
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: new Date(session.expires!),
  };
}

/** Root's temporary credentials last an hour at most, whatever is asked. */
function expiryOf(ctx: CallContext, seconds: number | undefined): number {
  const asked = seconds ?? 43_200;
  return ctx.now + (ctx.caller.principal.type === 'root' ? Math.min(asked, 3600) : asked) * 1000;
}

export const GetSessionToken = operation<GetSessionTokenCommandInput, GetSessionTokenCommandOutput>({
  // "No permissions are required for users to perform this operation."
  access: () => [],
  run(ctx, input) {
    checkDuration(input.DurationSeconds, 900, 129_600);
    const maker = makerOf(ctx, 'GetSessionToken');
    if (input.SerialNumber !== undefined || input.TokenCode !== undefined)
      throw accessDenied('MultiFactorAuthentication failed with invalid MFA one time pass code.');
    // differs from AWS: these credentials may call IAM and all of STS, as nobody in the range has an MFA device.
    const session: Omit<Session, 'accessKeyId'> = {
      account: ctx.account,
      sessionName: maker.userName ?? ctx.account,
      ...maker,
      issued: ctx.now,
      expires: expiryOf(ctx, input.DurationSeconds),
    };
    return { Credentials: issue(ctx, session) };
  },
});

export const GetFederationToken = operation<GetFederationTokenCommandInput, GetFederationTokenCommandOutput>({
  access: (ctx, input) => ({
    action: 'sts:GetFederationToken',
    resource: federatedArn(ctx, input.Name!),
    context: requestTagContext(tagsFrom(input.Tags)),
  }),
  run(ctx, input) {
    checkText(input.Name, 'name', 2, 32);
    checkDuration(input.DurationSeconds, 900, 129_600);
    const maker = makerOf(ctx, 'GetFederationToken');
    const policies = sessionPolicies(ctx, ctx.account, input);
    const tags = checkSessionTags(input.Tags);
    const arn = federatedArn(ctx, input.Name!);
    const session: Omit<Session, 'accessKeyId'> = {
      account: ctx.account,
      sessionName: input.Name!,
      ...maker,
      federatedUserArn: arn,
      issued: ctx.now,
      expires: expiryOf(ctx, input.DurationSeconds),
      ...policies,
      ...(Object.keys(tags).length ? { tags } : {}),
    };
    const packed = packedSize(input.Policy, policies.policyArns ?? [], tags);
    return {
      Credentials: issue(ctx, session),
      FederatedUser: { FederatedUserId: `${ctx.account}:${input.Name}`, Arn: arn },
      ...(packed === undefined ? {} : { PackedPolicySize: packed }),
    };
  },
});

function federatedArn(ctx: CallContext, name: string): string {
  return `arn:aws:sts::${ctx.account}:federated-user/${name}`;
}
