import type { UpdateFunctionConfigurationCommandInput } from '@aws-sdk/client-lambda';
import type { CallContext } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { passRole, roleForService } from '../iam/service-roles.ts';
import { checkDeadLetterTarget } from './dead-letter.ts';
import { sealEnvironment } from './environment-variables.ts';
import { invalidParameter, validation } from './errors.ts';
import { useLayers } from './layer-use.ts';
import type { LoggingRecord, VersionRecord } from './records.ts';
import { roleMay } from './role-rights.ts';
import { checkRuntime } from './runtimes.ts';
import { useVpc } from './vpc.ts';

type Input = Omit<UpdateFunctionConfigurationCommandInput, 'FunctionName' | 'RevisionId'>;

/** The members of a version that a configuration call sets. */
export type Settings = Omit<
  VersionRecord,
  'functionName' | 'version' | 'codeBlob' | 'codeSha256' | 'codeSize' | 'lastModified' | 'revisionId' | 'architectures'
>;

export const defaults = (name: string): Omit<Settings, 'runtime' | 'role' | 'handler'> => ({
  description: '',
  timeout: 3,
  memorySize: 128,
  tracing: 'PassThrough',
  layers: [],
  ephemeralStorage: 512,
  logging: { format: 'Text', logGroup: `/aws/lambda/${name}` },
  snapStart: 'None',
});

/**
 * Applies a request's members to what a function is, and asks for every right that AWS asks for: to pass the role, to
 * use the layers, the key, the VPC and the dead-letter queue.
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
 */
export async function applySettings(
  ctx: CallContext,
  functionArn: string,
  old: Settings,
  input: Input,
  use: 'create' | 'update',
): Promise<Settings> {
  const name = functionArn.slice(functionArn.lastIndexOf(':') + 1);
  checkRanges(input);
  checkChoices(input);
  const next: Settings = { ...old };
  if (input.Runtime !== undefined) next.runtime = input.Runtime;
  if (input.Handler !== undefined) next.handler = input.Handler;
  if (input.Description !== undefined) next.description = input.Description;
  if (input.Timeout !== undefined) next.timeout = input.Timeout;
  if (input.MemorySize !== undefined) next.memorySize = input.MemorySize;
  if (input.TracingConfig?.Mode) next.tracing = input.TracingConfig.Mode;
  if (input.EphemeralStorage?.Size !== undefined) next.ephemeralStorage = input.EphemeralStorage.Size;
  if (input.SnapStart?.ApplyOn) next.snapStart = input.SnapStart.ApplyOn;
  if (input.LoggingConfig) next.logging = logging(old.logging, input.LoggingConfig, name);
  if (!next.runtime)
    throw invalidParameter(
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
    );
  checkRuntime(next.runtime, use, ctx.now);
  if (next.snapStart === 'PublishedVersions' && !takesSnapshots(next.runtime))
    throw invalidParameter(`${next.runtime} is not supported for SnapStart enabled functions.`);
  if (!next.handler)
    throw invalidParameter(
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
    );
  if (input.FileSystemConfigs?.length) throw new NotEmulated('file systems of functions');
  if (input.ImageConfig) throw new NotEmulated('container images');
  if (input.DurableConfig) throw new NotEmulated('durable functions');
  if (input.CapacityProviderConfig) throw new NotEmulated('capacity providers');
  if (input.Role !== undefined) {
    checkRoleArn(input.Role);
    if (use === 'create' || input.Role !== old.role) passRole(ctx, input.Role, 'lambda.amazonaws.com', functionArn);
    roleForService(ctx, input.Role, 'lambda.amazonaws.com', { sourceArn: functionArn });
    next.role = input.Role;
  }
  if (next.tracing === 'Active' && (input.TracingConfig || input.Role !== undefined)) {
    const traces = [{ action: 'xray:PutTraceSegments', resource: '*' }];
    if (!roleMay(ctx, next.role, name, traces))
      throw invalidParameter('The provided execution role does not have permissions to call PutTraceSegments on XRAY');
  }
  if (input.DeadLetterConfig) {
    const target = input.DeadLetterConfig.TargetArn;
    if (target) next.deadLetterArn = target;
    else delete next.deadLetterArn;
  }
  if (input.Layers) next.layers = useLayers(ctx, input.Layers, next.layers);
  if (input.VpcConfig) {
    const vpc = useVpc(ctx, next.role, name, input.VpcConfig);
    if (vpc) next.vpc = vpc;
    else delete next.vpc;
  }
  if (next.deadLetterArn && (input.DeadLetterConfig || input.Role !== undefined))
    checkDeadLetterTarget(ctx, next.role, name, next.deadLetterArn);
  return sealEnvironment(ctx, functionArn, old, next, input);
}

