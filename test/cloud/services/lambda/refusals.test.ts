import * as sdk from '@aws-sdk/client-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { client, createTestCloud, OWN } from '../../test-cloud.ts';
import { createFunction, logsAllowed, putRole, zip } from './kit.ts';

let cloud: Cloud;
let lambda: sdk.LambdaClient;
beforeEach(() => {
  ({ cloud } = createTestCloud());
  lambda = client(sdk.LambdaClient, cloud);
});

const FunctionName = 'app';
const code = { FunctionName, ZipFile: zip('export const handler = 2;') };

describe('code signing', () => {
  const profile = `arn:aws:signer:us-east-1:${OWN}:/signing-profiles/release/abcdefghij`;
  const configuration = async (UntrustedArtifactOnDeployment?: 'Warn' | 'Enforce') => {
    const { CodeSigningConfig } = await lambda.send(
      new sdk.CreateCodeSigningConfigCommand({
        AllowedPublishers: { SigningProfileVersionArns: [profile] },
        ...(UntrustedArtifactOnDeployment ? { CodeSigningPolicies: { UntrustedArtifactOnDeployment } } : {}),
      }),
    );
    return CodeSigningConfig!;
  };
  const blocked = { name: 'CodeVerificationFailedException', $metadata: { httpStatusCode: 400 } };

  it('warns unless told otherwise, and what only warns lets everything through', async () => {
    const { CodeSigningConfigArn, CodeSigningPolicies } = await configuration();
    expect(CodeSigningPolicies).toEqual({ UntrustedArtifactOnDeployment: 'Warn' });
    await createFunction(cloud, FunctionName, undefined, { CodeSigningConfigArn });
    await lambda.send(new sdk.UpdateFunctionCodeCommand(code));
  });

  it('that is enforced stops new code and new layers, and asks nothing of what is there', async () => {
    const { CodeSigningConfigArn } = await configuration('Enforce');
    await expect(createFunction(cloud, 'new', undefined, { CodeSigningConfigArn })).rejects.toMatchObject({
      code: blocked.name,
    });
    await createFunction(cloud, FunctionName);
    await lambda.send(new sdk.PutFunctionCodeSigningConfigCommand({ FunctionName, CodeSigningConfigArn }));
    await expect(lambda.send(new sdk.UpdateFunctionCodeCommand(code))).rejects.toMatchObject(blocked);
    const { LayerVersionArn } = await lambda.send(
      new sdk.PublishLayerVersionCommand({ LayerName: 'l', Content: { ZipFile: zip('export {}') } }),
    );
    await expect(
      lambda.send(new sdk.UpdateFunctionConfigurationCommand({ FunctionName, Layers: [LayerVersionArn!] })),
    ).rejects.toMatchObject(blocked);
    await lambda.send(new sdk.UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 9 }));
    expect((await lambda.send(new sdk.GetFunctionCommand({ FunctionName }))).Configuration?.Timeout).toBe(9);
    await lambda.send(new sdk.DeleteFunctionCodeSigningConfigCommand({ FunctionName }));
    await lambda.send(new sdk.UpdateFunctionCodeCommand(code));
  });

  it('that is not there cannot be given to a function', async () => {
    await createFunction(cloud, FunctionName);
    const CodeSigningConfigArn = `arn:aws:lambda:us-east-1:${OWN}:code-signing-config:csc-0123456789abcdef0`;
    await expect(
      lambda.send(new sdk.PutFunctionCodeSigningConfigCommand({ FunctionName, CodeSigningConfigArn })),
    ).rejects.toMatchObject({ name: 'CodeSigningConfigNotFoundException', $metadata: { httpStatusCode: 404 } });
  });
});

it('tracing takes a role that may write traces', async () => {
  const TracingConfig = { Mode: 'Active' };
  await expect(createFunction(cloud, FunctionName, undefined, { TracingConfig })).rejects.toMatchObject({
    code: 'InvalidParameterValueException',
    message: 'The provided execution role does not have permissions to call PutTraceSegments on XRAY',
  });
  putRole(cloud, 'app-role', [logsAllowed, { Effect: 'Allow', Action: 'xray:Put*', Resource: '*' }]);
  expect((await createFunction(cloud, FunctionName, undefined, { TracingConfig })).TracingConfig).toEqual(
    TracingConfig,
  );
});

it.each([
  [{ TracingConfig: { Mode: 'Sometimes' } }, 'tracingConfig.mode'],
  [{ SnapStart: { ApplyOn: 'Always' } }, 'snapStart.applyOn'],
  [{ LoggingConfig: { LogFormat: 'XML' } }, 'loggingConfig.logFormat'],
  [{ LoggingConfig: { LogFormat: 'JSON', SystemLogLevel: 'TRACE' } }, 'loggingConfig.systemLogLevel'],
])('%j is no choice', async (members, member) => {
  await expect(createFunction(cloud, FunctionName, undefined, members)).rejects.toMatchObject({
    code: 'ValidationException',
    message: expect.stringContaining(`at '${member}' failed to satisfy constraint`),
  });
});

it('SnapStart is for the runtimes that have it', async () => {
  const SnapStart = { ApplyOn: 'PublishedVersions' };
  await expect(createFunction(cloud, FunctionName, undefined, { SnapStart })).rejects.toMatchObject({
    message: 'nodejs22.x is not supported for SnapStart enabled functions.',
  });
  const python = { Runtime: 'python3.13', Handler: 'app.handler', SnapStart };
  expect((await createFunction(cloud, FunctionName, undefined, python)).SnapStart).toMatchObject(SnapStart);
});

it('what is not emulated is refused by name, never taken in silence', async () => {
  const refused = { name: 'NotEmulatedByLambdaRange', $metadata: { httpStatusCode: 501 } };
  await createFunction(cloud, FunctionName);
  const commands = [
    new sdk.InvokeCommand({ FunctionName, DurableExecutionName: 'one' }),
    new sdk.PublishVersionCommand({ FunctionName, PublishTo: 'LATEST_PUBLISHED' }),
    new sdk.UpdateFunctionCodeCommand({ ...code, PublishTo: 'LATEST_PUBLISHED' }),
    new sdk.UpdateFunctionConfigurationCommand({ FunctionName, DurableConfig: { ExecutionTimeout: 60 } }),
    new sdk.UpdateFunctionConfigurationCommand({
      FunctionName,
      FileSystemConfigs: [
        { Arn: 'arn:aws:elasticfilesystem:us-east-1:1:access-point/fsap-1', LocalMountPath: '/mnt/a' },
      ],
    }),
    new sdk.ListCapacityProvidersCommand({}),
    new sdk.GetFunctionScalingConfigCommand({ FunctionName, Qualifier: '1' }),
    new sdk.ListDurableExecutionsByFunctionCommand({ FunctionName }),
  ];
  // biome-ignore lint/suspicious/noExplicitAny: commands of many kinds
  for (const command of commands) await expect(lambda.send(command as any)).rejects.toMatchObject(refused);
  await expect(lambda.send(new sdk.InvokeCommand({ FunctionName, TenantId: 'one' }))).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
  });
});
