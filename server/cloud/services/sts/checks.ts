import type { CallContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import type { Tags } from '../../tags.ts';
import { tagsFrom } from '../../tags.ts';
import { managedPolicy } from '../iam/identity.ts';
import { checkPolicyText } from '../iam/texts.ts';

/** What STS refuses in a request for credentials. Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */

export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message, 400);
}

export function accessDenied(message: string): AwsError {
  return new AwsError('AccessDenied', message, 403);
}

function constraint(value: string, member: string, text: string): AwsError {
  const shown = value.length > 200 ? `${value.slice(0, 200)}…` : value;
  return validationError(
    `1 validation error detected: Value '${shown}' at '${member}' failed to satisfy constraint: Member must ${text}`,
  );
}

/** A text of `least` to `most` characters out of a set, such as `[\w+=,.@-]*`. */
export function checkText(
  value: string | undefined,
  member: string,
  least: number,
  most: number,
  pattern: { source: string; test: RegExp } = NAME,
): void {
  if (value === undefined) return;
  if (value.length < least) throw constraint(value, member, `have length greater than or equal to ${least}`);
  if (value.length > most) throw constraint(value, member, `have length less than or equal to ${most}`);
  if (!pattern.test.test(value))
    throw constraint(value, member, `satisfy regular expression pattern: ${pattern.source}`);
}

const NAME = { source: '[\\w+=,.@-]*', test: /^[\w+=,.@-]*$/ };
export const EXTERNAL_ID = { source: '[\\w+=,.@:\\/-]*', test: /^[\w+=,.@:/-]*$/ };

/** Seconds. */
export function checkDuration(value: number | undefined, least: number, most: number): void {
  if (value === undefined) return;
  if (value < least) throw constraint(String(value), 'durationSeconds', `have value greater than or equal to ${least}`);
  if (value > most) throw constraint(String(value), 'durationSeconds', `have value less than or equal to ${most}`);
}

interface PolicyInput {
  Policy?: string | undefined;
  PolicyArns?: readonly { arn?: string | undefined }[] | undefined;
}

/** Session policies: one text of at most 2,048 characters, and up to ten managed policies of the account. */
export function sessionPolicies(
  ctx: CallContext,
  account: string,
  { Policy, PolicyArns }: PolicyInput,
): { policies?: string[]; policyArns?: string[] } {
  if (Policy !== undefined) {
    if (Policy.length > 2048) throw constraint(Policy, 'policy', 'have length less than or equal to 2048');
    checkPolicyText(Policy, 'identity');
  }
  const arns = (PolicyArns ?? []).map(({ arn }) => arn ?? '');
  if (arns.length > 10)
    throw constraint(`${arns.length} members`, 'policyArns', 'have length less than or equal to 10');
  for (const arn of arns) {
    const owner = arn.split(':')[4];
    if ((owner !== account && owner !== 'aws') || !managedPolicy(ctx.state, arn))
      throw validationError(`The specified policy ARN is invalid: ${arn.slice(0, 200)}`);
  }
  return { ...(Policy === undefined ? {} : { policies: [Policy] }), ...(arns.length ? { policyArns: arns } : {}) };
}

const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Session tags: at most 50, whose keys differ in more than case. */
export function checkSessionTags(
  list: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
): Tags {
  const seen = new Set<string>();
  for (const { Key = '', Value = '' } of list ?? []) {
    if (Key.length < 1 || Key.length > 128 || !TAG_TEXT.test(Key)) throw constraint(Key, 'tags.key', 'be a tag key');
    if (Value.length > 256 || !TAG_TEXT.test(Value)) throw constraint(Value, 'tags.value', 'be a tag value');
    if (Key.toLowerCase().startsWith('aws:'))
      throw new AwsError('InvalidParameterValue', 'Tag keys that begin with aws: are reserved for AWS use.');
    if (seen.has(Key.toLowerCase()))
      throw new AwsError(
        'InvalidParameterValue',
        'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
      );
    seen.add(Key.toLowerCase());
  }
  if (seen.size > 50) throw constraint(`${seen.size} members`, 'tags', 'have length less than or equal to 50');
  return tagsFrom(list);
}

/** Bytes of policies and tags that a session token takes: a token must fit into a request's headers. */
const MOST_PACKED = 8192;

/**
 * How full the session token is, in percent; undefined when nothing was passed.
 * differs from AWS: AWS packs policies and tags in a binary form of its own; here their plain size counts.
 * @throws AwsError PackedPolicyTooLarge
 */
export function packedSize(policy: string | undefined, arns: readonly string[], tags: Tags): number | undefined {
  if (policy === undefined && arns.length === 0 && Object.keys(tags).length === 0) return undefined;
  const percent = Math.ceil((Buffer.byteLength(JSON.stringify([policy, arns, tags])) * 100) / MOST_PACKED);
  if (percent > 100) {
    const message = `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`;
    throw new AwsError('PackedPolicyTooLarge', message, 400);
  }
  return percent;
}
