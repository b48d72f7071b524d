import { gzipSync } from 'node:zlib';
import type { CallRecord } from '../../call-log.ts';
import type { Cloud } from '../../cloud.ts';
import { hex } from '../../random.ts';
import { eventRecord } from './event-record.ts';
import { regionOf } from './history.ts';
import { recordedCalls } from './recorded.ts';

/**
 * What a trail for all events would have written of an account's recorded past, data events too: one file for each day and
 * region, with the key that CloudTrail gives it. For labs, which put the files into a bucket.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html
 * differs from AWS: there a file comes every five minutes or so, not once a day.
 */
export function logFiles(cloud: Cloud, account: string): { key: string; body: Uint8Array }[] {
  const calls = cloud.state.list(recordedCalls, { account, region: '' }).flatMap(({ value }) => value.calls);
  const files = new Map<string, CallRecord[]>();
  for (const call of calls.sort((a, b) => (a.eventTime < b.eventTime ? -1 : 1))) {
    const place = `${regionOf(call)}/${call.eventTime.slice(0, 10)}`;
    files.set(place, [...(files.get(place) ?? []), call]);
  }
  return [...files].map(([place, records]) => {
    const [region, day] = place.split('/') as [string, string];
    const name = `${account}_CloudTrail_${region}_${day.replaceAll('-', '')}T2355Z_${hex(cloud.random, 16)}.json.gz`;
    return {
      key: `AWSLogs/${account}/CloudTrail/${region}/${day.replaceAll('-', '/')}/${name}`,
      body: gzipSync(JSON.stringify({ Records: records.map(eventRecord) })),
    };
  });
}
