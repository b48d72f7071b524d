import { parsePolicy } from '../policy/parse.ts';
import type { PolicyDocument, PolicyKind } from '../policy/types.ts';
import type { Source } from './types.ts';

/** AWS would not have stored this policy: what it allows, nobody can say. */
class MalformedPolicy extends Error {
  override readonly name = 'MalformedPolicy';
}

/**
 * A policy that an endpoint gave back, checked as AWS checks it. Emulators store texts that AWS refuses, which the policy
 * engine cannot read: they go to the report, and the record does without them.
 * @param what for the report: "the trust policy of role worker"
 */
export async function soundPolicy(
  source: Source,
  what: string,
  text: string | undefined,
  kind: PolicyKind,
): Promise<{ text: string; document: PolicyDocument } | undefined> {
  if (text === undefined || text === '') return undefined;
  const { document, problems } = parsePolicy(text, kind);
  if (document) return { text, document };
  return source.read(what, () => Promise.reject(new MalformedPolicy(problems[0]?.message)));
}

/** IAM's documents are URL-encoded; emulators leave some as they are. */
export function decodedDocument(text: string | undefined): string | undefined {
  return text === undefined || text.trimStart().startsWith('{') ? text : decodeURIComponent(text);
}
