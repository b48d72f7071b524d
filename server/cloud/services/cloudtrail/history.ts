import type { CallRecord } from '../../call-log.ts';
import type { Cloud } from '../../cloud.ts';
import { isDataEvent } from '../../gateway/data-events.ts';
import { wireServices } from '../../wire/services.ts';
import { recordedCalls } from './recorded.ts';

/** The calls that an account made, as far as CloudTrail tells of them: what the lab brought and what happened since. */

const DAY = 86_400_000;

/** IAM has no region: its events lie in us-east-1. */
const globalSources = new Set(['iam.amazonaws.com']);

export const regionOf = (record: CallRecord): string =>
  globalSources.has(record.eventSource) ? 'us-east-1' : record.awsRegion;

/**
 * The management events of an account in a region of the last ninety days, newest first.
 * differs from AWS: of what happened in the account itself the last 2,000 calls are kept, and a call to another account is
 * told to the caller's only.
 */
export function historyOf(cloud: Cloud, account: string, region: string | undefined): CallRecord[] {
  const since = new Date(cloud.clock.now() - 90 * DAY).toISOString();
  const brought = cloud.state.list(recordedCalls, { account, region: '' }).flatMap(({ value }) => value.calls);
  return [...brought, ...cloud.calls.list()]
    .filter(
      (record) =>
        record.recipientAccountId === account &&
        (region === undefined || regionOf(record) === region) &&
        record.eventTime >= since &&
        isManagementEvent(record),
    )
    .sort((a, b) => (a.eventTime === b.eventTime ? 0 : a.eventTime < b.eventTime ? 1 : -1));
}

/** Those that the event history shows; the others are data events, which only a trail can have. */
export function isManagementEvent({ eventSource, eventName }: CallRecord): boolean {
  const name = eventName.replace(/20\d{6}(?:v2)?$/, '');
  return !(servicesOf.get(eventSource) ?? []).some((service) => isDataEvent(service, name));
}

/** Several services have one source (REST and HTTP APIs, DynamoDB and its streams). */
const servicesOf = new Map<string, string[]>();
for (const { id, eventSource } of wireServices)
  servicesOf.set(eventSource, [...(servicesOf.get(eventSource) ?? []), id]);
