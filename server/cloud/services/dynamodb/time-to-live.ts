import type {
  DescribeTimeToLiveCommandInput,
  DescribeTimeToLiveCommandOutput,
  UpdateTimeToLiveCommandInput,
  UpdateTimeToLiveCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { operation } from '../../context.ts';
import { tableAccess } from './access.ts';
import { constraint, validation } from './errors.ts';
import { getTable, placeOf, tables } from './tables-store.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html */

export const UpdateTimeToLive = operation<UpdateTimeToLiveCommandInput, UpdateTimeToLiveCommandOutput>({
  access: (ctx, input) => tableAccess(ctx, 'UpdateTimeToLive', placeOf(ctx, input.TableName!)),
  run(ctx, input) {
    const place = placeOf(ctx, input.TableName!);
    const table = getTable(ctx, place, true);
    const { AttributeName: attribute = '', Enabled: enabled = false } = input.TimeToLiveSpecification!;
    if (attribute.length < 1 || attribute.length > 255)
      throw constraint(attribute, 'timeToLiveSpecification.attributeName', 'Member must have length between 1 and 255');
    const on = table.ttl?.enabled ?? false;
    if (enabled === on) throw validation(`TimeToLive is already ${on ? 'enabled' : 'disabled'}`);
    if (on && table.ttl!.attribute !== attribute)
      throw validation(
        `TimeToLive is active on a different AttributeName: current AttributeName is ${table.ttl!.attribute}`,
      );
    ctx.state.put(tables, place, place.name, { ...table, ttl: { attribute, enabled } });
    return { TimeToLiveSpecification: { AttributeName: attribute, Enabled: enabled } };
  },
});

export const DescribeTimeToLive = operation<DescribeTimeToLiveCommandInput, DescribeTimeToLiveCommandOutput>({
  access: (ctx, input) => tableAccess(ctx, 'DescribeTimeToLive', placeOf(ctx, input.TableName!)),
  run(ctx, input) {
    const { ttl } = getTable(ctx, placeOf(ctx, input.TableName!), true);
    return {
      TimeToLiveDescription: ttl?.enabled
        ? { TimeToLiveStatus: 'ENABLED', AttributeName: ttl.attribute }
        : { TimeToLiveStatus: 'DISABLED' },
    };
  },
});
