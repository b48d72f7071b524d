import type {
  CreateEventBusCommandInput,
  CreateEventBusCommandOutput,
  DeleteEventBusCommandInput,
  DeleteEventBusCommandOutput,
  DescribeEventBusCommandInput,
  DescribeEventBusCommandOutput,
  ListEventBusesCommandInput,
  ListEventBusesCommandOutput,
  UpdateEventBusCommandInput,
  UpdateEventBusCommandOutput,
} from '@aws-sdk/client-eventbridge';
import { operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { requestTagContext, tagsFrom } from '../../tags.ts';
import { constraint, exists, invalid, tooMany } from './errors.ts';
import { pageOf } from './pages.ts';
import { type BusRecord, busAccess, busArn, buses, findBus, getBus, placeOfBus, rulesOf } from './store.ts';
import { checkTags } from './tag-rules.ts';

const mostBuses = 100;

interface Settings {
  KmsKeyIdentifier?: string | undefined;
  LogConfig?: { Level?: string | undefined } | undefined;
  Description?: string | undefined;
  DeadLetterConfig?: { Arn?: string | undefined } | undefined;
}

/** What the emulation does not do is refused, so that nobody believes in an encryption that is not there. */
function settingsOf(input: Settings): Pick<BusRecord, 'description' | 'deadLetterArn'> {
  if (input.KmsKeyIdentifier) throw new NotEmulated('events: buses with keys of the customer');
  if (input.LogConfig?.Level && input.LogConfig.Level !== 'OFF') throw new NotEmulated('events: logs of buses');
  if ((input.Description?.length ?? 0) > 512)
    throw constraint('description', input.Description!, 'have length less than or equal to 512');
  return {
    ...(input.Description === undefined ? {} : { description: input.Description }),
    ...(input.DeadLetterConfig?.Arn ? { deadLetterArn: input.DeadLetterConfig.Arn } : {}),
  };
}

const shown = (bus: BusRecord) => ({
  ...(bus.description === undefined ? {} : { Description: bus.description }),
  ...(bus.deadLetterArn ? { DeadLetterConfig: { Arn: bus.deadLetterArn } } : {}),
});

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html */
export const CreateEventBus = operation<CreateEventBusCommandInput, CreateEventBusCommandOutput>({
  access(ctx, input) {
    const place = placeOfBus(ctx, input.Name, 'name');
    const tags = requestTagContext(tagsFrom(input.Tags));
    const create = busAccess(ctx, 'CreateEventBus', place, tags);
    return input.Tags?.length ? [create, busAccess(ctx, 'TagResource', place, tags)] : create;
  },
  run(ctx, input) {
    const name = input.Name!;
    if (name.includes('/')) {
      if (name.startsWith('aws.partner/')) throw new NotEmulated('events: partner event buses');
      throw invalid("Event bus name must not contain '/'.");
    }
    const place = placeOfBus(ctx, name, 'name');
    if (findBus(ctx.state, place)) throw exists(`Event bus ${name}`);
    if (ctx.state.list(buses, ctx).length >= mostBuses) throw tooMany();
    checkTags(input.Tags ?? []);
    const bus = { name, created: ctx.now, modified: ctx.now, tags: tagsFrom(input.Tags), ...settingsOf(input) };
    ctx.state.put(buses, ctx, name, bus);
    return { EventBusArn: place.arn, ...shown(bus) };
  },
});

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UpdateEventBus.html */
export const UpdateEventBus = operation<UpdateEventBusCommandInput, UpdateEventBusCommandOutput>({
  access: (ctx, input) => busAccess(ctx, 'UpdateEventBus', placeOfBus(ctx, input.Name, 'name')),
  run(ctx, input) {
    const place = placeOfBus(ctx, input.Name, 'name');
    const { description: _text, deadLetterArn: _queue, ...rest } = getBus(ctx.state, place);
    const bus = { ...rest, ...settingsOf(input), modified: ctx.now };
    ctx.state.put(buses, place, place.name, bus);
    return { Arn: place.arn, Name: place.name, ...shown(bus) };
  },
});

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteEventBus.html: idempotent. */
export const DeleteEventBus = operation<DeleteEventBusCommandInput, DeleteEventBusCommandOutput>({
  access: (ctx, input) => busAccess(ctx, 'DeleteEventBus', placeOfBus(ctx, input.Name, 'name')),
  run(ctx, input) {
    const place = placeOfBus(ctx, input.Name, 'name');
    if (place.name === 'default') throw invalid('Cannot delete event bus default.');
    if (rulesOf(ctx.state, place).length) throw invalid(`EventBus ${place.arn} can't be deleted since it has rules.`);
    ctx.state.delete(buses, place, place.name);
    return {};
  },
});

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEventBus.html */
export const DescribeEventBus = operation<DescribeEventBusCommandInput, DescribeEventBusCommandOutput>({
  access: (ctx, input) => busAccess(ctx, 'DescribeEventBus', placeOfBus(ctx, input.Name, 'name')),
  run(ctx, input) {
    const place = placeOfBus(ctx, input.Name, 'name');
    return { ...summary(getBus(ctx.state, place), place.arn), ...shown(getBus(ctx.state, place)) };
  },
});

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListEventBuses.html */
export const ListEventBuses = operation<ListEventBusesCommandInput, ListEventBusesCommandOutput>({
  access: () => ({ action: 'events:ListEventBuses', resource: '*' }),
  run(ctx, input) {
    const standard = findBus(ctx.state, placeOfBus(ctx, 'default'))!;
    const others = ctx.state.list(buses, ctx).map(({ value }) => value);
    const all = [standard, ...others.filter(({ name }) => name !== 'default')]
      .filter(({ name }) => name.startsWith(input.NamePrefix ?? ''))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const { page, next } = pageOf(all, ({ name }) => name, input);
    return {
      EventBuses: page.map((bus) => summary(bus, busArn(ctx, bus.name))),
      ...(next ? { NextToken: next } : {}),
    };
  },
});

const summary = (bus: BusRecord, arn: string) => ({
  Name: bus.name,
  Arn: arn,
  ...(bus.description === undefined ? {} : { Description: bus.description }),
  ...(bus.policy ? { Policy: bus.policy } : {}),
  ...(bus.created ? { CreationTime: new Date(bus.created), LastModifiedTime: new Date(bus.modified) } : {}),
});
