import type { OneOrMany, PrincipalElement, Statement } from '../cloud/policy/types.ts';

/** Policies, as labs and submissions write them. */

export type { Statement };

/** A policy document, as AWS's calls take it. */
export function policy(...statements: Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

/** A statement that allows; `more` is its Principal or Condition. */
export function allow(
  Action: OneOrMany<string>,
  Resource: OneOrMany<string>,
  more: Partial<Statement> = {},
): Statement {
  return { Effect: 'Allow', Action, Resource, ...more };
}

/** A trust policy: who may take a role. */
export function trust(Principal: PrincipalElement): string {
  return policy({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' });
}

/** The trust policy of an execution role. */
export const trustLambda = trust({ Service: 'lambda.amazonaws.com' });
