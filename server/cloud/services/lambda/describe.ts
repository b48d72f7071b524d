import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { CallContext } from '../../context.ts';
import type { Scope } from '../../state/table.ts';
import { showEnvironment } from './environment-variables.ts';
import { arnOf } from './names.ts';
import type { VersionRecord } from './records.ts';
import { runningArn } from './runtime-versions.ts';

/**
 * A version as AWS shows it. `qualifier`: what the request named, as the ARN in the answer repeats it.
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
 */
export async function describeVersion(
  ctx: CallContext,
  scope: Scope,
  version: VersionRecord,
  qualifier?: string,
): Promise<FunctionConfiguration> {
  const functionArn = arnOf(scope, version.functionName);
  const shown = qualifier ?? (version.version === '$LATEST' ? undefined : version.version);
  const environment = await showEnvironment(ctx, functionArn, version);
  const { logging, vpc } = version;
  return {
    FunctionName: version.functionName,
    FunctionArn: shown === undefined ? functionArn : `${functionArn}:${shown}`,
    Runtime: version.runtime as FunctionConfiguration['Runtime'],
    Role: version.role,
    Handler: version.handler,
    CodeSize: version.codeSize,
    Description: version.description,
    Timeout: version.timeout,
    MemorySize: version.memorySize,
    LastModified: version.lastModified,
    CodeSha256: version.codeSha256,
    Version: version.version,
    ...(vpc
      ? {
          VpcConfig: {
            SubnetIds: [...vpc.subnetIds],
            SecurityGroupIds: [...vpc.securityGroupIds],
            VpcId: vpc.vpcId,
            Ipv6AllowedForDualStack: vpc.ipv6,
          },
        }
      : {}),
    ...(version.deadLetterArn ? { DeadLetterConfig: { TargetArn: version.deadLetterArn } } : {}),
    ...(environment ? { Environment: environment } : {}),
    ...(version.kmsKeyArn ? { KMSKeyArn: version.kmsKeyArn } : {}),
    TracingConfig: { Mode: version.tracing },
    RevisionId: version.revisionId,
    ...(version.layers.length
      ? { Layers: version.layers.map(({ arn, codeSize }) => ({ Arn: arn, CodeSize: codeSize })) }
      : {}),
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: [...version.architectures] as FunctionConfiguration['Architectures'],
    EphemeralStorage: { Size: version.ephemeralStorage },
    SnapStart: {
      ApplyOn: version.snapStart,
      OptimizationStatus: version.snapStart === 'PublishedVersions' && version.version !== '$LATEST' ? 'On' : 'Off',
    },
    RuntimeVersionConfig: {
      RuntimeVersionArn: runningArn(version, scope.region, ctx.now),
    },
    LoggingConfig: {
      LogFormat: logging.format,
      LogGroup: logging.logGroup,
      ...(logging.applicationLogLevel ? { ApplicationLogLevel: logging.applicationLogLevel as 'INFO' } : {}),
      ...(logging.systemLogLevel ? { SystemLogLevel: logging.systemLogLevel as 'INFO' } : {}),
    },
  };
}
