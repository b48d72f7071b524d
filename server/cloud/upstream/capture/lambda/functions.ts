import { createHash } from 'node:crypto';
import {
  type FunctionConfiguration,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionCommand,
  type GetFunctionCommandOutput,
  GetFunctionConcurrencyCommand,
  GetFunctionRecursionConfigCommand,
  GetRuntimeManagementConfigCommand,
  LambdaClient,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda';
import { layerId, layerVersions, parseLayerVersionArn } from '../../../services/lambda/layer-records.ts';
import { arnOf } from '../../../services/lambda/names.ts';
import {
  type FunctionRecord,
  functions,
  type LayerUse,
  type VersionRecord,
  versions,
} from '../../../services/lambda/records.ts';
import { versionOfArn } from '../../../services/lambda/runtime-versions.ts';
import type { Seal } from '../../seal.ts';
import type { Mirror, Source } from '../../types.ts';
import type { Packages } from './code.ts';
import { asLambdaTime, gone, unserved } from './common.ts';
import type { CapturedLayers } from './layers.ts';

interface Captured {
  source: Source;
  mirror: Mirror;
  packages: Packages;
  layers: CapturedLayers;
  seal: Seal;
}

/** The names of the account's functions. */
export async function functionNames(source: Source): Promise<string[]> {
  const lambda = source.client(LambdaClient);
  const all = await source.pages(
    'the functions',
    (Marker) => lambda.send(new ListFunctionsCommand({ Marker })),
    ({ Functions, NextMarker }) => ({ items: Functions, next: NextMarker }),
  );
  return all.map(({ FunctionName }) => FunctionName!);
}

/** A function and its published versions. @returns the numbers of the versions; undefined where it is not there any more */
export async function captureFunction(of: Captured, name: string): Promise<string[] | undefined> {
  const { source, mirror } = of;
  const lambda = source.client(LambdaClient);
  const ask = (Qualifier?: string) => () =>
    lambda.send(new GetFunctionCommand({ FunctionName: name, ...(Qualifier ? { Qualifier } : {}) }));
  const found = await source.read(`the function ${name}`, ask(), gone);
  if (!found?.Configuration) return undefined;
  const was = mirror.was.get(functions, source.scope, name);
  const [published, concurrency, recursion, signing, latest] = await Promise.all([
    publishedVersions(source, name),
    // LocalStack's GetFunction does not tell of a reservation of 0, which stops a function.
    source.read(
      `the reserved concurrency of ${name}`,
      () => lambda.send(new GetFunctionConcurrencyCommand({ FunctionName: name })),
      gone,
    ),
    source.read(
      `the recursion setting of ${name}`,
      () => lambda.send(new GetFunctionRecursionConfigCommand({ FunctionName: name })),
      unserved,
    ),
    source.read(
      `the code signing configuration of ${name}`,
      () => lambda.send(new GetFunctionCodeSigningConfigCommand({ FunctionName: name })),
      unserved,
    ),
    versionOf(of, found.Configuration, () => Promise.resolve(found), was?.latest),
  ]);
  if (!latest) return undefined;
  const captured = await source.each(published, async (configuration) => {
    const number = configuration.Version!;
    const before = mirror.was.get(versions, source.scope, `${name}:${number}`);
    const version = await versionOf(
      of,
      configuration,
      () => source.read(`version ${number} of ${name}`, ask(number), gone),
      before,
    );
    if (version) mirror.put(versions, source.scope, `${name}:${number}`, version);
    return number;
  });
  const signed = signing?.CodeSigningConfigArn || was?.codeSigningConfigArn;
  const reserved = concurrency?.ReservedConcurrentExecutions;
  const record: FunctionRecord = {
    name,
    latest,
    // Numbers are never used twice, and no read tells of versions that were deleted.
    nextVersion: Math.max(was?.nextVersion ?? 1, ...captured.map((number) => Number(number) + 1)),
    tags: { ...found.Tags },
    recursiveLoop: recursion?.RecursiveLoop ?? was?.recursiveLoop ?? 'Terminate',
    ...(signed ? { codeSigningConfigArn: signed } : {}),
    ...(reserved === undefined ? {} : { reservedConcurrency: reserved }),
  };
  mirror.put(functions, source.scope, name, record);
  return captured;
}

async function publishedVersions(source: Source, name: string): Promise<FunctionConfiguration[]> {
  const lambda = source.client(LambdaClient);
  const all = await source.pages(
    `the versions of ${name}`,
    (Marker) => lambda.send(new ListVersionsByFunctionCommand({ FunctionName: name, Marker })),
    ({ Versions, NextMarker }) => ({ items: Versions, next: NextMarker }),
  );
  return all.filter(({ Version }) => Version !== '$LATEST');
}

/**
 * A version from what the endpoint says of it. What an endpoint takes and does not give back (a key, the runtime
 * management) is as it was: every change comes through the mirror.
 */
async function versionOf(
  of: Captured,
  found: FunctionConfiguration,
  whole: () => Promise<GetFunctionCommandOutput | undefined>,
  was: VersionRecord | undefined,
): Promise<VersionRecord | undefined> {
  const { source, packages } = of;
  const name = found.FunctionName!;
  const version = found.Version ?? '$LATEST';
  const label = version === '$LATEST' ? name : `${name}:${version}`;
  const [code, layers, runtimeManagement, environment] = await Promise.all([
    packages.get(`the code of ${label}`, found.CodeSha256!, async () => (await whole())?.Code?.Location),
    layersOf(of, found, was),
    runtimeManagementOf(source, name, version, was),
    environmentOf(of, found, was),
  ]);
  if (!code) return undefined;
  const vpc = found.VpcConfig;
  const logging = found.LoggingConfig;
  const kmsKeyArn = found.KMSKeyArn || was?.kmsKeyArn;
  return {
    description: found.Description ?? '',
    timeout: found.Timeout ?? 3,
    memorySize: found.MemorySize ?? 128,
    tracing: found.TracingConfig?.Mode ?? 'PassThrough',
    layers,
    ephemeralStorage: found.EphemeralStorage?.Size ?? 512,
    logging: {
      format: logging?.LogFormat ?? 'Text',
      logGroup: logging?.LogGroup || `/aws/lambda/${name}`,
      ...(logging?.ApplicationLogLevel ? { applicationLogLevel: logging.ApplicationLogLevel } : {}),
      ...(logging?.SystemLogLevel ? { systemLogLevel: logging.SystemLogLevel } : {}),
    },
    snapStart: found.SnapStart?.ApplyOn ?? 'None',
    runtime: found.Runtime ?? '',
    role: found.Role!,
    handler: found.Handler ?? '',
    ...(found.DeadLetterConfig?.TargetArn ? { deadLetterArn: found.DeadLetterConfig.TargetArn } : {}),
    ...(vpc?.SubnetIds?.length
      ? {
          vpc: {
            vpcId: vpc.VpcId!,
            subnetIds: [...vpc.SubnetIds],
            securityGroupIds: [...(vpc.SecurityGroupIds ?? [])],
            ipv6: vpc.Ipv6AllowedForDualStack ?? was?.vpc?.ipv6 ?? false,
          },
        }
      : {}),
    ...(kmsKeyArn ? { kmsKeyArn } : {}),
    ...(environment ? { environment } : {}),
    functionName: name,
    version,
    codeBlob: code.blob,
    codeSha256: code.sha256,
    codeSize: code.size,
    lastModified: asLambdaTime(found.LastModified),
    architectures: found.Architectures?.length ? [...found.Architectures] : ['x86_64'],
    ...runtimeVersionOf(source.scope.region, found, was),
    revisionId: found.RevisionId ?? stable(`${arnOf(source.scope, name, version)} ${found.LastModified}`),
    ...(runtimeManagement ? { runtimeManagement } : {}),
  };
}

/** As the endpoint tells it, where it is ours; other endpoints make up ARNs of their own. */
function runtimeVersionOf(region: string, found: FunctionConfiguration, was: VersionRecord | undefined) {
  const arn = found.RuntimeVersionConfig?.RuntimeVersionArn;
  const named = versionOfArn(region, found.Architectures?.[0] ?? 'x86_64', found.Runtime ?? '', arn);
  const runtimeVersion = named?.name ?? was?.runtimeVersion;
  return runtimeVersion === undefined ? {} : { runtimeVersion };
}

/** Where an endpoint gives no revision: the same for the same version, another one after a change. */
function stable(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

async function layersOf(
  of: Captured,
  found: FunctionConfiguration,
  was: VersionRecord | undefined,
): Promise<LayerUse[]> {
  const { source, mirror, layers } = of;
  const uses = await source.each(
    found.Layers ?? [],
    async ({ Arn: arn = '', CodeSize: size = 0 }): Promise<LayerUse> => {
      const ref = parseLayerVersionArn(arn);
      const before = was?.layers.find((use) => use.arn === arn);
      if (!ref) return before ?? { arn, codeSize: size };
      const record = layers.get(ref) ?? mirror.was.get(layerVersions, ref, layerId(ref.name, ref.version));
      // A function keeps a layer version that was deleted after it was attached.
      if (record) return { arn, codeSize: record.codeSize, blob: record.blob };
      if (before) return before;
      const blob = await layers.foreign(ref);
      // AWS's own layers are nowhere but in AWS.
      return { arn, codeSize: size || AWS_LAYER_BYTES, ...(blob ? { blob } : {}) };
    },
  );
  // An endpoint that refuses AWS's own layers is not told of them.
  const kept = (was?.layers ?? []).filter(
    ({ arn, blob }) => blob === undefined && !uses.some((use) => use.arn === arn),
  );
  if (kept.length === 0) return uses;
  const place = (arn: string): number => was!.layers.findIndex((use) => use.arn === arn);
  return [...uses, ...kept].sort((a, b) => place(a.arn) - place(b.arn));
}

/** As the embedded cloud tells it of AWS's Parameters and Secrets extension. */
const AWS_LAYER_BYTES = 11_000_000;

async function runtimeManagementOf(source: Source, name: string, version: string, was: VersionRecord | undefined) {
  const found = await source.read(
    `the runtime management of ${name}:${version}`,
    () =>
      source
        .client(LambdaClient)
        .send(new GetRuntimeManagementConfigCommand({ FunctionName: name, Qualifier: version })),
    unserved,
  );
  if (!found) return was?.runtimeManagement;
  const { UpdateRuntimeOn: updateRuntimeOn = 'Auto', RuntimeVersionArn: runtimeVersionArn } = found;
  if (updateRuntimeOn === 'Auto') return undefined;
  return { updateRuntimeOn, ...(runtimeVersionArn ? { runtimeVersionArn } : {}) };
}

async function environmentOf(of: Captured, found: FunctionConfiguration, was: VersionRecord | undefined) {
  const variables = found.Environment?.Variables;
  const refused = found.Environment?.Error;
  if (refused && !was?.environment)
    await of.source.read(`the variables of ${found.FunctionArn}`, () =>
      Promise.reject(new Error(refused.Message ?? refused.ErrorCode)),
    );
  if (!variables) return refused ? was?.environment : undefined;
  if (Object.keys(variables).length === 0) return undefined;
  const key = found.KMSKeyArn || was?.kmsKeyArn;
  if (!key) return { variables: { ...variables } };
  const same = was?.kmsKeyArn === key && JSON.stringify(was.environment?.variables) === JSON.stringify(variables);
  if (same && was.environment?.proof) return was.environment;
  const digest = createHash('sha256').update(JSON.stringify(variables)).digest();
  const context = { 'aws:lambda:FunctionArn': arnOf(of.source.scope, found.FunctionName!) };
  return { variables: { ...variables }, proof: (await of.seal(key, digest, context)).ciphertext };
}