function checkRoleArn(role: string): void {
  if (!/^arn:aws:iam::\d{12}:role\/?[a-zA-Z0-9_+=,.@/-]{1,512}$/.test(role))
    throw validation(
      role,
      'role',
      'Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+',
    );
}

/** https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html#snapstart-runtimes */
function takesSnapshots(runtime: string): boolean {
  const [, language, version = ''] = /^(java|python3\.|dotnet)(\d+)/.exec(runtime) ?? [];
  const oldest: Record<string, number> = { java: 11, 'python3.': 12, dotnet: 8 };
  return language !== undefined && Number(version) >= oldest[language]!;
}

function checkChoices({ TracingConfig, SnapStart, LoggingConfig }: Input): void {
  const oneOf = (value: string | undefined, member: string, choices: string[]): void => {
    if (value !== undefined && !choices.includes(value))
      throw validation(value, member, `Member must satisfy enum value set: [${choices.join(', ')}]`);
  };
  oneOf(TracingConfig?.Mode, 'tracingConfig.mode', ['Active', 'PassThrough']);
  oneOf(SnapStart?.ApplyOn, 'snapStart.applyOn', ['PublishedVersions', 'None']);
  oneOf(LoggingConfig?.LogFormat, 'loggingConfig.logFormat', ['JSON', 'Text']);
  const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
  oneOf(LoggingConfig?.ApplicationLogLevel, 'loggingConfig.applicationLogLevel', levels);
  oneOf(LoggingConfig?.SystemLogLevel, 'loggingConfig.systemLogLevel', ['DEBUG', 'INFO', 'WARN']);
}

function checkRanges(input: Input): void {
  const range = (value: number | undefined, member: string, low: number, high: number): void => {
    if (value === undefined) return;
    if (value < low) throw validation(value, member, `Member must have value greater than or equal to ${low}`);
    if (value > high) throw validation(value, member, `Member must have value less than or equal to ${high}`);
  };
  range(input.Timeout, 'timeout', 1, 900);
  range(input.MemorySize, 'memorySize', 128, 10_240);
  range(input.EphemeralStorage?.Size, 'ephemeralStorage.size', 512, 10_240);
  if ((input.Description?.length ?? 0) > 256)
    throw validation(input.Description, 'description', 'Member must have length less than or equal to 256');
  if (input.Handler !== undefined && !/^[^\s]{1,128}$/.test(input.Handler))
    throw validation(input.Handler, 'handler', 'Member must satisfy regular expression pattern: [^\\s]+');
}

function logging(old: LoggingRecord, input: NonNullable<Input['LoggingConfig']>, name: string): LoggingRecord {
  const format = input.LogFormat ?? old.format;
  const logGroup = input.LogGroup ?? (old.logGroup || `/aws/lambda/${name}`);
  if (!/^[.\-_/#A-Za-z0-9]{1,512}$/.test(logGroup))
    throw validation(
      logGroup,
      'loggingConfig.logGroup',
      'Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+',
    );
  if (format === 'Text') {
    if (input.ApplicationLogLevel || input.SystemLogLevel)
      throw invalidParameter('ApplicationLogLevel and SystemLogLevel can only be set when the LogFormat is JSON.');
    return { format, logGroup };
  }
  return {
    format,
    logGroup,
    applicationLogLevel: input.ApplicationLogLevel ?? old.applicationLogLevel ?? 'INFO',
    systemLogLevel: input.SystemLogLevel ?? old.systemLogLevel ?? 'INFO',
  };
}
