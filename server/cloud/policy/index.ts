/** The policy engine: what the rest of the cloud may use of it. */

export type { ActionFacts, ActionResource } from './catalogue.ts';
export { evaluate } from './evaluate.ts';
export { accessDeniedMessage } from './explain.ts';
export { globMatch } from './glob.ts';
export { MOST_CHARACTERS, parsePolicy, policySize } from './parse.ts';
export { PolicyShapeError } from './shape-error.ts';
export type * from './types.ts';
export { expandVariables } from './variables.ts';
