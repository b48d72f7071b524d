import type { Event, LookupEventsCommandInput, LookupEventsCommandOutput } from '@aws-sdk/client-cloudtrail';
import type { CallRecord } from '../../call-log.ts';
import { operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { eventRecord, resourcesOf, userNameOf } from './event-record.ts';
import { historyOf } from './history.ts';

const most = 50;

const readers: Record<string, (record: CallRecord) => (string | undefined)[]> = {
  EventId: ({ eventID }) => [eventID],
  EventName: ({ eventName }) => [eventName],
  EventSource: ({ eventSource }) => [eventSource],
  ReadOnly: ({ readOnly }) => [String(readOnly)],
  Username: (record) => [userNameOf(record)],
  AccessKeyId: ({ userIdentity }) => [userIdentity.accessKeyId],
  ResourceType: (record) => resourcesOf(record).map(({ ResourceType }) => ResourceType),
  ResourceName: (record) => resourcesOf(record).map(({ ResourceName }) => ResourceName),
};

/**
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 * differs from AWS: an event is there at once, not after some minutes, and there is no limit of two requests a second.
 */
export const LookupEvents = operation<LookupEventsCommandInput, LookupEventsCommandOutput>({
  access: () => ({ action: 'cloudtrail:LookupEvents', resource: '*' }),
  run(ctx, input) {
    const { MaxResults: limit = most, StartTime: start, EndTime: end } = input;
    if (limit < 1 || limit > most)
      throw new AwsError('InvalidMaxResultsException', `Max results must be between 1 and ${most}.`);
    if (start && end && start > end)
      throw new AwsError('InvalidTimeRangeException', 'The start time must not be after the end time.');
    const passes = attributeTest(input.LookupAttributes ?? []);
    const found = historyOf(ctx.cloud, ctx.account, ctx.region).filter(
      (record) =>
        passes(record) &&
        (!start || record.eventTime >= start.toISOString()) &&
        (!end || record.eventTime <= end.toISOString()),
    );
    const from = position(found, input.NextToken);
    // Insight events are of trails that have them switched on, and none has.
    const page = input.EventCategory === 'insight' ? [] : found.slice(from, from + limit);
    const last = page.at(-1);
    return {
      Events: page.map(view),
      ...(last && from + limit < found.length
        ? { NextToken: Buffer.from(`1:${last.eventID}`).toString('base64url') }
        : {}),
    };
  },
});

function attributeTest(
  attributes: readonly { AttributeKey?: string | undefined; AttributeValue?: string | undefined }[],
): (record: CallRecord) => boolean {
  const fault = (message: string) => new AwsError('InvalidLookupAttributesException', message);
  if (attributes.length > 1) throw fault('Only one lookup attribute is allowed.');
  const [attribute] = attributes;
  if (!attribute) return () => true;
  const { AttributeKey: key = '', AttributeValue: value = '' } = attribute;
  if (!Object.hasOwn(readers, key)) throw fault(`The lookup attribute ${key.slice(0, 64)} is not valid.`);
  if (value.length < 1 || value.length > 2000) throw fault('The value of a lookup attribute has 1 to 2000 characters.');
  return (record) => readers[key]!(record).includes(value);
}

/** Behind the event that the token names. */
function position(found: readonly CallRecord[], token: string | undefined): number {
  if (!token) return 0;
  const text = Buffer.from(token, 'base64url').toString();
  const at = text.startsWith('1:') ? found.findIndex(({ eventID }) => eventID === text.slice(2)) : -1;
  if (at < 0) throw new AwsError('InvalidNextTokenException', 'The next token is not valid.');
  return at + 1;
}

function view(record: CallRecord): Event {
  const user = userNameOf(record);
  const { accessKeyId } = record.userIdentity;
  return {
    EventId: record.eventID,
    EventName: record.eventName,
    ReadOnly: String(record.readOnly),
    ...(accessKeyId ? { AccessKeyId: accessKeyId } : {}),
    EventTime: new Date(record.eventTime),
    EventSource: record.eventSource,
    ...(user === undefined ? {} : { Username: user }),
    Resources: resourcesOf(record),
    CloudTrailEvent: JSON.stringify(eventRecord(record)),
  };
}
