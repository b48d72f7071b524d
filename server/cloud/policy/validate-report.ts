import type { JsonNode } from './json-source.ts';
import type { PolicyKind } from './types.ts';

/** AWS checks in stages and reports the first fault of the first stage that fails. */
export const STAGE = { syntax: 0, version: 1, legacy: 2, sid: 3, content: 4, format: 5 } as const;

/** A fault at an offset of the text. */
export interface Fault {
  stage: number;
  at: number;
  path: string;
  message: string;
  detail?: string;
}

/** Where faults go, and what kind of policy it is. */
export interface Report {
  readonly kind: PolicyKind;
  readonly add: (stage: number, node: { at: number }, path: string, message: string, detail?: string) => void;
  /** AWS's one wording for anything that does not follow the grammar; `detail` tells what. */
  readonly syntax: (node: { at: number }, path: string, detail: string) => void;
}

/** The value of an object's key. */
export function member(node: JsonNode & { kind: 'object' }, key: string): JsonNode | undefined {
  return node.members.find((one) => one.key === key)?.value;
}
