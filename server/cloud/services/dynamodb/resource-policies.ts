import type {
  DeleteResourcePolicyCommandInput,
  DeleteResourcePolicyCommandOutput,
  GetResourcePolicyCommandInput,
  GetResourcePolicyCommandOutput,
  PutResourcePolicyCommandInput,
  PutResourcePolicyCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { type Access, type CallContext, operation } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { tableAccess } from './access.ts';
import { notFound } from './errors.ts';
import { readPolicy } from './policy-text.ts';
import { findTable, type TablePlace, type TableRecord, tables } from './tables-store.ts';
import { placeOfArn } from './tags.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/access-control-resource-based.html */

function access(ctx: CallContext, action: string, arn: string): Access {
  if (arn.includes('/stream/')) throw new NotEmulated('resource policies of DynamoDB streams');
  return tableAccess(ctx, action, placeOfArn(ctx, arn));
}

function get(ctx: CallContext, place: TablePlace): TableRecord {
  const table = findTable(ctx, place);
  if (!table) throw notFound(`Requested resource not found: Table: ${place.name} not found`);
  return table;
}

const noPolicy = (place: TablePlace): AwsError =>
  new AwsError('PolicyNotFoundException', `Resource-based policy not found for the provided ResourceArn: ${place.arn}`);

/** `NO_POLICY` expects that there is none yet. */
function checkRevision(table: TableRecord, place: TablePlace, expected: string | undefined): void {
  if (expected === undefined) return;
  if (expected === 'NO_POLICY' ? !table.policy : table.policy?.revision === expected) return;
  if (!table.policy) throw noPolicy(place);
  throw new AwsError(
    'PolicyNotFoundException',
    `Policy not found for the provided ExpectedRevisionId: ${expected.slice(0, 255)}`,
  );
}

export const PutResourcePolicy = operation<PutResourcePolicyCommandInput, PutResourcePolicyCommandOutput>({
  access: (ctx, input) => access(ctx, 'PutResourcePolicy', input.ResourceArn!),
  run(ctx, input) {
    const place = placeOfArn(ctx, input.ResourceArn!);
    const table = get(ctx, place);
    checkRevision(table, place, input.ExpectedRevisionId);
    const policy = readPolicy(ctx, input.Policy!);
    ctx.state.put(tables, place, place.name, { ...table, policy });
    return { RevisionId: policy.revision };
  },
});

export const GetResourcePolicy = operation<GetResourcePolicyCommandInput, GetResourcePolicyCommandOutput>({
  access: (ctx, input) => access(ctx, 'GetResourcePolicy', input.ResourceArn!),
  run(ctx, input) {
    const place = placeOfArn(ctx, input.ResourceArn!);
    const { policy } = get(ctx, place);
    if (!policy) throw noPolicy(place);
    return { Policy: policy.text, RevisionId: policy.revision };
  },
});

export const DeleteResourcePolicy = operation<DeleteResourcePolicyCommandInput, DeleteResourcePolicyCommandOutput>({
  access: (ctx, input) => access(ctx, 'DeleteResourcePolicy', input.ResourceArn!),
  run(ctx, input) {
    const place = placeOfArn(ctx, input.ResourceArn!);
    const { policy, ...table } = get(ctx, place);
    checkRevision({ ...table, ...(policy ? { policy } : {}) }, place, input.ExpectedRevisionId);
    ctx.state.put(tables, place, place.name, table);
    // Idempotent: what has no policy is answered without a revision.
    return policy ? { RevisionId: policy.revision } : {};
  },
});
