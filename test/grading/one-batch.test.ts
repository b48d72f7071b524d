import * as sdk from '@aws-sdk/client-lambda';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { type CheckContext, inOneBatch } from '../../server/kit.ts';
import { putRole, zip } from '../cloud/services/lambda/kit.ts';
import { client, createTestCloud, OWN, REGION } from '../cloud/test-cloud.ts';

test('mappings of the source wait during the work, others and disabled ones stay as they are', async () => {
  const { cloud } = createTestCloud();
  const lambda = client(sdk.LambdaClient, cloud);
  const Role = putRole(cloud, 'worker', [{ Effect: 'Allow', Action: 'sqs:*', Resource: '*' }]);
  const Code = { ZipFile: zip('export const handler = async () => 1;') };
  const made = { FunctionName: 'reader', Role, Runtime: 'nodejs22.x', Handler: 'index.handler', Code } as const;
  await lambda.send(new sdk.CreateFunctionCommand(made));
  const arn = (name: string): string => `arn:aws:sqs:${REGION}:${OWN}:${name}`;
  for (const [name, Enabled] of [
    ['orders', true],
    ['news', true],
    ['orders-old', false],
  ] as const) {
    await client(SQSClient, cloud).send(new CreateQueueCommand({ QueueName: name }));
    await lambda.send(
      new sdk.CreateEventSourceMappingCommand({ FunctionName: 'reader', EventSourceArn: arn(name), Enabled }),
    );
  }
  const states = async (): Promise<Record<string, string>> => {
    const { EventSourceMappings } = await lambda.send(new sdk.ListEventSourceMappingsCommand({}));
    return Object.fromEntries(EventSourceMappings!.map((each) => [each.EventSourceArn!.split(':')[5], each.State!]));
  };
  const seen: unknown[] = [];
  const ctx = { admin: () => ({ client: () => lambda }), settle: async () => void seen.push('settled') };
  await inOneBatch(
    ctx as unknown as CheckContext,
    (source) => source.includes('orders'),
    async () => void seen.push(await states()),
  );
  expect(seen).toEqual([{ orders: 'Disabled', news: 'Enabled', 'orders-old': 'Disabled' }, 'settled']);
  expect(await states()).toEqual({ orders: 'Enabled', news: 'Enabled', 'orders-old': 'Disabled' });
});
