import type {
  Cors,
  CreateFunctionUrlConfigCommandInput,
  CreateFunctionUrlConfigCommandOutput,
  DeleteFunctionUrlConfigCommandInput,
  DeleteFunctionUrlConfigCommandOutput,
  FunctionUrlConfig,
  GetFunctionUrlConfigCommandInput,
  GetFunctionUrlConfigCommandOutput,
  ListFunctionUrlConfigsCommandInput,
  ListFunctionUrlConfigsCommandOutput,
  UpdateFunctionUrlConfigCommandInput,
  UpdateFunctionUrlConfigCommandOutput,
} from '@aws-sdk/client-lambda';
import type { Access, CallContext } from '../../context.ts';
import { operation } from '../../context.ts';
import { paginate } from '../../paginate.ts';
import { lowerAlphanumeric } from '../../random.ts';
import { reachableUrl } from './code-location.ts';
import { conflict, invalidParameter, notFound, validation } from './errors.ts';
import { functionAccess, getFunction, getVersion } from './find.ts';
import { badMarker } from './functions.ts';
import { arnOf, functionTarget, isVersion, type Target } from './names.ts';
import { type FunctionUrlRecord, functionUrls, type UrlCors, urlIds } from './url-records.ts';

/** A URL hangs on the function or on an alias, never on a version. */
function urlTarget(ctx: CallContext, functionName: string, qualifier: string | undefined): Target {
  const target = functionTarget(ctx, functionName, qualifier);
  if (target.qualifier !== undefined && isVersion(target.qualifier))
    throw validation(
      target.qualifier,
      'qualifier',
      'Member must satisfy regular expression pattern: (?!^\\d+$)^[0-9a-zA-Z-_]+$',
    );
  return target;
}

const idOf = (target: Target): string => (target.qualifier ? `${target.name}:${target.qualifier}` : target.name);

function urlAccess(ctx: CallContext, action: string, target: Target, authType?: string): Access {
  const known = authType ?? ctx.state.get(functionUrls, target, idOf(target))?.authType;
  return functionAccess(ctx, action, target, {
    'lambda:FunctionArn': target.arn,
    ...(known ? { 'lambda:FunctionUrlAuthType': known } : {}),
  });
}

function find(ctx: CallContext, target: Target): FunctionUrlRecord {
  const found = ctx.state.get(functionUrls, target, idOf(target));
  if (!found) throw notFound('The resource you requested does not exist.');
  return found;
}

/**
 * differs from AWS: outside of functions the address is the local one (`http://….lambda-url.us-east-1.localhost:4566/`), so
 * that curl and browsers get there; a function sees AWS's (`https://….lambda-url.us-east-1.on.aws/`). Both are answered.
 */
function describe(ctx: CallContext, target: Target, record: FunctionUrlRecord): FunctionUrlConfig {
  const host = `${record.urlId}.lambda-url.${target.region}`;
  return {
    FunctionUrl: reachableUrl(ctx, host, 'on.aws', '/'),
    FunctionArn: arnOf(target, record.functionName, record.alias),
    AuthType: record.authType,
    ...(record.cors ? { Cors: showCors(record.cors) } : {}),
    CreationTime: record.creationTime,
    LastModifiedTime: record.lastModifiedTime,
    InvokeMode: record.invokeMode,
  };
}

const showCors = (cors: UrlCors): Cors => ({
  ...(cors.allowCredentials !== undefined ? { AllowCredentials: cors.allowCredentials } : {}),
  ...(cors.allowHeaders ? { AllowHeaders: [...cors.allowHeaders] } : {}),
  ...(cors.allowMethods ? { AllowMethods: [...cors.allowMethods] } : {}),
  ...(cors.allowOrigins ? { AllowOrigins: [...cors.allowOrigins] } : {}),
  ...(cors.exposeHeaders ? { ExposeHeaders: [...cors.exposeHeaders] } : {}),
  ...(cors.maxAge !== undefined ? { MaxAge: cors.maxAge } : {}),
});

function readCors(cors: Cors | undefined): UrlCors | undefined {
  if (!cors || Object.values(cors).every((value) => value === undefined)) return undefined;
  for (const [member, list] of Object.entries({
    allowHeaders: cors.AllowHeaders,
    allowOrigins: cors.AllowOrigins,
    exposeHeaders: cors.ExposeHeaders,
  }))
    if ((list?.length ?? 0) > 100)
      throw validation(member, `cors.${member}`, 'Member must have length less than or equal to 100');
  if ((cors.AllowMethods?.length ?? 0) > 6)
    throw validation('', 'cors.allowMethods', 'Member must have length less than or equal to 6');
  if (cors.MaxAge !== undefined && (cors.MaxAge < 0 || cors.MaxAge > 86_400))
    throw validation(cors.MaxAge, 'cors.maxAge', 'Member must have value between 0 and 86400');
  return {
    ...(cors.AllowCredentials !== undefined ? { allowCredentials: cors.AllowCredentials } : {}),
    ...(cors.AllowHeaders ? { allowHeaders: [...cors.AllowHeaders] } : {}),
    ...(cors.AllowMethods ? { allowMethods: [...cors.AllowMethods] } : {}),
    ...(cors.AllowOrigins ? { allowOrigins: [...cors.AllowOrigins] } : {}),
    ...(cors.ExposeHeaders ? { exposeHeaders: [...cors.ExposeHeaders] } : {}),
    ...(cors.MaxAge !== undefined ? { maxAge: cors.MaxAge } : {}),
  };
}

