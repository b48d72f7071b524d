import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import { subscriptionFilters } from '../../../server/cloud/services/logs/push.ts';
import type { Change } from '../../../server/cloud/state/account-state.ts';
import { capturedLogs } from '../../../server/cloud/upstream/capture/logs.ts';
import { captureAccount } from '../../../server/cloud/upstream/capture.ts';
import { createTestCloud, OWN } from '../test-cloud.ts';
import { makeLogs } from './accounts/logs.ts';
import { inOrder, sourceOf } from './kit.ts';
import { ownRecords, removed, roundtrip } from './roundtrip.ts';

const services = new Set(['logs']);
const configuration = new Set(capturedLogs.tables.map(({ name }) => name));
const tables = new Set([...capturedLogs.tables, ...capturedLogs.data].map(({ name }) => name));
const scope = { account: OWN, region: 'us-east-1' };

async function account(): Promise<Cloud> {
  const { cloud } = createTestCloud();
  await makeLogs(sourceOf(cloud).source.client, OWN);
  const group = '/aws/lambda/orders';
  cloud.transact((state) =>
    state.put(subscriptionFilters, scope, `${group}:all`, {
      group,
      name: 'all',
      filterPattern: '{ $.order = "*" }',
      destinationArn: `arn:aws:lambda:us-east-1:${OWN}:function:collect`,
      roleArn: `arn:aws:iam::${OWN}:role/collect`,
      distribution: 'Random',
      created: cloud.clock.now(),
    }),
  );
  return cloud;
}

describe('CloudWatch Logs captured', () => {
  let cloud: Cloud;
  let found: Change[];
  let copy: Cloud;
  beforeAll(async () => {
    cloud = await account();
    ({ found, copy } = await roundtrip(cloud, services));
  });

  it('holds the records of the account, events and all', () => {
    expect(found).toEqual(ownRecords(cloud, tables));
    expect(found.filter(({ table }) => table === 'logs.chunks').length).toBeGreaterThan(4);
  });

  it('leaves streams and events alone where data is not wanted', async () => {
    const { source } = sourceOf(cloud);
    const options = { was: cloud.state, blobs: cloud.blobs, services, data: false };
    expect(inOrder(await captureAccount(source, options))).toEqual(ownRecords(cloud, configuration));
  });

  it('answers the same events in the same order', async () => {
    const events = async (of: Cloud) => {
      const logs = sourceOf(of).source.client(CloudWatchLogsClient);
      const input = {
        logGroupName: '/aws/lambda/orders',
        logStreamName: '2026/11/26/[$LATEST]aa',
        startFromHead: true,
      };
      return (await logs.send(new GetLogEventsCommand(input))).events;
    };
    expect(await events(copy)).toEqual(await events(cloud));
    expect(await events(copy)).toHaveLength(253);
  });

  it('is empty after removal', async () => {
    expect(await removed(await account(), services)).toEqual([]);
  });
});
