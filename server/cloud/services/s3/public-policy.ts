import type { PolicyDocument, Statement } from '../../policy/types.ts';

/**
 * Whether S3 calls a bucket policy public: some statement allows somebody who is not fixed.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html ("The meaning of public")
 */
export function isPublicPolicy(document: PolicyDocument): boolean {
  return [document.Statement].flat().some((statement) => statement.Effect === 'Allow' && isPublicStatement(statement));
}

/** Does an allowing statement allow somebody who is not fixed? */
export function isPublicStatement(statement: Statement): boolean {
  const { Principal, NotPrincipal } = statement;
  // Everybody but some is never fixed.
  if (NotPrincipal === undefined && Principal !== undefined && !isAnybody(Principal)) return false;
  return !isLimited(statement);
}

function isAnybody(principal: NonNullable<Statement['Principal']>): boolean {
  if (typeof principal === 'string') return true;
  return Object.values(principal).some((values) => [values].flat().some((value) => value.includes('*')));
}

/** Keys whose fixed value narrows a statement to somebody known. */
const narrowing = new Set([
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:principalaccount',
  'aws:principalarn',
  'aws:sourcearn',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:sourceowner',
  'aws:sourceaccount',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
  'aws:userid',
  's3:x-amz-server-side-encryption-aws-kms-key-id',
  's3:dataaccesspointarn',
  's3:dataaccesspointaccount',
]);

const positive = /^(forallvalues:|foranyvalue:)?(stringequals|stringequalsignorecase|stringlike|arnequals|arnlike)$/;

function isLimited(statement: Statement): boolean {
  for (const [operator, block] of Object.entries(statement.Condition ?? {})) {
    const name = operator.toLowerCase();
    for (const [writtenKey, values] of Object.entries(block)) {
      const key = writtenKey.toLowerCase();
      const texts = [values].flat().map(String);
      if (name === 'ipaddress' && key === 'aws:sourceip' && texts.every(isNarrowNetwork)) return true;
      // ForAllValues and IfExists also let requests without the key in.
      if (!positive.test(name) || name.startsWith('forallvalues:') || !narrowing.has(key)) continue;
      if (texts.length > 0 && texts.every((text) => isFixed(key, text))) return true;
    }
  }
  return false;
}

/** "A fixed value is one that doesn't contain a wildcard or a policy variable"; some keys may have one after the part that counts. */
function isFixed(key: string, value: string): boolean {
  if (value.includes('${')) return false;
  if (key === 'aws:sourcearn' || key === 'aws:principalarn' || key === 's3:dataaccesspointarn') {
    const [, , service = '*', , account = '*'] = value.split(':');
    if (/^[0-9]{12}$/.test(account)) return true;
    return !/[*?]/.test(value) && service !== '*';
  }
  if (key === 'aws:userid') return !/[*?]/.test(value.split(':')[0]!) && value !== '*';
  if (key === 'aws:principalorgpaths' || key === 'aws:sourceorgpaths') return /^o-[^*?]/.test(value);
  return value !== '' && !/[*?]/.test(value);
}

/** Networks wider than /8 (IPv4) or /32 (IPv6) count as everybody; private ones do not. */
function isNarrowNetwork(text: string): boolean {
  const [address = '', bits] = text.split('/') as [string, string?];
  if (text.includes('${')) return false;
  if (address.includes(':')) return bits === undefined || Number(bits) >= 32;
  return bits === undefined || Number(bits) >= 8;
}