export const CreateFunctionUrlConfig = operation<
  CreateFunctionUrlConfigCommandInput,
  CreateFunctionUrlConfigCommandOutput
>({
  access: (ctx, input) =>
    urlAccess(ctx, 'CreateFunctionUrlConfig', urlTarget(ctx, input.FunctionName!, input.Qualifier), input.AuthType),
  run(ctx, input) {
    const target = urlTarget(ctx, input.FunctionName!, input.Qualifier);
    getVersion(ctx.state, target);
    if (ctx.state.get(functionUrls, target, idOf(target)))
      throw conflict(
        `Failed to create function url config for [functionArn = ${target.arn}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
      );
    const now = new Date(ctx.now).toISOString();
    const cors = readCors(input.Cors);
    const record: FunctionUrlRecord = {
      functionName: target.name,
      ...(target.qualifier ? { alias: target.qualifier } : {}),
      urlId: lowerAlphanumeric(ctx.cloud.random, 32),
      authType: input.AuthType!,
      ...(cors ? { cors } : {}),
      invokeMode: input.InvokeMode ?? 'BUFFERED',
      creationTime: now,
      lastModifiedTime: now,
    };
    ctx.state.put(functionUrls, target, idOf(target), record);
    ctx.state.put(urlIds, target, record.urlId, { functionName: target.name });
    const { LastModifiedTime: _later, ...shown } = describe(ctx, target, record);
    return shown;
  },
});

export const GetFunctionUrlConfig = operation<GetFunctionUrlConfigCommandInput, GetFunctionUrlConfigCommandOutput>({
  access: (ctx, input) => urlAccess(ctx, 'GetFunctionUrlConfig', urlTarget(ctx, input.FunctionName!, input.Qualifier)),
  run(ctx, input) {
    const target = urlTarget(ctx, input.FunctionName!, input.Qualifier);
    getVersion(ctx.state, target);
    return describe(ctx, target, find(ctx, target));
  },
});

export const UpdateFunctionUrlConfig = operation<
  UpdateFunctionUrlConfigCommandInput,
  UpdateFunctionUrlConfigCommandOutput
>({
  access: (ctx, input) =>
    urlAccess(ctx, 'UpdateFunctionUrlConfig', urlTarget(ctx, input.FunctionName!, input.Qualifier), input.AuthType),
  run(ctx, input) {
    const target = urlTarget(ctx, input.FunctionName!, input.Qualifier);
    getVersion(ctx.state, target);
    const { cors: before, ...old } = find(ctx, target);
    const cors = input.Cors ? readCors(input.Cors) : before;
    const record: FunctionUrlRecord = {
      ...old,
      authType: input.AuthType ?? old.authType,
      invokeMode: input.InvokeMode ?? old.invokeMode,
      ...(cors ? { cors } : {}),
      lastModifiedTime: new Date(ctx.now).toISOString(),
    };
    ctx.state.put(functionUrls, target, idOf(target), record);
    return describe(ctx, target, record);
  },
});

export const DeleteFunctionUrlConfig = operation<
  DeleteFunctionUrlConfigCommandInput,
  DeleteFunctionUrlConfigCommandOutput
>({
  access: (ctx, input) =>
    urlAccess(ctx, 'DeleteFunctionUrlConfig', urlTarget(ctx, input.FunctionName!, input.Qualifier)),
  run(ctx, input) {
    const target = urlTarget(ctx, input.FunctionName!, input.Qualifier);
    find(ctx, target);
    ctx.state.delete(functionUrls, target, idOf(target));
    return {};
  },
});

export const ListFunctionUrlConfigs = operation<
  ListFunctionUrlConfigsCommandInput,
  ListFunctionUrlConfigsCommandOutput
>({
  access: (ctx, input) => functionAccess(ctx, 'ListFunctionUrlConfigs', functionTarget(ctx, input.FunctionName!)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!);
    if (target.qualifier) throw invalidParameter('The function name must not have a qualifier.');
    getFunction(ctx.state, target);
    const all = ctx.state.list(functionUrls, target).filter(({ value }) => value.functionName === target.name);
    const { page, next } = paginate(all, ({ id }) => id, {
      token: input.Marker,
      limit: input.MaxItems,
      max: 50,
      invalid: badMarker,
    });
    return {
      FunctionUrlConfigs: page.map(({ value }) => describe(ctx, target, value)),
      ...(next ? { NextMarker: next } : {}),
    };
  },
});
