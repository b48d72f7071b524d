import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { logFiles } from '../../../../server/cloud/services/cloudtrail/log-files.ts';
import { recordCalls } from '../../../../server/cloud/services/cloudtrail/recorded.ts';
import { createTestCloud, OWN, REGION } from '../../test-cloud.ts';
import { putRole } from '../lambda/kit.ts';

it('are what a trail would have written of the recorded past, data events too', () => {
  const { cloud } = createTestCloud();
  putRole(cloud, 'app-role', []);
  const by = { role: 'app-role', session: 'app' };
  const DAY = 86_400_000;
  recordCalls(cloud, OWN, [
    { ago: DAY, service: 's3', operation: 'ListObjectsV2', by, input: { Bucket: 'b', Prefix: 'daily/' } },
    { ago: DAY - 1, service: 'ssm', operation: 'GetParameter', by, input: { Name: '/app' } },
    { ago: 3 * DAY, service: 'dynamodb', operation: 'Query', by, input: { TableName: 't', IndexName: 'i' } },
  ]);
  const files = logFiles(cloud, OWN);
  const day = new Date(cloud.clock.now() - 3 * DAY).toISOString().slice(0, 10).replaceAll('-', '/');
  expect(files.map(({ key }) => key.split('/').slice(0, -1).join('/'))[0]).toBe(
    `AWSLogs/${OWN}/CloudTrail/${REGION}/${day}`,
  );
  const records = files.flatMap(({ body }) => JSON.parse(gunzipSync(body).toString()).Records);
  expect(
    records.map(({ eventName, eventCategory, requestParameters }) => [eventName, eventCategory, requestParameters]),
  ).toEqual([
    ['Query', 'Data', { tableName: 't', indexName: 'i' }],
    ['ListObjects', 'Data', { bucketName: 'b', Host: 'b.s3.amazonaws.com', prefix: 'daily/' }],
    ['GetParameter', 'Management', { name: '/app' }],
  ]);
});
