import type { CallContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { placeOf, readJson } from '../../policy/json-source.ts';
import { parsePolicy } from '../../policy/parse.ts';
import type { DecidedBy, NamedPolicy, PolicyKind } from '../../policy/types.ts';
import { findAwsManagedPolicy } from './aws-managed.ts';
import { policyDocument } from './documents.ts';
import { findIdentity, type Identities, type Kind, nameOf } from './identities.ts';
import { policies } from './tables.ts';

/** A policy of a simulation: its name is the SourcePolicyId of AWS's answers. */
export interface SourcePolicy extends NamedPolicy {
  text: string;
}

/** Policies that the request brings: `PolicyInputList.1` … */
export function inputPolicies(list: readonly string[] | undefined, name: string, kind: PolicyKind = 'identity') {
  return (list ?? []).map((text, index): SourcePolicy => {
    const { document, problems } = parsePolicy(text, kind);
    const id = name.endsWith('List') ? `${name}.${index + 1}` : name;
    if (!document) throw new AwsError('InvalidInput', `${id}: ${problems[0]?.message ?? 'Syntax errors in policy.'}`);
    return { name: id, text, document: policyDocument(text) };
  });
}

/** The policies of a user (with those of its groups), a group or a role. */
export function identityPolicies(ctx: CallContext, kind: Kind, record: Identities[Kind]): SourcePolicy[] {
  const own = record.inline.map(({ name, document }) => ({
    name: `${kind}_${nameOf(record)}_${name}`,
    text: document,
    document: policyDocument(document),
  }));
  const attached = record.attached.map((arn) => managedSource(ctx, arn)).filter((policy) => policy !== undefined);
  const groups = 'groups' in record ? record.groups : [];
  const inherited = groups.flatMap((name) => {
    const group = findIdentity(ctx, 'group', name);
    return group ? identityPolicies(ctx, 'group', group) : [];
  });
  return [...own, ...attached, ...inherited];
}

/** The default version of a managed policy; undefined when it is gone. */
export function managedSource(ctx: CallContext, arn: string): SourcePolicy | undefined {
  const theirs = findAwsManagedPolicy(arn);
  if (theirs) return { name: theirs.policyName, text: theirs.document, document: theirs.named.document };
  const own = ctx.state.get(policies, ctx, arn);
  const version = own?.versions.find(({ versionId }) => versionId === own.defaultVersionId);
  if (!own || !version) return undefined;
  return { name: own.policyName, text: version.document, document: policyDocument(version.document) };
}

interface Place {
  Line: number;
  Column: number;
}

/** Where the statement that decided stands in its policy's text; undefined when it is not found. */
export function placesOf(
  source: SourcePolicy,
  by: DecidedBy,
): { StartPosition: Place; EndPosition: Place } | undefined {
  const root = readJson(source.text);
  if (root.kind !== 'object') return undefined;
  const statements = root.members.find(({ key }) => key === 'Statement')?.value;
  if (!statements) return undefined;
  const list = statements.kind === 'array' ? statements.items : [statements];
  const label = (index: number): string => {
    const node = list[index]!;
    const sid = node.kind === 'object' ? node.members.find(({ key }) => key === 'Sid')?.value : undefined;
    return sid?.kind === 'string' && sid.value !== '' ? sid.value : `#${index}`;
  };
  const found = list.findIndex((_, index) => label(index) === by.statement);
  if (found < 0) return undefined;
  const { at } = list[found]!;
  return { StartPosition: place(source.text, at), EndPosition: place(source.text, endOfObject(source.text, at)) };
}

function place(text: string, at: number): Place {
  const { line, column } = placeOf(text, at);
  return { Line: line, Column: column };
}

/** The offset after the brace that closes the object which begins at `at`. */
function endOfObject(text: string, at: number): number {
  let depth = 0;
  let quoted = false;
  for (let i = at; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === '\\') i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === '{') depth++;
    else if (c === '}' && --depth === 0) return i + 1;
  }
  return text.length;
}
