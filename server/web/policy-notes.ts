import { actionExists, expandActions } from '../cloud/policy/catalogue.ts';
import { type JsonNode, placeOf, readJson } from '../cloud/policy/json-source.ts';

/** A remark at a place of a policy: no fault, but worth a look. */
export interface PolicyNote {
  severity: 'info' | 'warning';
  message: string;
  /** 1-based, as `column` is. */
  line: number;
  column: number;
}

/** A policy has few actions; what is beyond is not remarked on. */
const mostActions = 60;

/**
 * How many actions a wildcard of a policy means, and which actions AWS's reference does not know. The text must be a
 * policy without problems: `parsePolicy` was asked before.
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/
 */
export async function policyNotes(text: string): Promise<PolicyNote[]> {
  const notes: PolicyNote[] = [];
  for (const { node, allows } of actionNodes(readJson(text)).slice(0, mostActions)) {
    const note = await noteOn(node.value, allows);
    if (note) notes.push({ ...note, ...placeOf(text, node.at) });
  }
  return notes;
}

async function noteOn(action: string, allows: boolean): Promise<Pick<PolicyNote, 'severity' | 'message'> | undefined> {
  const verb = allows ? 'allows' : 'denies';
  if (action === '*' || action === '*:*')
    return { severity: allows ? 'warning' : 'info', message: `${verb} every action of every service` };
  if (/[*?]/.test(action)) {
    const { length } = await expandActions(action);
    if (length === 0) return { severity: 'warning', message: `${action} matches no action that AWS documents` };
    return {
      severity: allows && length > 20 ? 'warning' : 'info',
      message: `${verb} ${length} ${length === 1 ? 'action' : 'actions'}`,
    };
  }
  return (await actionExists(action))
    ? undefined
    : { severity: 'warning', message: `AWS documents no action ${action.slice(0, 80)}` };
}

type StringNode = JsonNode & { kind: 'string' };

function actionNodes(root: JsonNode): { node: StringNode; allows: boolean }[] {
  const out: { node: StringNode; allows: boolean }[] = [];
  for (const statement of list(member(root, 'Statement'))) {
    const effect = member(statement, 'Effect');
    const allows = effect?.kind === 'string' && effect.value === 'Allow';
    for (const node of list(member(statement, 'Action'))) if (node.kind === 'string') out.push({ node, allows });
  }
  return out;
}

const member = (node: JsonNode, key: string): JsonNode | undefined =>
  node.kind === 'object' ? node.members.find((one) => one.key === key)?.value : undefined;

const list = (node: JsonNode | undefined): JsonNode[] =>
  node === undefined ? [] : node.kind === 'array' ? node.items : [node];
