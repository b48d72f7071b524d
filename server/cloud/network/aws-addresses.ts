import { createHash } from 'node:crypto';
import { type Address, parseAddress, parseCidr } from './cidr.ts';

/** The AWS-managed prefix lists that gateway endpoints route by, and the public addresses that services answer on. */

export interface AwsPrefixList {
  PrefixListId: string;
  PrefixListName: string;
  service: string;
  Cidrs: string[];
}

/** Ids as they are in AWS, for the regions that labs use; other regions get a made-up one. */
const ids: Record<string, string> = {
  'us-east-1.s3': 'pl-63a5400a',
  'us-east-1.dynamodb': 'pl-02cd2c6b',
  'us-west-2.s3': 'pl-68a54001',
  'us-west-2.dynamodb': 'pl-00a54069',
  'eu-west-1.s3': 'pl-6da54004',
  'eu-west-1.dynamodb': 'pl-6fa54006',
  'eu-central-1.s3': 'pl-6ea54007',
  'eu-central-1.dynamodb': 'pl-66a5400f',
};

// differs from AWS: every region has the blocks of us-east-1 (https://ip-ranges.amazonaws.com/ip-ranges.json)
const blocks: Record<string, string[]> = {
  s3: ['16.182.0.0/16', '18.34.0.0/19', '18.34.232.0/21', '3.5.0.0/19', '52.216.0.0/15', '54.231.0.0/16'],
  dynamodb: ['3.218.182.0/24', '3.218.183.0/24', '35.71.64.0/22', '52.94.0.0/22', '52.119.224.0/21'],
};

/** The prefix lists of a region; S3's and DynamoDB's, as only they have gateway endpoints. */
export function awsPrefixLists(region: string): AwsPrefixList[] {
  return Object.entries(blocks).map(([service, Cidrs]) => ({
    PrefixListId: ids[`${region}.${service}`] ?? `pl-${digest(`${region}.${service}`).toString('hex').slice(0, 8)}`,
    PrefixListName: `com.amazonaws.${region}.${service}`,
    service,
    Cidrs,
  }));
}

export function findPrefixList(region: string, id: string): AwsPrefixList | undefined {
  return awsPrefixLists(region).find((list) => list.PrefixListId === id);
}

/**
 * The public address that stands for a service's endpoint. S3 and DynamoDB answer inside their prefix lists, but only
 * for the region that asks: another region's endpoint is in no list of this one.
 */
export function serviceAddress(service: string, region: string, ownRegion: string): Address {
  const block =
    region === ownRegion && Object.hasOwn(blocks, service)
      ? blocks[service]!.find((cidr) => cidr.startsWith('52.'))
      : undefined;
  const range = parseCidr(block ?? '52.46.128.0/19')!;
  const offset = BigInt(digest(`${service}.${region}`).readUInt16BE(0) % 1000) + 4n;
  return { version: 4, value: range.first + offset };
}

/** The public host that nothing is known of: what a rule must admit for "the internet" to be reachable. */
export const UNKNOWN_HOST = { 4: parseAddress('203.0.113.80')!, 6: parseAddress('2001:db8:ffff::80')! };

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
