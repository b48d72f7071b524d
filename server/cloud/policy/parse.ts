import type { JsonNode } from './json-source.ts';
import { JsonSourceError, placeOf, readJson } from './json-source.ts';
import type { ParsedPolicy, PolicyDocument, PolicyKind, PolicyProblem } from './types.ts';
import { validatePolicy } from './validate.ts';

/**
 * Most characters of each kind, white space not counted; the narrowest quotas (2,048 for a user's inline policies,
 * 6,144 for a managed policy) are the calling operation's.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const MOST_CHARACTERS: Record<PolicyKind, number> = {
  identity: 10_240,
  trust: 4_096,
  resource: 32_768,
  endpoint: 20_480,
  scp: 10_240,
};

/** The request parameter `PolicyDocument` takes at most 131,072 characters; nothing longer is even read. */
const MOST_TEXT = 131_072;

/** The size that quotas count: "IAM doesn't count white space". */
export function policySize(text: string): number {
  let size = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) size++;
  }
  return size;
}

/**
 * Reads and checks a policy text. `problems` is empty for a policy that AWS would store; its first entry is the one
 * that AWS would answer (MalformedPolicyDocument). `document` is absent when there is any problem.
 */
export function parsePolicy(text: string, kind: PolicyKind): ParsedPolicy {
  if (text.length > MOST_TEXT || policySize(text) > MOST_CHARACTERS[kind]) {
    const message = `Maximum policy size of ${MOST_CHARACTERS[kind]} bytes exceeded.`;
    return { document: undefined, problems: [{ message, path: '' }] };
  }
  let root: JsonNode;
  try {
    root = readJson(text);
  } catch (error) {
    if (!(error instanceof JsonSourceError)) throw error;
    const problem = { message: invalidJson(kind), detail: error.message, path: '', ...placeOf(text, error.at) };
    return { document: undefined, problems: [problem] };
  }
  const problems: PolicyProblem[] = validatePolicy(root, kind).map(({ at, message, detail, path }) => ({
    message,
    ...(detail === undefined ? {} : { detail }),
    ...placeOf(text, at),
    path,
  }));
  return { document: problems.length === 0 ? (JSON.parse(text) as PolicyDocument) : undefined, problems };
}

function invalidJson(kind: PolicyKind): string {
  if (kind === 'resource') return "Policies must be valid JSON and the first byte must be '{'";
  return kind === 'trust' ? 'This policy contains invalid Json' : 'Syntax errors in policy.';
}
