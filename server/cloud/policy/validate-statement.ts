import type { JsonNode } from './json-source.ts';
import { readOperator } from './operators.ts';
import { validatePrincipal } from './validate-principal.ts';
import type { Report } from './validate-report.ts';
import { member, STAGE } from './validate-report.ts';
import { checkActionText, checkResourceText } from './validate-text.ts';
import { readDate } from './values.ts';

type ObjectNode = JsonNode & { kind: 'object' };
type StringNode = JsonNode & { kind: 'string' };

const ELEMENTS = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);

/** Checks one statement; its Sid is the document's matter. */
export function checkStatement(statement: ObjectNode, path: string, report: Report): void {
  for (const { key, at } of statement.members) {
    if (ELEMENTS.has(key)) continue;
    if (named(report)) report.add(STAGE.syntax, { at }, `${path}.${key}`, `Unknown field ${key}`);
    else report.syntax({ at }, `${path}.${key}`, `unknown element "${key}"`);
  }
  for (const name of ['Action', 'Resource', 'Principal']) {
    const not = member(statement, `Not${name}`);
    if (not && member(statement, name)) {
      report.syntax(not, `${path}.Not${name}`, `a statement has ${name} or Not${name}, not both`);
    }
  }
  checkEffect(statement, path, report);
  checkPrincipal(statement, path, report);
  checkActions(statement, path, report);
  checkResources(statement, path, report);
  const condition = member(statement, 'Condition');
  if (condition) checkCondition(condition, `${path}.Condition`, report);
}

/** These policy types name the field; IAM's own permission policies say only that there is a syntax error. */
function named(report: Report): boolean {
  return report.kind === 'trust' || report.kind === 'resource';
}

function checkEffect(statement: ObjectNode, path: string, report: Report): void {
  const effect = member(statement, 'Effect');
  if (!effect) {
    if (named(report)) report.add(STAGE.syntax, statement, `${path}.Effect`, 'Missing required field Effect');
    else report.syntax(statement, `${path}.Effect`, 'Effect is missing');
    return;
  }
  const text = effect.kind === 'string' ? effect.value : '';
  if (text === 'Allow' || text === 'Deny') return;
  const detail = 'Effect must be "Allow" or "Deny"';
  // AWS reads the word in any case first, and refuses it in a later stage.
  if (/^(?:allow|deny)$/i.test(text)) {
    report.add(STAGE.legacy, effect, `${path}.Effect`, 'The policy failed legacy parsing', detail);
  } else report.syntax(effect, `${path}.Effect`, detail);
}

function checkPrincipal(statement: ObjectNode, path: string, report: Report): void {
  const name = member(statement, 'Principal') ? 'Principal' : 'NotPrincipal';
  const principal = member(statement, name);
  if (report.kind === 'identity' || report.kind === 'scp') {
    if (principal) {
      report.add(STAGE.syntax, principal, `${path}.${name}`, 'Policy document should not specify a principal.');
    }
  } else if (!principal) {
    report.add(STAGE.syntax, statement, `${path}.Principal`, 'Missing required field Principal');
  } else {
    if (name === 'NotPrincipal') checkNotPrincipal(statement, principal, `${path}.NotPrincipal`, report);
    validatePrincipal(principal, `${path}.${name}`, report);
  }
}

