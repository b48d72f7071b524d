import type { Access, CallContext, ConditionContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { lowerAlphanumeric } from '../../random.ts';
import type { StateReader } from '../../state/account-state.ts';
import type { Scope, Table } from '../../state/table.ts';
import { resourceTagContext } from '../../tags.ts';
import { type ApiRecord, apis } from './records.ts';

export const badRequest = (message: string): AwsError => new AwsError('BadRequestException', message, 400);
export const conflict = (message: string): AwsError => new AwsError('ConflictException', message, 409);
export const notFound = (kind: string, id: string): AwsError =>
  new AwsError('NotFoundException', `Invalid ${kind} identifier specified ${id}`, 404);

/** One question: HTTP methods are the actions, paths the resources. */
export function pathAccess(
  ctx: CallContext,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT',
  path: string,
  context: ConditionContext = {},
): Access {
  const apiId = /^\/apis\/([^/]+)/.exec(path)?.[1];
  const api = apiId === undefined ? undefined : ctx.state.get(apis, ctx, apiId);
  return {
    action: `apigateway:${method}`,
    resource: `arn:aws:apigateway:${ctx.region}::${path}`,
    resourceAccount: ctx.account,
    context: { ...resourceTagContext(api?.tags), ...context },
  };
}

export function getApi(state: StateReader, scope: Scope, apiId: string): ApiRecord {
  const found = state.get(apis, scope, apiId);
  if (!found) throw notFound('API', `${scope.account}:${apiId}`);
  return found;
}

/** What belongs to an API, in one of its tables. */
export function childrenOf<T extends { apiId: string }>(
  state: StateReader,
  table: Table<T>,
  scope: Scope,
  apiId: string,
): T[] {
  return state
    .list(table, scope)
    .map(({ value }) => value)
    .filter((child) => child.apiId === apiId);
}

export function getChild<T extends { apiId: string }>(
  ctx: CallContext,
  table: Table<T>,
  kind: string,
  apiId: string,
  id: string,
): T {
  getApi(ctx.state, ctx, apiId);
  const found = ctx.state.get(table, ctx, `${apiId}:${id}`);
  if (!found) throw notFound(kind, id);
  return found;
}

export const newId = (ctx: CallContext, length: number): string => lowerAlphanumeric(ctx.cloud.random, length);

/** MaxResults is text in this API. */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  input: { MaxResults?: string | undefined; NextToken?: string | undefined },
): { page: T[]; next: { NextToken?: string } } {
  const limit = input.MaxResults === undefined ? undefined : Number(input.MaxResults);
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0 && limit <= 500))
    throw badRequest('Invalid value for maxResults specified');
  const ordered = [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const { page, next } = paginate(ordered, keyOf, {
    token: input.NextToken,
    limit,
    max: 500,
    invalid: { code: 'BadRequestException', message: 'Invalid value for nextToken specified' },
  });
  return { page, next: next ? { NextToken: next } : {} };
}
