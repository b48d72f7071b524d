import type { PolicyDocument, Statement } from '../../../policy/types.ts';
import { lambdaTime } from '../../../services/lambda/find.ts';
import { soundPolicy } from '../../policy-text.ts';
import type { Source } from '../../types.ts';

export const gone = ['ResourceNotFoundException'];

/** What an endpoint answers for an operation that it does not have; only for those where that is known of one. */
export const unserved = ['ResourceNotFoundException', 'InternalFailure', 'NotImplementedException'];

/** A time in the one form that records have: endpoints write six digits of a second, or none. */
export function asLambdaTime(text: string | undefined): string {
  const time = Date.parse((text ?? '').replace(/\+0000$/, 'Z'));
  return lambdaTime(Number.isNaN(time) ? 0 : time);
}

/** `full`, or `full:live`. */
export const withQualifier = (name: string, qualifier: string | undefined): string =>
  qualifier === undefined ? name : `${name}:${qualifier}`;

/** The qualifier of a function's ARN. */
export const qualifierOf = (arn: string | undefined): string | undefined => arn?.split(':')[7];

export const statementsOf = (document: PolicyDocument): Statement[] => [document.Statement ?? []].flat();

/** A policy's text as a document, its statements in the form that AWS stores; undefined where AWS would not have stored it. */
export async function documentOf(source: Source, what: string, text: string): Promise<PolicyDocument | undefined> {
  const { Version, Id, Statement, ...rest } = JSON.parse(text) as PolicyDocument;
  const statements = [Statement ?? []].flat().map(inOurForm);
  if (statements.length === 0) return undefined;
  const document = {
    ...(Version === undefined ? {} : { Version }),
    ...(Id === undefined ? {} : { Id }),
    ...rest,
    Statement: statements,
  };
  return (await soundPolicy(source, what, JSON.stringify(document), 'resource'))?.document;
}

/** Some endpoints keep a bare account where AWS writes its root, and write the members in another order. */
function inOurForm({ Sid, Effect, Principal, Action, Resource, Condition, ...rest }: Statement): Statement {
  return {
    ...(Sid === undefined ? {} : { Sid }),
    Effect,
    ...(Principal === undefined ? {} : { Principal: principalInOurForm(Principal) }),
    ...(Action === undefined ? {} : { Action }),
    ...(Resource === undefined ? {} : { Resource }),
    ...rest,
    ...(Condition === undefined ? {} : { Condition: Object.fromEntries(order(Condition)) }),
  } as Statement;
}

const operators = ['StringEquals', 'Bool', 'ArnLike'];

const order = (condition: object): [string, unknown][] =>
  Object.entries(condition).sort(([a], [b]) => operators.indexOf(a) - operators.indexOf(b));

function principalInOurForm(principal: NonNullable<Statement['Principal']>): NonNullable<Statement['Principal']> {
  if (typeof principal === 'string')
    return /^\d{12}$/.test(principal) ? { AWS: `arn:aws:iam::${principal}:root` } : principal;
  return Object.fromEntries(
    Object.entries(principal).map(([kind, value]) => [
      kind,
      kind === 'AWS' && typeof value === 'string' && /^\d{12}$/.test(value) ? `arn:aws:iam::${value}:root` : value,
    ]),
  ) as NonNullable<Statement['Principal']>;
}
