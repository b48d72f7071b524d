import type { Decision } from '../cloud/policy/types.ts';
import type { EvidenceStep } from './types.ts';

/** The statements that decided, as sentences and evidence name them. */

type By = Decision['by'];

/** `#0` → `statement 1`; a Sid stays as it is. */
export function statementName(statement: string): string {
  return statement.startsWith('#') ? `statement ${Number(statement.slice(1)) + 1}` : `statement "${statement}"`;
}

/** `statement 1 of policy p of user u, …`; '' where no statement decided. */
export const deciders = (by: By): string =>
  by.map(({ policy, statement }) => `${statementName(statement)} of ${policy}`).join(', ');

/** As `deciders`, as the end of a sentence: ` by …`. */
export const byDeciders = (by: By): string => (by.length === 0 ? '' : ` by ${deciders(by)}`);

/** As evidence keeps them. */
export const decidedBy = (by: By): string[] =>
  by.map(({ policy, statement }) => `${policy}, ${statementName(statement)}`);

/** A call that nobody made and that the policies allow, as evidence. */
export function allowedStep(
  as: string,
  action: string,
  resource: string,
  { because, by }: Pick<Decision, 'because' | 'by'>,
): EvidenceStep {
  return {
    title: `${action.slice(action.indexOf(':') + 1)} on ${resource}`,
    as,
    command: `${action} on ${resource}`,
    outcome: 'succeeded',
    detail: because,
    decidedBy: decidedBy(by),
  };
}
