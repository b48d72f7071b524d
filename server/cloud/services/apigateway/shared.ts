import type { Access, CallContext, ConditionContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { lowerAlphanumeric } from '../../random.ts';
import type { StateReader } from '../../state/account-state.ts';
import type { Scope, Table } from '../../state/table.ts';
import { resourceTagContext } from '../../tags.ts';
import { type RestApiRecord, restApis } from './records.ts';

export const badRequest = (message: string): AwsError => new AwsError('BadRequestException', message, 400);
export const conflict = (message: string): AwsError => new AwsError('ConflictException', message, 409);
export const notFound = (message: string): AwsError => new AwsError('NotFoundException', message, 404);
export const limitExceeded = (message: string): AwsError => new AwsError('LimitExceededException', message, 429);

export const missing = {
  resource: 'Invalid Resource identifier specified',
  method: 'Invalid Method identifier specified',
  stage: 'Invalid Stage identifier specified',
  deployment: 'Invalid Deployment identifier specified',
  authorizer: 'Invalid Authorizer identifier specified',
  validator: 'Invalid Request Validator identifier specified',
  status: 'Invalid Response status code specified',
} as const;

/**
 * AWS's quotas of a region.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
 */
export const quotas = {
  apis: 600,
  resources: 300,
  stages: 10,
  authorizers: 10,
  keys: 10_000,
  plans: 300,
  plansOfKey: 10,
  // differs from AWS: these have no quota there; each is a record here.
  deployments: 200,
  models: 300,
  validators: 100,
} as const;

/** @throws AwsError LimitExceededException when there are as many as there may be */
export function withinQuota(count: number, quota: keyof typeof quotas, what: string): void {
  if (count >= quotas[quota]) throw limitExceeded(`Maximum number of ${what} has been reached: ${quotas[quota]}`);
}

export type Verb = 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';

/**
 * One question: HTTP methods are the actions, paths the resources.
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html
 */
export function restAccess(ctx: CallContext, verb: Verb, path: string, context: ConditionContext = {}): Access {
  const apiId = /^\/restapis\/([^/]+)/.exec(path)?.[1];
  const api = apiId === undefined ? undefined : ctx.state.get(restApis, ctx, apiId);
  return {
    action: `apigateway:${verb}`,
    resource: `arn:aws:apigateway:${ctx.region}::${path}`,
    resourceAccount: ctx.account,
    context: {
      ...resourceTagContext(api?.tags),
      ...(api && path === `/restapis/${apiId}` ? apiContext(api) : {}),
      ...context,
    },
  };
}

const apiContext = (api: RestApiRecord): ConditionContext => ({
  'apigateway:Resource/ApiName': api.name,
  'apigateway:Resource/EndpointType': [api.endpointType],
  'apigateway:Resource/DisableExecuteApiEndpoint': String(api.disableExecuteApiEndpoint),
});

export function getApi(state: StateReader, scope: Scope, apiId: string): RestApiRecord {
  const found = state.get(restApis, scope, apiId);
  if (!found) throw notFound(`Invalid API identifier specified ${scope.account}:${apiId}`);
  return found;
}

/** The records whose ids begin with an owner's: `apiId:id`. */
export const entriesOf = <T extends object>(
  state: StateReader,
  table: Table<T>,
  scope: Scope,
  owner: string,
): { id: string; value: T }[] => state.list(table, scope).filter(({ id }) => id.startsWith(`${owner}:`));

/** What belongs to an API, in one of its tables. */
export function childrenOf<T extends { apiId: string }>(
  state: StateReader,
  table: Table<T>,
  scope: Scope,
  apiId: string,
): T[] {
  return entriesOf(state, table, scope, apiId).map(({ value }) => value);
}

/** @throws AwsError NotFoundException with `message`, or for the API itself */
export function getChild<T extends { apiId: string }>(
  ctx: CallContext,
  table: Table<T>,
  message: string,
  apiId: string,
  id: string,
): T {
  getApi(ctx.state, ctx, apiId);
  const found = ctx.state.get(table, ctx, `${apiId}:${id}`);
  if (!found) throw notFound(message);
  return found;
}

export const newId = (ctx: CallContext, length: number): string => lowerAlphanumeric(ctx.cloud.random, length);

/** Lists have 25 items a page, at most 500. */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  input: { limit?: number | undefined; position?: string | undefined },
): { page: T[]; next: { position?: string } } {
  const { limit } = input;
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) throw badRequest('Invalid limit parameter');
  const ordered = [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const { page, next } = paginate(ordered, keyOf, {
    token: input.position,
    limit: limit ?? 25,
    max: 500,
    invalid: { code: 'BadRequestException', message: 'Invalid position parameter' },
  });
  return { page, next: next ? { position: next } : {} };
}

/** Times are shown in whole seconds. */
export const dateOf = (milliseconds: number): Date => new Date(Math.floor(milliseconds / 1000) * 1000);

/** An object without the members that are undefined or have nothing in them: AWS does not show them. */
export function shown<T extends object>(value: T): T {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([, member]) =>
        member !== undefined && !(typeof member === 'object' && member !== null && isEmpty(member as object)),
    ),
  ) as T;
}

const isEmpty = (value: object): boolean => !(value instanceof Date) && Object.keys(value).length === 0;

/** A record's own member; names come from requests. */
export const own = <T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  record && Object.hasOwn(record, key) ? record[key] : undefined;

/** A record without one of its members. */
export const without = <T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
