import type { CallContext } from '../../context.ts';
import { enqueueDelivery } from '../../deliveries.ts';
import { alphanumeric } from '../../random.ts';
import { publishServiceEvent } from '../events/deliver.ts';
import { type BucketRecord, bucketArn, canonicalId, type NotificationRule, type ObjectRecord } from './tables.ts';

/** What happened, by the name that events carry (without `s3:`). */
export type EventName =
  | 'ObjectCreated:Put'
  | 'ObjectCreated:Post'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:CompleteMultipartUpload'
  | 'ObjectRemoved:Delete'
  | 'ObjectRemoved:DeleteMarkerCreated'
  | 'ObjectTagging:Put'
  | 'ObjectTagging:Delete'
  | 'ObjectAcl:Put';

/** Promises a notification to every rule that matches, as part of the current change, and tells EventBridge if it is to know. */
export function notify(ctx: CallContext, bucket: BucketRecord, event: EventName, object: ObjectRecord): void {
  for (const rule of bucket.notifications?.rules ?? []) {
    if (!rule.events.some((pattern) => covers(pattern, event)) || !passes(rule, object.key)) continue;
    const message = JSON.stringify({ Records: [eventRecord(ctx, bucket, event, object, rule.id)] });
    enqueueDelivery(ctx.state, ctx.cloud.random, ctx.now, {
      caller: { service: 's3.amazonaws.com', sourceArn: bucketArn(bucket.name), sourceAccount: bucket.account },
      target: pushTo(rule, message),
      hops: ctx.caller.source.hops,
    });
  }
  if (bucket.notifications?.eventBridge) tellEventBridge(ctx, bucket, event, object);
}

/** The `detail-type` of an event, its `reason` (the call) where it has one, and how it came to a deletion. */
const eventBridgeNames: Record<EventName, { type: string; reason?: string; deletion?: string }> = {
  'ObjectCreated:Put': { type: 'Object Created', reason: 'PutObject' },
  'ObjectCreated:Post': { type: 'Object Created', reason: 'POST Object' },
  'ObjectCreated:Copy': { type: 'Object Created', reason: 'CopyObject' },
  'ObjectCreated:CompleteMultipartUpload': { type: 'Object Created', reason: 'CompleteMultipartUpload' },
  'ObjectRemoved:Delete': { type: 'Object Deleted', reason: 'DeleteObject', deletion: 'Permanently Deleted' },
  'ObjectRemoved:DeleteMarkerCreated': {
    type: 'Object Deleted',
    reason: 'DeleteObject',
    deletion: 'Delete Marker Created',
  },
  'ObjectTagging:Put': { type: 'Object Tags Added' },
  'ObjectTagging:Delete': { type: 'Object Tags Deleted' },
  'ObjectAcl:Put': { type: 'Object ACL Updated' },
};

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
function tellEventBridge(ctx: CallContext, bucket: BucketRecord, event: EventName, object: ObjectRecord): void {
  const { type, reason, deletion } = eventBridgeNames[event];
  const created = type === 'Object Created';
  const { principal, source } = ctx.caller;
  publishServiceEvent(
    { cloud: ctx.cloud, state: ctx.state, now: ctx.now, hops: source.hops },
    { account: bucket.account, region: bucket.region },
    {
      source: 'aws.s3',
      'detail-type': type,
      resources: [bucketArn(bucket.name)],
      detail: {
        version: '0',
        bucket: { name: bucket.name },
        object: {
          key: object.key,
          ...(created ? { size: object.size } : {}),
          ...(deletion === 'Permanently Deleted' ? {} : { etag: object.etag }),
          ...(bucket.versioning === undefined ? {} : { 'version-id': object.versionId }),
          sequencer: sequencer(ctx),
        },
        'request-id': ctx.requestId.replaceAll('-', '').slice(0, 16).toUpperCase(),
        requester: principal.account || principal.arn,
        'source-ip-address': source.ip,
        ...(reason ? { reason } : {}),
        ...(deletion ? { 'deletion-type': deletion } : {}),
      },
    },
  );
}

/** The call that brings a message to a rule's destination. */
export function pushTo(
  rule: Pick<NotificationRule, 'kind' | 'arn'>,
  message: string,
): { service: string; operation: string; account: string; region: string; input: { [key: string]: unknown } } {
  const [, , , region = '', account = '', ...rest] = rule.arn.split(':');
  const place = { account, region };
  if (rule.kind === 'lambda')
    return {
      ...place,
      service: 'lambda',
      operation: 'Invoke',
      input: { FunctionName: rule.arn, InvocationType: 'Event', Payload: message },
    };
  if (rule.kind === 'sqs') {
    const QueueUrl = `https://sqs.${region}.amazonaws.com/${account}/${rest.join(':')}`;
    return { ...place, service: 'sqs', operation: 'SendMessage', input: { QueueUrl, MessageBody: message } };
  }
  const input = { TopicArn: rule.arn, Subject: 'Amazon S3 Notification', Message: message };
  return { ...place, service: 'sns', operation: 'Publish', input };
}

/** Whether an event pattern (`s3:ObjectCreated:*`) covers an event. */
export function covers(pattern: string, event: string): boolean {
  return pattern.endsWith(':*') ? `s3:${event}`.startsWith(pattern.slice(0, -1)) : pattern === `s3:${event}`;
}

function passes(rule: NotificationRule, key: string): boolean {
  return (rule.filter ?? []).every(({ name, value }) =>
    name.toLowerCase() === 'prefix' ? key.startsWith(value) : key.endsWith(value),
  );
}

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
function eventRecord(
  ctx: CallContext,
  bucket: BucketRecord,
  event: EventName,
  object: ObjectRecord,
  rule: string,
): object {
  const { caller } = ctx;
  const created = event.startsWith('ObjectCreated');
  const userId = caller.context['aws:userid'];
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: bucket.region,
    eventTime: new Date(ctx.now).toISOString(),
    eventName: event,
    userIdentity: {
      principalId: caller.principal.type === 'anonymous' ? 'Anonymous' : `AWS:${userId ?? caller.principal.account}`,
    },
    requestParameters: { sourceIPAddress: caller.source.ip },
    responseElements: {
      'x-amz-request-id': ctx.requestId.replaceAll('-', '').slice(0, 16).toUpperCase(),
      'x-amz-id-2': alphanumeric(ctx.cloud.random, 76),
    },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: rule,
      bucket: {
        name: bucket.name,
        ownerIdentity: { principalId: canonicalId(bucket.account).slice(0, 14).toUpperCase() },
        arn: bucketArn(bucket.name),
      },
      object: {
        key: encodeKey(object.key),
        ...(created ? { size: object.size } : {}),
        ...(created || object.deleteMarker ? { eTag: object.etag } : {}),
        ...(bucket.versioning === undefined ? {} : { versionId: object.versionId }),
        sequencer: sequencer(ctx),
      },
    },
  };
}

/** Keys are written as forms write them: a space is `+`, a slash stays. */
export function encodeKey(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+');
}

/** Grows with every event of this process's cloud: the clock, then a counter. */
function sequencer(ctx: CallContext): string {
  const count = ((ctx.cloud.memory.get('s3.sequencer') as number | undefined) ?? 0) + 1;
  ctx.cloud.memory.set('s3.sequencer', count);
  return `00${ctx.now.toString(16).toUpperCase().padStart(12, '0')}${(count % 0x10000).toString(16).toUpperCase().padStart(4, '0')}`;
}
