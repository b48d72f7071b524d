import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  PutMetricFilterCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Source } from '../../../../server/cloud/upstream/types.ts';

/** Log groups with every optional member set somewhere and left out elsewhere, and a stream of more than one chunk. */
export async function makeLogs(client: Source['client'], account: string): Promise<void> {
  const logs = client(CloudWatchLogsClient);
  const logGroupName = '/aws/lambda/orders';
  await logs.send(new CreateLogGroupCommand({ logGroupName, tags: { team: 'orders', stage: '' } }));
  await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 14 }));
  const kmsKeyId = `arn:aws:kms:us-east-1:${account}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
  await logs.send(new CreateLogGroupCommand({ logGroupName: 'plain', kmsKeyId }));
  await logs.send(
    new PutMetricFilterCommand({
      logGroupName,
      filterName: 'errors',
      filterPattern: 'ERROR',
      metricTransformations: [
        { metricName: 'Errors', metricNamespace: 'Shop', metricValue: '1', defaultValue: 0, unit: 'Count' },
      ],
    }),
  );
  const stream = (logStreamName: string) => logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  await stream('2026/11/26/[$LATEST]aa');
  await stream('2026/11/26/[1]bb');
  await stream('empty');
  const now = Date.now();
  const put = (logStreamName: string, lines: readonly (readonly [number, string])[]) =>
    logs.send(
      new PutLogEventsCommand({
        logGroupName,
        logStreamName,
        logEvents: lines.map(([ago, message]) => ({ timestamp: now - ago, message })),
      }),
    );
  await put('2026/11/26/[$LATEST]aa', [
    [3000, 'START\n'],
    [3000, 'a line of the same moment'],
    [2000, '{"order":"é"}'],
  ]);
  await put('2026/11/26/[1]bb', [[2500, 'between']]);
  await put(
    '2026/11/26/[$LATEST]aa',
    Array.from({ length: 250 }, (_, n) => [1000 - n, `line ${n} ${'x'.repeat(400)}`] as const),
  );
}
