import type {
  PutEventsCommandInput,
  PutEventsCommandOutput,
  PutEventsRequestEntry,
  PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import { type Access, type CallContext, operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { isObject } from '../../event-pattern/pattern.ts';
import { uuid } from '../../random.ts';
import { type BusEvent, publishTo, timestamp } from './deliver.ts';
import { constraint, invalid } from './errors.ts';
import { busAccess, findBus, placeOfBus } from './store.ts';

const mostEntries = 10;
const mostBytes = 262_144;

/** What a rule adds to an entry that it sends on to another bus; the wire has no such member. */
type Entry = PutEventsRequestEntry & { forwarded?: Pick<BusEvent, 'id' | 'account' | 'region' | 'time'> };

/** Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevents-size */
function sizeOf(entry: Entry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), entry.Time ? 14 : 0);
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
export const PutEvents = operation<PutEventsCommandInput, PutEventsCommandOutput>({
  access(ctx, input) {
    const asked = new Map<string, Access>();
    for (const entry of (input.Entries ?? []).slice(0, mostEntries) as Entry[]) {
      const place = placeOfBus(ctx, entry.EventBusName, 'entries.1.member.eventBusName');
      const context = {
        ...(entry.Source ? { 'events:source': [entry.Source] } : {}),
        ...(entry.DetailType ? { 'events:detail-type': [entry.DetailType] } : {}),
        'events:eventBusInvocation': String(entry.forwarded !== undefined),
      };
      asked.set(JSON.stringify([place.arn, context]), busAccess(ctx, 'PutEvents', place, context));
    }
    return asked.size ? [...asked.values()] : busAccess(ctx, 'PutEvents', placeOfBus(ctx, undefined));
  },
  run(ctx, input) {
    const entries = (input.Entries ?? []) as Entry[];
    if (input.EndpointId) throw new NotEmulated('events: global endpoints');
    if (entries.length < 1) throw constraint('entries', '[]', 'have length greater than or equal to 1');
    if (entries.length > mostEntries)
      throw constraint('entries', `[${entries.length} entries]`, `have length less than or equal to ${mostEntries}`);
    if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > mostBytes)
      throw invalid('Total size of the entries in the request is over the limit.');
    const results = entries.map((entry) => put(ctx, entry));
    return { FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode).length, Entries: results };
  },
});

/** "PutEvents will only process nested JSON up to 1000 levels deep." */
const deepest = 1_000;

/** How deep the brackets of a JSON text are nested. */
function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted && c === '\\') i++;
    else if (c === '"') quoted = !quoted;
    else if (!quoted && (c === '{' || c === '[')) most = Math.max(most, ++depth);
    else if (!quoted && (c === '}' || c === ']')) depth--;
  }
  return most;
}

function put(ctx: CallContext, entry: Entry): PutEventsResultEntry {
  const refused = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
  for (const name of ['Source', 'DetailType', 'Detail'] as const)
    if (!entry[name])
      return refused('InvalidArgument', `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
  const { Source: source, DetailType: type, Detail: text, forwarded } = entry as Entry & Record<string, string>;
  if (!forwarded && /^aws\./i.test(source!))
    return refused('NotAuthorizedForSourceException', 'Not authorized for the source.');
  if (depthOf(text!) > deepest) return refused('MalformedDetail', 'Detail is malformed.');
  let detail: unknown;
  try {
    detail = JSON.parse(text!);
  } catch {
    return refused('MalformedDetail', 'Detail is malformed.');
  }
  if (!isObject(detail)) return refused('MalformedDetail', 'Detail is malformed.');
  const bus = placeOfBus(ctx, entry.EventBusName);
  const event: BusEvent = {
    version: '0',
    id: forwarded?.id ?? uuid(ctx.cloud.random),
    'detail-type': type!,
    source: source!,
    account: forwarded?.account ?? ctx.account,
    time: forwarded?.time ?? timestamp(entry.Time ? new Date(entry.Time).getTime() : ctx.now),
    region: forwarded?.region ?? ctx.region,
    resources: entry.Resources ?? [],
    detail,
  };
  // A bus that is not there swallows events: AWS answers as if they had been taken.
  if (findBus(ctx.state, bus))
    publishTo(
      { cloud: ctx.cloud, state: ctx.state, now: ctx.now, hops: ctx.caller.source.hops },
      bus,
      bus.name,
      event,
      forwarded !== undefined,
    );
  return { EventId: event.id };
}
