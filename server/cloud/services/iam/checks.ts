import { AwsError } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import type { Tags } from '../../tags.ts';
import { tagsFrom } from '../../tags.ts';

/**
 * What IAM refuses before it looks anything up, in its words.
 * Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html (patterns),
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html (limits)
 */

const NAME = /^[\w+=,.@-]+$/;
const PATH = /^\/(?:[\x21-\x7e]+\/)?$/;

export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message, 400);
}

export function noSuchEntity(message: string): AwsError {
  return new AwsError('NoSuchEntity', message, 404);
}

export function alreadyExists(message: string): AwsError {
  return new AwsError('EntityAlreadyExists', message, 409);
}

export function limitExceeded(message: string): AwsError {
  return new AwsError('LimitExceeded', message, 409);
}

export function deleteConflict(message: string): AwsError {
  return new AwsError('DeleteConflict', message, 409);
}

function constraint(member: string, text: string): AwsError {
  return validationError(`1 validation error detected: Value at '${member}' failed to satisfy constraint: ${text}`);
}

/** A name such as `roleName`; `most` characters at most. */
export function checkName(member: string, name: string, most: number): void {
  if (name.length === 0) throw constraint(member, 'Member must have length greater than or equal to 1');
  if (name.length > most) throw constraint(member, `Member must have length less than or equal to ${most}`);
  if (NAME.test(name)) return;
  throw validationError(
    `The specified value for ${member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
  );
}

/** Fills in the default `/`. Paths that AWS keeps for itself are refused. */
export function checkPath(path: string | undefined, member = 'path'): string {
  if (path === undefined || path === '/') return '/';
  if (path.length > 512) throw constraint(member, 'Member must have length less than or equal to 512');
  if (!PATH.test(path) || path.includes('//')) {
    throw validationError(
      `The specified value for ${member} is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.`,
    );
  }
  return path;
}

/** Paths of roles that only AWS makes and changes. */
export function isProtectedPath(path: string): boolean {
  return path.startsWith('/aws-service-role/') || path.startsWith('/aws-reserved/');
}

export function checkNoReservedPath(path: string, member = 'path'): void {
  if (isProtectedPath(path))
    throw validationError(`The specified value for ${member} is invalid. The path ${path} is reserved for AWS.`);
}

/** A prefix that a list is limited to; `/` by default. */
export function pathPrefix(prefix: string | undefined): string {
  if (prefix === undefined) return '/';
  if (!prefix.startsWith('/') || prefix.length > 512)
    throw validationError('The specified value for pathPrefix is invalid. It must begin with the / character.');
  return prefix;
}

export function checkRange(member: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined) return;
  const detected = `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must have value`;
  if (value < least) throw validationError(`${detected} greater than or equal to ${least}`);
  if (value > most) throw validationError(`${detected} less than or equal to ${most}`);
}

const DESCRIPTION = /^[\t\n\r\x20-\x7e\xa1-\xff]*$/;

export function checkDescription(text: string | undefined): void {
  if (text === undefined) return;
  if (text.length > 1000) throw constraint('description', 'Member must have length less than or equal to 1000');
  if (!DESCRIPTION.test(text))
    throw constraint(
      'description',
      'Member must satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*',
    );
}

const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const TAG_PATTERN = 'Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+';

/** `[{Key, Value}]` to a record. Keys differ in more than case. */
export function checkTags(list: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined): Tags {
  const seen = new Set<string>();
  for (const [index, { Key = '', Value = '' }] of (list ?? []).entries()) {
    const at = `tags.${index + 1}.member`;
    if (Key.length < 1) throw constraint(`${at}.key`, 'Member must have length greater than or equal to 1');
    if (Key.length > 128) throw constraint(`${at}.key`, 'Member must have length less than or equal to 128');
    if (Value.length > 256) throw constraint(`${at}.value`, 'Member must have length less than or equal to 256');
    if (!TAG_TEXT.test(Key)) throw constraint(`${at}.key`, TAG_PATTERN);
    if (!TAG_TEXT.test(Value)) throw constraint(`${at}.value`, TAG_PATTERN);
    if (Key.toLowerCase().startsWith('aws:'))
      throw new AwsError('InvalidInput', 'Tag keys that begin with aws: are reserved for AWS use.');
    if (seen.has(Key.toLowerCase()))
      throw new AwsError('InvalidInput', 'Duplicate tag keys found. Please note that Tag keys are case insensitive.');
    seen.add(Key.toLowerCase());
  }
  if (seen.size > 50) throw tooManyTags();
  return tagsFrom(list);
}

/** The tags after a Tag… call; a key in another case is the same key, and takes the new spelling. */
export function mergeTags(old: Tags, more: Tags): Tags {
  const changed = new Set(Object.keys(more).map((key) => key.toLowerCase()));
  const kept = Object.entries(old).filter(([key]) => !changed.has(key.toLowerCase()));
  const merged = Object.fromEntries([...kept, ...Object.entries(more)]);
  if (Object.keys(merged).length > 50) throw tooManyTags();
  return merged;
}

/** The tags after an Untag… call. */
export function withoutTags(old: Tags, keys: readonly string[]): Tags {
  const gone = new Set(keys.map((key) => key.toLowerCase()));
  return Object.fromEntries(Object.entries(old).filter(([key]) => !gone.has(key.toLowerCase())));
}

function tooManyTags(): AwsError {
  return limitExceeded('The number of tags has reached the maximum limit.');
}

export interface PageInput {
  Marker?: string | undefined;
  MaxItems?: number | undefined;
}

/** IAM's pages: `MaxItems` of 1 to 1,000, by default 100. Items are ordered by `keyOf` here. */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { Marker, MaxItems }: PageInput,
): { page: T[]; rest: { IsTruncated: boolean; Marker?: string } } {
  checkRange('maxItems', MaxItems, 1, 1000);
  const sorted = [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0));
  const invalid = { code: 'ValidationError', message: 'Invalid Marker.' };
  const { page, next } = paginate(sorted, keyOf, { token: Marker, limit: MaxItems ?? 100, max: 1000, invalid });
  return { page, rest: { IsTruncated: next !== undefined, ...(next ? { Marker: next } : {}) } };
}

/** Names are unique in any case, and an account has only so many. */
export function checkUnique(
  taken: readonly string[],
  name: string,
  message: string,
  quota: { name: string; most: number },
): void {
  const lower = name.toLowerCase();
  if (taken.some((one) => one.toLowerCase() === lower)) throw alreadyExists(message);
  if (taken.length >= quota.most) throw limitExceeded(`Cannot exceed quota for ${quota.name}: ${quota.most}`);
}

/** Quotas of an account. */
export const quotas = {
  users: { name: 'UsersPerAccount', most: 5000 },
  groups: { name: 'GroupsPerAccount', most: 300 },
  roles: { name: 'RolesPerAccount', most: 1000 },
  instanceProfiles: { name: 'InstanceProfilesPerAccount', most: 1000 },
};
