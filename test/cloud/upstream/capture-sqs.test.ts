import { beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import type { Change } from '../../../server/cloud/state/account-state.ts';
import { peekedInLocalStack, peekedInMiniStack } from '../../../server/cloud/upstream/capture/sqs/peek.ts';
import { captureAccount, changesTo } from '../../../server/cloud/upstream/capture.ts';
import { removeAccount } from '../../../server/cloud/upstream/remove.ts';
import { createTestCloud, REGION } from '../test-cloud.ts';
import { writeQueues } from './accounts/sqs.ts';
import { recordsOf, writerOf } from './accounts/step.ts';
import { capture, inOrder, loaded, sourceOf } from './kit.ts';

const only = new Set(['sqs']);

/** SQS tells its times in seconds. */
function comparable(changes: readonly Change[]): Change[] {
  const text = JSON.stringify(inOrder(changes)).replaceAll(/"(created|modified)":(\d+)\d{3}/g, '"$1":$2000');
  return JSON.parse(text) as Change[];
}

describe('queues captured by read calls', () => {
  let cloud: Cloud;
  beforeAll(async () => {
    ({ cloud } = createTestCloud());
    await writeQueues(writerOf(cloud), cloud.account().id, REGION, false);
  });

  test('are the records that the cloud has', async () => {
    const { found, unread } = await capture(cloud, only);
    expect(unread).toEqual([]);
    expect(comparable(found)).toEqual(comparable(recordsOf(cloud, 'sqs')));
    expect(found).toHaveLength(6);
  });

  test('are the same when captured of what was captured', async () => {
    const { found } = await capture(cloud, only);
    expect(inOrder((await capture(loaded(cloud, found, only), only)).found)).toEqual(inOrder(found));
  });

  test('change nothing where the mirror knew them', async () => {
    const { source } = sourceOf(cloud);
    const found = await captureAccount(source, { was: cloud.state, blobs: cloud.blobs, services: only, data: true });
    const at = cloud.scope(cloud.account().id);
    expect(changesTo(cloud.state, at, found, { services: only, data: true })).toEqual([]);
  });

  test('with messages that nobody can look at are reported, and the messages stay where they are', async () => {
    const { cloud: other } = createTestCloud({ seed: 'messages' });
    await writeQueues(writerOf(other), other.account().id, REGION);
    const before = recordsOf(other, 'sqs');
    const { unread } = await capture(other, only);
    expect(unread.map(({ what }) => what).sort()).toEqual([
      'the messages of queue line.fifo',
      'the messages of queue plain',
    ]);
    expect(recordsOf(other, 'sqs')).toEqual(before);
  });

  test('and nothing is left after removal', async () => {
    const { cloud: other } = createTestCloud({ seed: 'removal' });
    await writeQueues(writerOf(other), other.account().id, REGION, false);
    expect(await removeAccount(sourceOf(other).source, only)).toBe(0);
    expect((await capture(other, only)).found).toEqual([]);
  });
});

// Recorded from LocalStack 4.14.0 and MiniStack 1.5.33 on 2026-11-26.
describe('messages as emulators show them', () => {
  test('LocalStack', () => {
    const answer =
      '{"ReceiveMessageResponse": {"ReceiveMessageResult": {"Message": [{"MessageId": "d4ff2ec0-374c-47ac-9d18-737bfe244b20", "MD5OfBody": "be50e8478cf24ff3595bc7307fb91b50", "Body": "h\\u00e9llo", "Attribute": [{"Name": "SenderId", "Value": "111122223341"}, {"Name": "SentTimestamp", "Value": "1795711269068"}, {"Name": "AWSTraceHeader", "Value": "Root=1-5759e988-bd862e3fe1be46a994272793"}, {"Name": "ApproximateReceiveCount", "Value": "1"}, {"Name": "ApproximateFirstReceiveTimestamp", "Value": "1795711269216"}, {"Name": "IsVisible", "Value": "false"}, {"Name": "IsDelayed", "Value": "false"}], "MessageAttribute": [{"Name": "k", "Value": {"StringValue": "v", "DataType": "String"}}, {"Name": "b", "Value": {"BinaryValue": "Ymlu", "DataType": "Binary"}}], "ReceiptHandle": "SQS/BACKDOOR/ACCESS"}]}, "ResponseMetadata": {"RequestId": "43ef8580"}}}';
    expect(peekedInLocalStack(answer)).toEqual([
      {
        messageId: 'd4ff2ec0-374c-47ac-9d18-737bfe244b20',
        body: 'héllo',
        attributes: {
          k: { DataType: 'String', StringValue: 'v' },
          b: { DataType: 'Binary', BinaryValue: 'Ymlu' },
        },
        traceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793',
        senderId: '111122223341',
        sentAt: 1795711269068,
        receiveCount: 1,
        visible: false,
        delayed: false,
        firstReceivedAt: 1795711269216,
      },
    ]);
    const one =
      '{"ReceiveMessageResponse": {"ReceiveMessageResult": {"Message": {"MessageId": "m", "Body": "fifo", "Attribute": [{"Name": "SequenceNumber", "Value": "7"}, {"Name": "MessageGroupId", "Value": "g"}]}}}}';
    expect(peekedInLocalStack(one)).toMatchObject([{ messageId: 'm', groupId: 'g', sequenceNumber: '7' }]);
    expect(peekedInLocalStack('{"ReceiveMessageResponse": {"ReceiveMessageResult": null}}')).toEqual([]);
    expect(peekedInLocalStack('<Error><Code>NoSuchBucket</Code></Error>')).toBeUndefined();
  });

  test('MiniStack', () => {
    const answer =
      '{"messages": {"111122223341": {"us-east-1": {"http://localhost:14631/111122223341/a": [{"MessageId": "f271f867-6731-4306-b775-5494df84131e", "Body": "later", "MD5OfBody": "c18788c2f274c779da72d9854ea4bfbf", "MD5OfMessageAttributes": null, "SentTimestamp": 1795711277, "VisibleAt": 1795711877, "IsVisible": false, "ReceiveCount": 0, "FirstReceiveTimestamp": null, "MessageAttributes": {}, "Attributes": {"SenderId": "111122223341", "SentTimestamp": "1795711277387"}, "MessageGroupId": null, "MessageDeduplicationId": null, "SequenceNumber": null}]}}, "999988887777": {"us-east-1": {"http://localhost:14631/999988887777/b": []}}}}';
    const found = peekedInMiniStack(answer, { account: '111122223341', region: 'us-east-1' });
    expect([...found!]).toEqual([
      [
        'a',
        [
          {
            messageId: 'f271f867-6731-4306-b775-5494df84131e',
            body: 'later',
            attributes: {},
            senderId: '111122223341',
            sentAt: 1795711277387,
            receiveCount: 0,
            visible: false,
            delayed: true,
            visibleAt: 1795711877000,
          },
        ],
      ],
    ]);
    expect(peekedInMiniStack('{"code": 404}', { account: '111122223341', region: 'us-east-1' })).toBeUndefined();
  });
});
