import type { AssumeRoleCommandInput, AssumeRoleCommandOutput } from '@aws-sdk/client-sts';
import { type Access, type CallContext, type ConditionContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import type { Session } from '../../session.ts';
import type { Tags } from '../../tags.ts';
import { requestTagContext, tagsFrom } from '../../tags.ts';
import { iamTagContext } from '../iam/identities.ts';
import { trustPolicy } from '../iam/service-roles.ts';
import { findRoleByArn, parseIamArn } from '../iam/tables.ts';
import {
  accessDenied,
  checkDuration,
  checkSessionTags,
  checkText,
  EXTERNAL_ID,
  packedSize,
  sessionPolicies,
  validationError,
} from './checks.ts';

/**
 * AssumeRole. The trust policy must allow by itself: it names the caller, or the caller's account and the caller's own
 * policies allow the rest. Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export const AssumeRole = operation<AssumeRoleCommandInput, AssumeRoleCommandOutput>({
  access(ctx, input) {
    checkInput(input);
    if (ctx.caller.principal.type === 'root') throw accessDenied('Roles may not be assumed by root accounts.');
    const role = findRoleByArn(ctx.cloud.iamSeen(ctx.state), input.RoleArn!);
    const sourceIdentity = sourceIdentityOf(ctx, input);
    const inherited = inheritedTags(ctx);
    const tags = { ...inherited, ...tagsFrom(input.Tags) };
    const transitive = [...new Set([...Object.keys(inherited), ...(input.TransitiveTagKeys ?? [])])];
    const context: ConditionContext = {
      ...iamTagContext(role?.tags),
      ...requestTagContext(tags),
      'sts:RoleSessionName': input.RoleSessionName!,
      ...(input.ExternalId === undefined ? {} : { 'sts:ExternalId': input.ExternalId }),
      ...(sourceIdentity === undefined ? {} : { 'sts:SourceIdentity': sourceIdentity }),
      ...(transitive.length ? { 'sts:TransitiveTagKeys': transitive } : {}),
    };
    const ask = (action: string): Access => ({
      action,
      resource: input.RoleArn!,
      resourceAccount: parseIamArn(input.RoleArn!)!.account,
      context,
      // A role that does not exist trusts nobody: the answer is the same refusal.
      resourcePolicy: role ? [trustPolicy(role)] : [],
      resourcePolicyMustAllow: true,
    });
    return [
      ask('sts:AssumeRole'),
      ...(Object.keys(tags).length ? [ask('sts:TagSession')] : []),
      ...(sourceIdentity === undefined ? [] : [ask('sts:SetSourceIdentity')]),
    ];
  },

  run(ctx, input) {
    const role = findRoleByArn(ctx.state, input.RoleArn!)!;
    const { account } = parseIamArn(role.arn)!;
    const duration = durationOf(ctx, input.DurationSeconds, role.maxSessionDuration);
    const policies = sessionPolicies(ctx, account, input);
    const inherited = inheritedTags(ctx);
    const passed = checkSessionTags(input.Tags);
    const tags = withInherited(passed, inherited);
    const transitive = transitiveKeys(input.TransitiveTagKeys ?? [], passed, inherited);
    const sourceIdentity = sourceIdentityOf(ctx, input);
    const sessionName = input.RoleSessionName!;
    const expires = ctx.now + duration * 1000;
    const session: Omit<Session, 'accessKeyId'> = {
      account,
      roleArn: role.arn,
      sessionName,
      ...(ctx.caller.person === undefined ? {} : { person: ctx.caller.person }),
      principalId: role.roleId,
      issued: ctx.now,
      expires,
      ...policies,
      ...(Object.keys(tags).length ? { tags } : {}),
      ...(transitive.length ? { transitiveTagKeys: transitive } : {}),
      ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    };
    const credentials = ctx.cloud.issueSession(session);
    const packed = packedSize(input.Policy, policies.policyArns ?? [], tags);
    return {
      Credentials: {
        AccessKeyId: credentials.accessKeyId,
        SecretAccessKey: credentials.secretAccessKey,
        SessionToken: credentials.sessionToken,
        Expiration: new Date(expires),
      },
      AssumedRoleUser: {
        AssumedRoleId: `${role.roleId}:${sessionName}`,
        Arn: `arn:aws:sts::${account}:assumed-role/${role.roleName}/${sessionName}`,
      },
      ...(packed === undefined ? {} : { PackedPolicySize: packed }),
      ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
    };
  },
});

const ANY = {
  source: '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD]+',
  test: /^[\s\S]*$/,
};

function checkInput(input: AssumeRoleCommandInput): void {
  checkText(input.RoleArn, 'roleArn', 20, 2048, ANY);
  checkText(input.RoleSessionName, 'roleSessionName', 2, 64);
  checkText(input.ExternalId, 'externalId', 2, 1224, EXTERNAL_ID);
  checkText(input.SourceIdentity, 'sourceIdentity', 2, 64);
  checkDuration(input.DurationSeconds, 900, 43_200);
  if (parseIamArn(input.RoleArn!)?.kind !== 'role')
    throw validationError(`${input.RoleArn!.slice(0, 2048)} is invalid`);
  if (input.SerialNumber !== undefined || input.TokenCode !== undefined)
    throw accessDenied('MultiFactorAuthentication failed with invalid MFA one time pass code.');
}

function durationOf(ctx: CallContext, asked: number | undefined, most: number): number {
  const duration = asked ?? 3600;
  if (ctx.caller.principal.type === 'role' && duration > 3600) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  }
  if (duration > most)
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  return duration;
}

/** "After the source identity is set, the value cannot be changed", and it goes on through chained roles. */
function sourceIdentityOf(ctx: CallContext, input: AssumeRoleCommandInput): string | undefined {
  const inherited = ctx.caller.context['aws:SourceIdentity'];
  if (typeof inherited !== 'string') return input.SourceIdentity;
  if (input.SourceIdentity !== undefined && input.SourceIdentity !== inherited)
    throw accessDenied(`User: ${ctx.caller.principal.arn} is not authorized to perform: sts:SetSourceIdentity`);
  return inherited;
}

/** Tags of the calling session that go on to every role assumed from it. */
function inheritedTags(ctx: CallContext): Tags {
  const keys = ctx.caller.transitiveTagKeys ?? [];
  return Object.fromEntries(keys.map((key) => [key, String(ctx.caller.context[`aws:PrincipalTag/${key}`] ?? '')]));
}

function withInherited(passed: Tags, inherited: Tags): Tags {
  const fixed = new Set(Object.keys(inherited).map((key) => key.toLowerCase()));
  if (Object.keys(passed).some((key) => fixed.has(key.toLowerCase()))) {
    throw new AwsError(
      'InvalidParameterValue',
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  }
  return { ...inherited, ...passed };
}

function transitiveKeys(keys: readonly string[], passed: Tags, inherited: Tags): string[] {
  for (const key of keys) {
    if (!Object.hasOwn(passed, key))
      throw new AwsError(
        'InvalidParameterValue',
        'The specified transitive tag key must be included in the requested tags.',
      );
  }
  return [...new Set([...Object.keys(inherited), ...keys])];
}
