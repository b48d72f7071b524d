import {
  GetFunctionConfigurationCommand,
  GetRuntimeManagementConfigCommand,
  LambdaClient,
  PublishVersionCommand,
  PutRuntimeManagementConfigCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type UpdateRuntimeOn,
} from '@aws-sdk/client-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { MovableClock } from '../../../../server/cloud/clock.ts';
import { runtimeVersions, versionArn } from '../../../../server/cloud/services/lambda/runtime-versions.ts';
import { client, createTestCloud } from '../../test-cloud.ts';
import { createFunction, zip } from './kit.ts';

const DAY = 86_400_000;
const FunctionName = 'app';
const arnOf = (index: number) => versionArn('us-east-1', 'x86_64', runtimeVersions('nodejs22.x')[index]!.name);
const releaseOf = (index: number) => Date.parse(runtimeVersions('nodejs22.x')[index]!.released);

describe('runtime versions', () => {
  let lambda: LambdaClient;
  let clock: MovableClock;
  beforeEach(async () => {
    // Ten days after a release: its rollout to functions that nobody touches has not begun.
    clock = new MovableClock({ now: () => releaseOf(3) + 10 * DAY });
    const { cloud } = createTestCloud({ clock });
    lambda = client(LambdaClient, cloud);
    await createFunction(cloud, FunctionName);
  });

  const runs = async (Qualifier?: string) =>
    (await lambda.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier }))).RuntimeVersionConfig
      ?.RuntimeVersionArn;
  const put = (UpdateRuntimeOn: UpdateRuntimeOn, RuntimeVersionArn?: string, Qualifier?: string) =>
    lambda.send(new PutRuntimeManagementConfigCommand({ FunctionName, UpdateRuntimeOn, RuntimeVersionArn, Qualifier }));
  const to = (time: number) => clock.advance(time - clock.now());

  it('Auto: a new function has the newest, later ones come in the second phase of their rollout', async () => {
    expect(await runs()).toBe(arnOf(3));
    to(releaseOf(4) + DAY);
    expect(await runs()).toBe(arnOf(3));
    to(releaseOf(4) + 22 * DAY);
    expect(await runs()).toBe(arnOf(4));
    to(releaseOf(5) + DAY);
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 5 }));
    expect(await runs()).toBe(arnOf(5));
  });

  it('FunctionUpdate: a later one comes with the next update, never by itself', async () => {
    await put('FunctionUpdate');
    to(releaseOf(5) + 30 * DAY);
    expect(await runs()).toBe(arnOf(3));
    await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: zip('export const handler = 1;') }));
    expect(await runs()).toBe(arnOf(5));
  });

  it('Manual: stays, through updates too, until the mode is another', async () => {
    expect(await put('Manual', arnOf(1))).toMatchObject({ UpdateRuntimeOn: 'Manual', RuntimeVersionArn: arnOf(1) });
    to(releaseOf(5) + 30 * DAY);
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 5 }));
    expect(await runs()).toBe(arnOf(1));
    expect(await lambda.send(new GetRuntimeManagementConfigCommand({ FunctionName }))).toMatchObject({
      UpdateRuntimeOn: 'Manual',
      RuntimeVersionArn: arnOf(1),
    });
    await put('FunctionUpdate');
    expect(await runs()).toBe(arnOf(1));
    await put('Auto');
    expect(await runs()).toBe(arnOf(5));
    expect((await lambda.send(new GetRuntimeManagementConfigCommand({ FunctionName }))).RuntimeVersionArn).toBe(
      undefined,
    );
  });

  it('a published version keeps its own setting', async () => {
    await put('Manual', arnOf(2));
    await lambda.send(new PublishVersionCommand({ FunctionName }));
    await put('Auto');
    to(releaseOf(4) + 22 * DAY);
    expect([await runs(), await runs('1')]).toEqual([arnOf(4), arnOf(2)]);
    await put('Auto', undefined, '1');
    expect(await runs('1')).toBe(arnOf(4));
    // A setting is no change of code or configuration: nothing new to publish.
    expect((await lambda.send(new PublishVersionCommand({ FunctionName }))).Version).toBe('1');
  });

  it('Manual takes a version of this runtime that is out, and no other mode takes one', async () => {
    const refused = { name: 'InvalidParameterValueException' };
    await expect(put('Manual')).rejects.toMatchObject(refused);
    await expect(put('Auto', arnOf(1))).rejects.toMatchObject(refused);
    await expect(put('Manual', arnOf(6))).rejects.toMatchObject(refused);
    const other = versionArn('us-east-1', 'x86_64', runtimeVersions('python3.13')[0]!.name);
    await expect(put('Manual', other)).rejects.toMatchObject(refused);
    await expect(put('Sometimes' as 'Auto')).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('another runtime has versions of its own', async () => {
    await put('Manual', arnOf(1));
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Runtime: 'nodejs24.x' }));
    expect(await runs()).toBe(versionArn('us-east-1', 'x86_64', runtimeVersions('nodejs24.x')[3]!.name));
  });
});
