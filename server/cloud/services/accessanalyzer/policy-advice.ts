import type { ValidatePolicyFindingType } from '@aws-sdk/client-accessanalyzer';
import { actionExists } from '../../policy/catalogue.ts';
import { globMatch } from '../../policy/index.ts';
import type { PolicyDocument, PolicyKind, Statement } from '../../policy/types.ts';

/** A finding about a policy that can be stored: what is wrong all the same. */
export interface Advice {
  type: ValidatePolicyFindingType;
  code: string;
  details: string;
  path: (string | number)[];
}

/**
 * Errors of content, security warnings, warnings and suggestions.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
 */
export async function adviceOn(document: PolicyDocument, kind: PolicyKind): Promise<Advice[]> {
  const out: Advice[] = [];
  if (document.Version === undefined)
    add(
      out,
      'WARNING',
      'MISSING_VERSION',
      'Add a Version element of 2012-10-17: without it, policy variables are not read.',
      [],
    );
  else if (document.Version === '2008-10-17')
    add(out, 'WARNING', 'POLICY_VARIABLES_OLD_VERSION', 'Version 2012-10-17 is newer, and reads policy variables.', [
      'Version',
    ]);
  const list = [document.Statement].flat();
  for (const [i, statement] of list.entries()) {
    const path = Array.isArray(document.Statement) ? ['Statement', i] : ['Statement'];
    await unknownActions(out, statement, path);
    if (statement.Effect === 'Allow') {
      rolesOfAnyKind(out, statement, path);
      strangers(out, statement, path, kind);
    }
    suggestions(out, statement, path);
  }
  return out;
}

function add(out: Advice[], type: Advice['type'], code: string, details: string, path: Advice['path']): void {
  out.push({ type, code, details, path });
}

const listOf = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat());

async function unknownActions(out: Advice[], statement: Statement, path: Advice['path']): Promise<void> {
  for (const element of ['Action', 'NotAction'] as const)
    for (const [i, action] of listOf(statement[element]).entries()) {
      if (action === '*' || /[*?]/.test(action) || (await actionExists(action))) continue;
      const at = Array.isArray(statement[element]) ? [...path, element, i] : [...path, element];
      add(out, 'ERROR', 'INVALID_ACTION', `The action ${action} does not exist.`, at);
    }
}

function rolesOfAnyKind(out: Advice[], statement: Statement, path: Advice['path']): void {
  const actions = listOf(statement.Action);
  const open = listOf(statement.Resource).some((resource) => resource === '*' || /:role\/\*$/.test(resource));
  const passed = Object.values(statement.Condition ?? {}).some((block) =>
    Object.keys(block).some((key) => key.toLowerCase() === 'iam:passedtoservice'),
  );
  const matches = (action: string) => actions.find((pattern) => globMatch(pattern.toLowerCase(), action));
  const pass = matches('iam:passrole');
  if (pass && open && !passed) {
    const star = pass.includes('*');
    const code = star ? 'PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE' : 'PASS_ROLE_WITH_STAR_IN_RESOURCE';
    const what = star ? 'Wildcards in action and resource allow' : 'A wildcard in the resource allows';
    const details = `${what} iam:PassRole on many roles. Name the roles, or add the condition key iam:PassedToService.`;
    add(out, 'SECURITY_WARNING', code, details, [...path, 'Resource']);
  }
  const linked = matches('iam:createservicelinkedrole');
  if (linked && !linked.includes('*') && open)
    add(
      out,
      'SECURITY_WARNING',
      'CREATE_SLR_WITH_STAR_IN_RESOURCE',
      'A wildcard in the resource allows iam:CreateServiceLinkedRole for every service. Name the roles.',
      [...path, 'Resource'],
    );
  if (statement.NotAction !== undefined && statement.NotResource !== undefined)
    add(
      out,
      'WARNING',
      'NOT_ACTION_WITH_NOT_RESOURCE',
      'Allow with NotAction and NotResource grants more than one sees. Name what is allowed.',
      path,
    );
}

const sourceKeys = ['aws:sourcearn', 'aws:sourceaccount', 'aws:sourceorgid', 'aws:sourceorgpaths'];
/** Services that act for the resources of any account. */
const crossService = new Set([
  's3',
  'sns',
  'events',
  'logs',
  'cloudtrail',
  'apigateway',
  'sqs',
  'config',
  'delivery.logs',
]);

function strangers(out: Advice[], statement: Statement, path: Advice['path'], kind: PolicyKind): void {
  if (statement.NotPrincipal !== undefined)
    add(
      out,
      'SECURITY_WARNING',
      'ALLOW_WITH_NOT_PRINCIPAL',
      'Allow with NotPrincipal lets in everybody who is not named. Use Principal.',
      [...path, 'NotPrincipal'],
    );
  if (typeof statement.Principal !== 'object' || kind !== 'resource') return;
  const limited = Object.values(statement.Condition ?? {}).some((block) =>
    Object.keys(block).some((key) => sourceKeys.includes(key.toLowerCase())),
  );
  const open = listOf(statement.Principal.Service).filter((name) =>
    crossService.has(name.replace(/\.amazonaws\.com$/, '')),
  );
  if (open.length && !limited)
    add(
      out,
      'SECURITY_WARNING',
      'RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL',
      `${open[0]} acts for resources of every account. Add aws:SourceArn, aws:SourceAccount or aws:SourceOrgID.`,
      [...path, 'Principal', 'Service'],
    );
}

function suggestions(out: Advice[], statement: Statement, path: Advice['path']): void {
  if (statement.Sid === '')
    add(out, 'SUGGESTION', 'EMPTY_SID_VALUE', 'The Sid is empty: name the statement, or leave it out.', [
      ...path,
      'Sid',
    ]);
  for (const element of ['Action', 'Resource'] as const) {
    const all = listOf(statement[element]).slice(0, 200);
    for (const [i, text] of all.entries()) {
      // A pattern that covers another one, character by character, makes it redundant.
      const other = all.find(
        (wide, j) => j !== i && !wide.includes('?') && globMatch(wide, text) && (wide !== text || j < i),
      );
      if (other === undefined) continue;
      const code = `REDUNDANT_${element.toUpperCase()}`;
      add(out, 'SUGGESTION', code, `${text} is covered by ${other}.`, [...path, element, i]);
    }
  }
  if (statement.Condition && Object.keys(statement.Condition).length === 0)
    add(out, 'SUGGESTION', 'EMPTY_OBJECT_CONDITION', 'The condition is empty: fill it, or leave it out.', [
      ...path,
      'Condition',
    ]);
}