/**
 * "NotPrincipal must be used with "Effect":"Deny"", and not at all in a trust policy.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
function checkNotPrincipal(statement: ObjectNode, principal: JsonNode, path: string, report: Report): void {
  const effect = member(statement, 'Effect');
  if (report.kind === 'trust') report.add(STAGE.syntax, principal, path, 'Has prohibited field NotPrincipal');
  else if (effect?.kind === 'string' && effect.value === 'Allow') {
    report.add(STAGE.syntax, principal, path, 'Allow with NotPrincipal is not allowed.');
  }
}

function checkActions(statement: ObjectNode, path: string, report: Report): void {
  const name = member(statement, 'Action') ? 'Action' : 'NotAction';
  const actions = texts(statement, name, path, report);
  if (actions === undefined) return;
  if (actions.length === 0) {
    const message =
      report.kind === 'resource' ? 'Missing required field Action' : 'Policy statement must contain actions.';
    report.add(STAGE.content, member(statement, name) ?? statement, `${path}.Action`, message);
  }
  for (const [i, node] of actions.entries()) {
    const at = actions.length > 1 ? `${path}.${name}[${i}]` : `${path}.${name}`;
    const fault = checkActionText(node.value);
    if (fault) report.add(STAGE.format, node, at, fault);
    else if (report.kind === 'trust' && !TRUST_ACTION.test(node.value)) {
      report.add(STAGE.content, node, at, 'AssumeRole policy may only specify STS AssumeRole actions.');
    }
  }
}

const TRUST_ACTION =
  /^sts:(?:assumerole|assumerolewithsaml|assumerolewithwebidentity|tagsession|setsourceidentity|setcontext|\*)$/i;

function checkResources(statement: ObjectNode, path: string, report: Report): void {
  const name = member(statement, 'Resource') ? 'Resource' : 'NotResource';
  const written = member(statement, name);
  if (report.kind === 'trust') {
    if (written) report.add(STAGE.syntax, written, `${path}.${name}`, `Has prohibited field ${name}`);
    return;
  }
  const resources = texts(statement, name, path, report);
  if (resources === undefined) return;
  if (resources.length === 0) {
    const message =
      report.kind === 'resource' ? 'Missing required field Resource' : 'Policy statement must contain resources.';
    report.add(STAGE.content, written ?? statement, `${path}.Resource`, message);
  }
  for (const [i, node] of resources.entries()) {
    const fault = checkResourceText(node.value);
    if (!fault) continue;
    const at = resources.length > 1 ? `${path}.${name}[${i}]` : `${path}.${name}`;
    const message = report.kind === 'resource' ? 'Policy has invalid resource' : fault.message;
    report.add(fault.stage, node, at, message, message === fault.message ? fault.detail : fault.message);
  }
}

/** A text or a list of texts; [] when the element is missing, undefined (and reported) when it is something else. */
function texts(statement: ObjectNode, name: string, path: string, report: Report): StringNode[] | undefined {
  const node = member(statement, name);
  if (!node) return [];
  const list = node.kind === 'array' ? node.items : [node];
  const wrong = list.find((one) => one.kind !== 'string');
  if (!wrong) return list as StringNode[];
  report.syntax(wrong, `${path}.${name}`, `${name} holds texts only`);
  return undefined;
}

function checkCondition(condition: JsonNode, path: string, report: Report): void {
  if (condition.kind !== 'object') {
    report.syntax(condition, path, 'Condition must be an object');
    return;
  }
  for (const { key, at, value } of condition.members) {
    const inner = `${path}.${key}`;
    if (value.kind !== 'object') {
      report.syntax(value, inner, `${key} must be an object of condition keys`);
      continue;
    }
    const read = readOperator(key);
    // AWS lets an unknown operator pass while it holds no key.
    if (value.members.length > 0 && (!read || spelling(read) !== key)) {
      report.syntax({ at }, inner, `unknown condition operator "${key}"${read ? `: write ${spelling(read)}` : ''}`);
    }
    for (const entry of value.members) {
      const list = entry.value.kind === 'array' ? entry.value.items : [entry.value];
      checkValues(list, `${inner}.${entry.key}`, read?.operator.name.startsWith('Date') === true, report);
    }
  }
}

function spelling({ operator, set, ifExists }: NonNullable<ReturnType<typeof readOperator>>): string {
  const prefix = set === 'all' ? 'ForAllValues:' : set === 'any' ? 'ForAnyValue:' : '';
  return `${prefix}${operator.name}${ifExists ? 'IfExists' : ''}`;
}

function checkValues(list: readonly JsonNode[], path: string, dates: boolean, report: Report): void {
  for (const node of list) {
    if (node.kind !== 'string' && node.kind !== 'number' && node.kind !== 'boolean') {
      report.syntax(node, path, 'a condition value is a text, a number or true or false');
    } else if (dates && readDate(String(node.value)) === undefined) {
      const detail = 'a date is written as 2026-11-22T17:00:00Z or as seconds since 1970';
      report.add(STAGE.legacy, node, path, 'The policy failed legacy parsing', detail);
    }
  }
}
