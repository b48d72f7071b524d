import type { JsonNode } from './json-source.ts';
import type { PolicyKind } from './types.ts';
import type { Fault, Report } from './validate-report.ts';
import { member, STAGE } from './validate-report.ts';
import { checkStatement } from './validate-statement.ts';

/**
 * The checks of IAM's policy grammar, in the order in which AWS reports them, with AWS's wordings.
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html ,
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html (wordings of resource policies)
 */

const TOP = new Set(['Version', 'Id', 'Statement']);

/** All faults, the one that AWS would report first. */
export function validatePolicy(root: JsonNode, kind: PolicyKind): Fault[] {
  const faults: Fault[] = [];
  const add: Report['add'] = (stage, node, path, message, detail) =>
    faults.push({ stage, at: node.at, path, message, ...(detail === undefined ? {} : { detail }) });
  const syntax: Report['syntax'] = (node, path, detail) => add(STAGE.syntax, node, path, syntaxWords(kind), detail);
  const report: Report = { kind, add, syntax };
  findDuplicates(root, '', report);
  if (root.kind !== 'object') syntax(root, '', 'a policy is an object');
  else checkDocument(root, report);
  return faults.sort((a, b) => a.stage - b.stage || a.at - b.at);
}

function syntaxWords(kind: PolicyKind): string {
  return kind === 'resource' ? 'Policy has invalid syntax' : 'Syntax errors in policy.';
}

/** "Duplicate keys" make a document mean two things: AWS refuses it. */
function findDuplicates(node: JsonNode, path: string, report: Report): void {
  if (node.kind === 'array') {
    for (const [i, item] of node.items.entries()) findDuplicates(item, `${path}[${i}]`, report);
  } else if (node.kind === 'object') {
    const seen = new Set<string>();
    for (const { key, at, value } of node.members) {
      const inner = path === '' ? key : `${path}.${key}`;
      if (seen.has(key)) report.syntax({ at }, inner, `the key "${key}" is written twice`);
      seen.add(key);
      findDuplicates(value, inner, report);
    }
  }
}

function checkDocument(root: JsonNode & { kind: 'object' }, report: Report): void {
  for (const { key, at } of root.members) {
    if (TOP.has(key)) continue;
    if (report.kind === 'trust' || report.kind === 'resource')
      report.add(STAGE.syntax, { at }, key, `Unknown field ${key}`);
    else report.syntax({ at }, key, `unknown element "${key}"`);
  }
  checkVersion(root, report);
  const id = member(root, 'Id');
  if (id && id.kind !== 'string') report.syntax(id, 'Id', 'Id must be a text');
  checkStatements(root, report);
}

function checkVersion(root: JsonNode & { kind: 'object' }, report: Report): void {
  const version = member(root, 'Version');
  const text = version?.kind === 'string' ? version.value : undefined;
  if (version && text !== '2012-10-17' && text !== '2008-10-17') {
    report.syntax(version, 'Version', 'Version must be "2012-10-17"');
  } else if (text !== '2012-10-17' && (report.kind === 'identity' || report.kind === 'scp')) {
    const message = 'Policy document must be version 2012-10-17 or greater.';
    report.add(STAGE.version, version ?? root, 'Version', message);
  }
}

function checkStatements(root: JsonNode & { kind: 'object' }, report: Report): void {
  const statements = member(root, 'Statement');
  if (!statements) {
    if (report.kind === 'trust' || report.kind === 'resource') {
      report.add(STAGE.syntax, root, 'Statement', 'Missing required field Statement');
    } else report.syntax(root, 'Statement', 'Statement is missing');
    return;
  }
  const list = statements.kind === 'array' ? statements.items : [statements];
  if (list.length === 0) report.syntax(statements, 'Statement', 'Statement is empty');
  const sids = new Set<string>();
  for (const [i, statement] of list.entries()) {
    const path = statements.kind === 'array' ? `Statement[${i}]` : 'Statement';
    if (statement.kind !== 'object') {
      report.syntax(statement, path, 'a statement is an object');
      continue;
    }
    checkStatement(statement, path, report);
    checkSid(statement, path, sids, report);
  }
}

function checkSid(statement: JsonNode & { kind: 'object' }, path: string, sids: Set<string>, report: Report): void {
  const sid = member(statement, 'Sid');
  if (!sid) return;
  if (sid.kind !== 'string') {
    report.syntax(sid, `${path}.Sid`, 'Sid must be a text');
    return;
  }
  if (sid.value !== '' && sids.has(sid.value)) {
    report.add(STAGE.sid, sid, `${path}.Sid`, 'Statement IDs (SID) in a single policy must be unique.');
  }
  sids.add(sid.value);
  if ((report.kind === 'identity' || report.kind === 'scp') && !/^[0-9A-Za-z]*$/.test(sid.value)) {
    const message =
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*';
    report.add(STAGE.sid, sid, `${path}.Sid`, message);
  }
}
