import { wallClock } from '../../clock.ts';
import type { Cloud } from '../../cloud.ts';
import type { Hops } from '../../context.ts';
import { decide } from '../../gateway/authorize.ts';
import { roleSession } from '../../gateway/callers.ts';
import { hex } from '../../random.ts';
import type { LogSettings } from '../../runtime/platform-log.ts';
import type { EnvironmentSpec, HostServices, LogLine } from '../../runtime/types.ts';
import type { Scope } from '../../state/table.ts';
import { parseIamArn } from '../iam/tables.ts';
import { appendLogs, logGroups, logStreamArn } from '../logs/store.ts';
import { answerExtension } from './extension.ts';
import { isSecretsExtension, parseLayerVersionArn } from './layer-records.ts';
import { arnOf } from './names.ts';
import { connectTo, type Outlet, resolveName } from './network.ts';
import type { LoggingRecord, VersionRecord } from './records.ts';
import { executionRole } from './role-rights.ts';
import { runningVersion, versionArn } from './runtime-versions.ts';

/** What the runtime needs to know of a version. A new revision is another environment. */
export function environmentSpec(cloud: Cloud, scope: Scope, version: VersionRecord): EnvironmentSpec {
  const functionArn = arnOf(scope, version.functionName);
  const day = new Date(cloud.clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
  const { blobs } = cloud;
  const { name } = runningVersion(version, scope.region, cloud.clock.now());
  return {
    key: `${cloud.id}/${functionArn}:${version.version}:${version.revisionId}:${name}`,
    functionName: version.functionName,
    functionArn,
    version: version.version,
    region: scope.region,
    accountId: scope.account,
    runtime: version.runtime,
    runtimeVersion: { name, arn: versionArn(scope.region, version.architectures[0]!, name) },
    handler: version.handler,
    code: () => blobs.get(version.codeBlob),
    codeSha256: version.codeBlob,
    layers: version.layers.flatMap(({ arn, blob }) =>
      blob ? [{ arn, sha256: blob, zip: () => blobs.get(blob) }] : [],
    ),
    memoryMB: version.memorySize,
    timeoutMs: version.timeout * 1000,
    variables: Object.fromEntries(
      Object.entries(version.environment?.variables ?? {}).map(([name, value]) => [
        name,
        asInAws(value, cloud.endpoint, scope.region),
      ]),
    ),
    logGroup: version.logging.logGroup,
    logging: logSettings(version.logging),
    logStream: `${day}/[${version.version}]${hex(cloud.random, 32)}`,
    tmpMB: version.ephemeralStorage,
    secretsExtension: version.layers.some(
      ({ arn, blob }) => !blob && isSecretsExtension(parseLayerVersionArn(arn)?.name ?? ''),
    ),
  };
}

/**
 * An address that the endpoint gave to a client outside (a queue's URL, an API's), as functions reach the same: inside of a
 * sandbox there is no endpoint, only AWS's names. AWS gives both the same address.
 */
function asInAws(value: string, endpoint: string, region: string): string {
  if (!value.startsWith(`${endpoint}/`) || value.length > 2048) return value;
  const path = value.slice(endpoint.length);
  if (/^\/\d{12}\/[\w.-]{1,80}$/.test(path)) return `https://sqs.${region}.amazonaws.com${path}`;
  const own = /^\/_range\/(lambda-url|execute-api)\/([a-z0-9]{1,40})(\/.*)?$/.exec(path);
  if (!own) return value;
  const domain = own[1] === 'lambda-url' ? 'on.aws' : 'amazonaws.com';
  return `https://${own[2]}.${own[1]}.${region}.${domain}${own[3] ?? ''}`;
}

const logSettings = ({ format, applicationLogLevel, systemLogLevel }: LoggingRecord): LogSettings => ({
  format,
  ...(applicationLogLevel ? { applicationLevel: applicationLogLevel } : {}),
  ...(systemLogLevel ? { systemLevel: systemLogLevel } : {}),
});

/**
 * What the cloud gives to an environment for one invocation: the role's credentials and rights, and nothing of its own.
 * `hops` are those of what the function does now; `logged` hears the lines that were written to its log group.
 */
export function hostServices(
  cloud: Cloud,
  scope: Scope,
  version: VersionRecord,
  spec: EnvironmentSpec,
  hops: Hops,
  logged?: (lines: readonly LogLine[]) => void,
): HostServices {
  const outlet: Outlet = {
    cloud,
    functionArn: spec.functionArn,
    hops,
    region: scope.region,
    origin: version.vpc && {
      account: scope.account,
      region: scope.region,
      subnetId: nextSubnet(cloud, spec.functionArn, version.vpc.subnetIds),
      securityGroupIds: [...version.vpc.securityGroupIds],
      ipv6AllowedForDualStack: version.vpc.ipv6,
    },
  };
  const role = parseIamArn(version.role)!;
  return {
    credentials: () => roleSession(cloud, role.account, role.name, version.functionName),
    now: () => cloud.clock.now(),
    clockMoves: cloud.clock !== wallClock,
    resolve: (name) => resolveName(outlet, name),
    connect: (destination) => connectTo(outlet, destination),
    log: (lines, stream) => {
      if (writeLogs(cloud, scope, version, { ...spec, logStream: stream }, lines, hops)) logged?.(lines);
    },
    extension: (path, query) => answerExtension(outlet, version, path, query),
  };
}

/** Environments are spread over a function's subnets in turn, as Lambda spreads them. */
function nextSubnet(cloud: Cloud, functionArn: string, subnetIds: readonly string[]): string {
  const chosen = `lambda.nextSubnet:${functionArn}`;
  const wanted = cloud.memory.get(chosen) as string | undefined;
  if (wanted !== undefined && subnetIds.includes(wanted)) return wanted;
  const key = `lambda.subnet:${functionArn}`;
  const turn = ((cloud.memory.get(key) as number | undefined) ?? -1) + 1;
  cloud.memory.set(key, turn);
  return subnetIds[turn % subnetIds.length]!;
}

/**
 * Ends a function's running environments and lets the next one stand in a given subnet of its. A grader must try all of
 * them, and a connection that was kept open from one proves nothing about another.
 */
export async function startNextIn(cloud: Cloud, functionArn: string, subnetId: string): Promise<void> {
  await cloud.runtime?.discard(`${cloud.id}/${functionArn}:`);
  cloud.memory.set(`lambda.nextSubnet:${functionArn}`, subnetId);
}

/**
 * Writes log lines with the role's rights; without them nothing is written and the function runs on, as in AWS.
 * True where the lines were written.
 */
function writeLogs(
  cloud: Cloud,
  scope: Scope,
  version: VersionRecord,
  spec: EnvironmentSpec,
  lines: LogLine[],
  hops: Hops,
): boolean {
  const source = { ip: 'lambda.amazonaws.com', userAgent: 'awslambda-worker', functionArn: spec.functionArn };
  const role = executionRole(cloud, version.role, version.functionName, source);
  if (!role) return false;
  const { logGroup: group, logStream: stream } = spec;
  const may = (action: string, resource: string): boolean =>
    decide(
      cloud,
      cloud.state,
      role,
      { action: `logs:${action}`, resource, resourceAccount: scope.account },
      scope.region,
    ).decision === 'allowed';
  const groupExists = cloud.state.get(logGroups, scope, group) !== undefined;
  if (!groupExists && !may('CreateLogGroup', logStreamArn(scope, group))) return false;
  if (!may('CreateLogStream', logStreamArn(scope, group))) return false;
  if (!may('PutLogEvents', logStreamArn(scope, group, stream))) return false;
  cloud.transact((state) => appendLogs(state, scope, group, stream, lines, cloud.clock.now(), hops));
  return true;
}
