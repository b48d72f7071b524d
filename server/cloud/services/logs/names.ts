import type { Access, CallContext, ConditionContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import type { Scope } from '../../state/table.ts';
import { resourceTagContext } from '../../tags.ts';
import { logGroupArn, logGroups, logStreamArn } from './store.ts';

export const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterException', message);

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html */
export function checkGroupName(name: string): void {
  if (!/^[.\-_/#A-Za-z0-9]{1,512}$/.test(name))
    throw invalidParameter(
      `1 validation error detected: Value '${name.slice(0, 600)}' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+`,
    );
}

export function checkStreamName(name: string): void {
  if (!/^[^:*]{1,512}$/.test(name))
    throw invalidParameter(
      `1 validation error detected: Value '${name.slice(0, 600)}' at 'logStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*`,
    );
}

/** A group and the account that owns it. */
export interface GroupPlace extends Scope {
  name: string;
}

/** The group that a request names, by its name or by an identifier that may be an ARN. */
export function placeOf(
  ctx: CallContext,
  input: { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined },
): GroupPlace {
  const { logGroupName, logGroupIdentifier } = input;
  if (logGroupName !== undefined && logGroupIdentifier !== undefined)
    throw invalidParameter('LogGroup name and LogGroup ARN are mutually exclusive parameters.');
  const named = logGroupIdentifier ?? logGroupName;
  if (named === undefined) throw invalidParameter('Either logGroupName or logGroupIdentifier is required.');
  if (logGroupIdentifier?.startsWith('arn:')) return placeOfArn(logGroupIdentifier);
  return { account: ctx.account, region: ctx.region, name: named };
}

/** @throws InvalidParameterException for what is no ARN of a log group */
export function placeOfArn(arn: string): GroupPlace {
  const parts = /^arn:aws:logs:([a-z0-9-]+):(\d{12}):log-group:([.\-_/#A-Za-z0-9]{1,512})(?::\*)?$/.exec(
    arn.slice(0, 700),
  );
  if (!parts) throw invalidParameter('The specified resource ARN is invalid.');
  return { region: parts[1]!, account: parts[2]!, name: parts[3]! };
}

/** The question about an action on a group, or on one of its streams. */
export function groupAccess(
  ctx: CallContext,
  action: string,
  place: GroupPlace,
  stream = '',
  context: ConditionContext = {},
): Access {
  return {
    action,
    resource: logStreamArn(place, place.name, stream),
    resourceAccount: place.account,
    context: { ...resourceTagContext(ctx.state.get(logGroups, place, place.name)?.tags), ...context },
  };
}

/** The question about tags: of the group's bare ARN. */
export function tagAccess(ctx: CallContext, action: string, place: GroupPlace, context: ConditionContext = {}): Access {
  return { ...groupAccess(ctx, action, place, '', context), resource: logGroupArn(place, place.name) };
}

/** Actions on no group in particular are asked of an ARN without a name, which `arn:aws:logs:REGION:ACCOUNT:*` covers. */
export const accountAccess = (ctx: CallContext, action: string): Access => ({
  action,
  resource: logStreamArn(ctx, ''),
});
