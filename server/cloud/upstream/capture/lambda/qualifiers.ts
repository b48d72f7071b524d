import {
  GetFunctionUrlConfigCommand,
  type GetFunctionUrlConfigCommandOutput,
  GetPolicyCommand,
  GetProvisionedConcurrencyConfigCommand,
  LambdaClient,
  ListAliasesCommand,
  ListFunctionEventInvokeConfigsCommand,
} from '@aws-sdk/client-lambda';
import type { PolicyDocument, Statement } from '../../../policy/types.ts';
import { eventInvokeConfigs } from '../../../services/lambda/event-invoke-records.ts';
import { arnOf } from '../../../services/lambda/names.ts';
import { aliases, functionPolicies, provisioned } from '../../../services/lambda/records.ts';
import { type FunctionUrlRecord, functionUrls, urlIds } from '../../../services/lambda/url-records.ts';
import type { Mirror, Source } from '../../types.ts';
import { asLambdaTime, documentOf, gone, qualifierOf, statementsOf, withQualifier } from './common.ts';

/** What hangs on a function, its versions and its aliases: policies, concurrency, URLs, what becomes of events. */
export async function captureQualifiers(
  source: Source,
  mirror: Mirror,
  name: string,
  numbers: string[],
): Promise<void> {
  const names = await captureAliases(source, mirror, name);
  await Promise.all([
    ...[undefined, ...numbers, ...names].map((qualifier) => capturePolicy(source, mirror, name, qualifier)),
    ...[...numbers, ...names].map((qualifier) => captureProvisioned(source, mirror, name, qualifier)),
    // Lists do not say on which alias a URL hangs in every endpoint.
    ...[undefined, ...names].map((alias) => captureUrl(source, mirror, name, alias)),
    captureEventInvoke(source, mirror, name),
  ]);
}

async function captureAliases(source: Source, mirror: Mirror, name: string): Promise<string[]> {
  const lambda = source.client(LambdaClient);
  const all = await source.pages(
    `the aliases of ${name}`,
    (Marker) => lambda.send(new ListAliasesCommand({ FunctionName: name, Marker })),
    ({ Aliases, NextMarker }) => ({ items: Aliases, next: NextMarker }),
  );
  return all.map((alias) => {
    mirror.put(aliases, source.scope, `${name}:${alias.Name}`, {
      functionName: name,
      name: alias.Name!,
      version: alias.FunctionVersion!,
      description: alias.Description ?? '',
      weights: { ...alias.RoutingConfig?.AdditionalVersionWeights },
      revisionId: alias.RevisionId ?? '',
    });
    return alias.Name!;
  });
}

async function capturePolicy(source: Source, mirror: Mirror, name: string, qualifier: string | undefined) {
  const id = withQualifier(name, qualifier);
  const found = await source.read(
    `the policy of ${id}`,
    () =>
      source
        .client(LambdaClient)
        .send(new GetPolicyCommand({ FunctionName: name, ...(qualifier ? { Qualifier: qualifier } : {}) })),
    gone,
  );
  if (!found?.Policy) return;
  const document = await documentOf(source, `the policy of ${id}`, found.Policy);
  if (!document) return;
  const was = mirror.was.get(functionPolicies, source.scope, id)?.document;
  // Some endpoints keep one policy for a function and all of its qualifiers, and tell all of it of the function.
  const own = statementsOf(document)
    .filter(({ Resource }) => belongs(Resource, arnOf(source.scope, name), qualifier))
    .map((statement) => withLostCondition(statement, was));
  if (own.length === 0) return;
  mirror.put(functionPolicies, source.scope, id, {
    document: { ...document, Statement: own },
    revisionId: found.RevisionId ?? '',
  });
}

function belongs(resource: Statement['Resource'], functionArn: string, qualifier: string | undefined): boolean {
  const named = [resource ?? []].flat().find((arn) => arn.startsWith(`${functionArn}:`));
  return named === undefined || qualifierOf(named) === qualifier;
}

const viaUrl = 'lambda:InvokedViaFunctionUrl';

/** LocalStack drops this one condition; without it the statement lets in everybody. Whether it is there, the mirror knows. */
function withLostCondition(statement: Statement, was: PolicyDocument | undefined): Statement {
  const before = was && statementsOf(was).find(({ Sid }) => Sid === statement.Sid);
  const { [viaUrl]: lost, ...bool } = before?.Condition?.Bool ?? {};
  if (!before || lost === undefined || statement.Condition?.Bool?.[viaUrl] !== undefined) return statement;
  const { Bool: _bool, ...others } = before.Condition ?? {};
  const rest = { ...others, ...(Object.keys(bool).length ? { Bool: bool } : {}) };
  const { Condition: _condition, ...without } = before;
  const asGiven = { ...without, ...(Object.keys(rest).length ? { Condition: rest } : {}) };
  return JSON.stringify(asGiven) === JSON.stringify(statement) ? before : statement;
}

