import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import { client, createTestCloud } from '../test-cloud.ts';

test('a wrong secret is refused as AWS refuses it', async () => {
  const { cloud } = createTestCloud();
  const sts = client(STSClient, cloud, { accessKeyId: 'AKIAXXXXXXXXXXXXXXXX', secretAccessKey: 'x' });
  await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
    name: 'InvalidClientTokenId',
    $metadata: { httpStatusCode: 403 },
  });
});

test('what is not emulated answers 501 and names the operation', async () => {
  const { cloud } = createTestCloud();
  await expect(
    client(EC2Client, cloud).send(new RunInstancesCommand({ MinCount: 1, MaxCount: 1 })),
  ).rejects.toMatchObject({
    name: 'NotEmulatedByLambdaRange',
    message: expect.stringContaining('ec2:RunInstances'),
  });
});
