import {
  CreateAliasCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { expect, test } from 'vitest';
import { seededRandom } from '../../server/cloud/random.ts';
import { CheckContext } from '../../server/grading/check-context.ts';
import { ageFunction, createExecutionRole, createFunction, servedVersions, zipFiles } from '../../server/kit.ts';
import { createTestCloud, OWN } from '../cloud/test-cloud.ts';

test('an alias serves what it gives weight to; an aged function has a runtime that nobody may choose any more', async () => {
  const { cloud, clock } = createTestCloud();
  const random = seededRandom('runtimes');
  const ctx = new CheckContext({ cloud, clock, facts: { outputs: {}, secrets: {} }, gradeSeed: 'seed', random });
  const admin = ctx.admin();
  const lambda = admin.client(LambdaClient);
  const role = await createExecutionRole(admin, 'role');
  const zip = zipFiles({ 'index.js': 'exports.handler = async () => 1;' });
  const arn = await createFunction(admin, 'papers', role, zip, {}, { Runtime: 'nodejs24.x' });
  ageFunction(cloud, cloud.scope(OWN), 'papers', 'nodejs12.x');
  await lambda.send(new PublishVersionCommand({ FunctionName: 'papers' }));
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'papers', Runtime: 'nodejs24.x' }));
  await lambda.send(new PublishVersionCommand({ FunctionName: 'papers' }));
  const alias = async (Name: string, weight: number) =>
    (
      await lambda.send(
        new CreateAliasCommand({
          FunctionName: 'papers',
          Name,
          FunctionVersion: '2',
          RoutingConfig: { AdditionalVersionWeights: { '1': weight } },
        }),
      )
    ).AliasArn!;
  const names = async (asked: string) =>
    (await servedVersions(ctx, asked)).map(({ name, runtime }) => `${name} ${runtime}`);
  expect(await names(arn)).toEqual(['papers nodejs24.x']);
  expect(await names(await alias('canary', 0.1))).toEqual(['papers:2 nodejs24.x', 'papers:1 nodejs12.x']);
  expect(await names(await alias('moved', 1))).toEqual(['papers:1 nodejs12.x']);
  expect(await names(await alias('ended', 0))).toEqual(['papers:2 nodejs24.x']);
  expect((await servedVersions(ctx, `${arn}:1`))[0]).toMatchObject({ supported: false });
});