async function captureProvisioned(source: Source, mirror: Mirror, name: string, qualifier: string): Promise<void> {
  const found = await source.read(
    `the provisioned concurrency of ${name}:${qualifier}`,
    () =>
      source
        .client(LambdaClient)
        .send(new GetProvisionedConcurrencyConfigCommand({ FunctionName: name, Qualifier: qualifier })),
    ['ProvisionedConcurrencyConfigNotFoundException', ...gone],
  );
  if (found?.RequestedProvisionedConcurrentExecutions === undefined) return;
  mirror.put(provisioned, source.scope, `${name}:${qualifier}`, {
    functionName: name,
    qualifier,
    requested: found.RequestedProvisionedConcurrentExecutions,
    lastModified: asLambdaTime(found.LastModified),
  });
}

async function captureUrl(source: Source, mirror: Mirror, name: string, alias: string | undefined): Promise<void> {
  const found = await source.read(
    `the URL of ${withQualifier(name, alias)}`,
    () =>
      source
        .client(LambdaClient)
        .send(new GetFunctionUrlConfigCommand({ FunctionName: name, ...(alias ? { Qualifier: alias } : {}) })),
    gone,
  );
  const urlId = found && idOfUrl(found.FunctionUrl ?? '');
  if (!urlId) return;
  mirror.put(functionUrls, source.scope, withQualifier(name, alias), urlRecord(name, alias, urlId, found));
  mirror.put(urlIds, source.scope, urlId, { functionName: name });
}

/** The first label of the host; addresses without a name of their own have the id in the path. */
const idOfUrl = (url: string): string | undefined =>
  (/^https?:\/\/([a-z0-9]+)\.lambda-url\./.exec(url) ?? /\/lambda-url\/([a-z0-9]+)\//.exec(url))?.[1];

function urlRecord(
  name: string,
  alias: string | undefined,
  urlId: string,
  found: GetFunctionUrlConfigCommandOutput,
): FunctionUrlRecord {
  const iso = (text: string | undefined): string => new Date((text ?? '').replace(/\+0000$/, 'Z')).toISOString();
  const { Cors } = found;
  const cors = {
    ...(Cors?.AllowCredentials === undefined ? {} : { allowCredentials: Cors.AllowCredentials }),
    ...(Cors?.AllowHeaders ? { allowHeaders: [...Cors.AllowHeaders] } : {}),
    ...(Cors?.AllowMethods ? { allowMethods: [...Cors.AllowMethods] } : {}),
    ...(Cors?.AllowOrigins ? { allowOrigins: [...Cors.AllowOrigins] } : {}),
    ...(Cors?.ExposeHeaders ? { exposeHeaders: [...Cors.ExposeHeaders] } : {}),
    ...(Cors?.MaxAge === undefined ? {} : { maxAge: Cors.MaxAge }),
  };
  return {
    functionName: name,
    ...(alias ? { alias } : {}),
    urlId,
    authType: found.AuthType!,
    ...(Object.keys(cors).length ? { cors } : {}),
    invokeMode: found.InvokeMode ?? 'BUFFERED',
    creationTime: iso(found.CreationTime),
    lastModifiedTime: iso(found.LastModifiedTime ?? found.CreationTime),
  };
}

async function captureEventInvoke(source: Source, mirror: Mirror, name: string): Promise<void> {
  const lambda = source.client(LambdaClient);
  const all = await source.pages(
    `what becomes of the events of ${name}`,
    (Marker) => lambda.send(new ListFunctionEventInvokeConfigsCommand({ FunctionName: name, Marker })),
    ({ FunctionEventInvokeConfigs, NextMarker }) => ({ items: FunctionEventInvokeConfigs, next: NextMarker }),
  );
  for (const found of all) {
    const qualifier = qualifierOf(found.FunctionArn) ?? '$LATEST';
    const { OnSuccess, OnFailure } = found.DestinationConfig ?? {};
    mirror.put(eventInvokeConfigs, source.scope, `${name}:${qualifier}`, {
      functionName: name,
      qualifier,
      ...(found.MaximumRetryAttempts === undefined ? {} : { maximumRetryAttempts: found.MaximumRetryAttempts }),
      ...(found.MaximumEventAgeInSeconds === undefined ? {} : { maximumEventAge: found.MaximumEventAgeInSeconds }),
      ...(OnSuccess?.Destination ? { onSuccess: OnSuccess.Destination } : {}),
      ...(OnFailure?.Destination ? { onFailure: OnFailure.Destination } : {}),
      lastModified: found.LastModified?.getTime() ?? 0,
    });
  }
}
