import type {
  DescribeContinuousBackupsCommandInput,
  DescribeContinuousBackupsCommandOutput,
  DescribeEndpointsCommandInput,
  DescribeEndpointsCommandOutput,
  DescribeLimitsCommandInput,
  DescribeLimitsCommandOutput,
  UpdateContinuousBackupsCommandInput,
  UpdateContinuousBackupsCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { tableAccess } from './access.ts';
import { constraint } from './errors.ts';
import { findTable, placeOf, type TablePlace, type TableRecord, tables } from './tables-store.ts';

function get(ctx: CallContext, place: TablePlace): TableRecord {
  const table = findTable(ctx, place);
  if (!table) throw new AwsError('TableNotFoundException', `Table not found: ${place.name}`);
  return table;
}

function describe(
  ctx: CallContext,
  table: TableRecord,
): DescribeContinuousBackupsCommandOutput['ContinuousBackupsDescription'] {
  const { recovery } = table;
  return {
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription: recovery
      ? {
          PointInTimeRecoveryStatus: 'ENABLED',
          RecoveryPeriodInDays: recovery.days,
          EarliestRestorableDateTime: new Date(Math.max(recovery.since, ctx.now - recovery.days * 86_400_000)),
          LatestRestorableDateTime: new Date(Math.max(recovery.since, ctx.now - 300_000)),
        }
      : { PointInTimeRecoveryStatus: 'DISABLED' },
  };
}

export const DescribeContinuousBackups = operation<
  DescribeContinuousBackupsCommandInput,
  DescribeContinuousBackupsCommandOutput
>({
  access: (ctx, input) => tableAccess(ctx, 'DescribeContinuousBackups', placeOf(ctx, input.TableName!)),
  run: (ctx, input) => ({
    ContinuousBackupsDescription: describe(ctx, get(ctx, placeOf(ctx, input.TableName!))),
  }),
});

export const UpdateContinuousBackups = operation<
  UpdateContinuousBackupsCommandInput,
  UpdateContinuousBackupsCommandOutput
>({
  access: (ctx, input) => tableAccess(ctx, 'UpdateContinuousBackups', placeOf(ctx, input.TableName!)),
  run(ctx, input) {
    const place = placeOf(ctx, input.TableName!);
    const { recovery, ...rest } = get(ctx, place);
    const wanted = input.PointInTimeRecoverySpecification!;
    const days = wanted.RecoveryPeriodInDays ?? recovery?.days ?? 35;
    if (days < 1 || days > 35)
      throw constraint(
        days,
        'pointInTimeRecoverySpecification.recoveryPeriodInDays',
        'Member must have value between 1 and 35',
      );
    const table = wanted.PointInTimeRecoveryEnabled
      ? { ...rest, recovery: { since: recovery?.since ?? ctx.now, days } }
      : rest;
    ctx.state.put(tables, place, place.name, table);
    return { ContinuousBackupsDescription: describe(ctx, table) };
  },
});

export const DescribeLimits = operation<DescribeLimitsCommandInput, DescribeLimitsCommandOutput>({
  access: () => ({ action: 'dynamodb:DescribeLimits', resource: '*' }),
  run: () => ({
    AccountMaxReadCapacityUnits: 80_000,
    AccountMaxWriteCapacityUnits: 80_000,
    TableMaxReadCapacityUnits: 40_000,
    TableMaxWriteCapacityUnits: 40_000,
  }),
});

export const DescribeEndpoints = operation<DescribeEndpointsCommandInput, DescribeEndpointsCommandOutput>({
  access: () => ({ action: 'dynamodb:DescribeEndpoints', resource: '*' }),
  run: (ctx) => ({ Endpoints: [{ Address: `dynamodb.${ctx.region}.amazonaws.com`, CachePeriodInMinutes: 1440 }] }),
});
