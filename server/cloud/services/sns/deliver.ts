import type { CallContext } from '../../context.ts';
import { enqueueDelivery, scopeOfArn } from '../../deliveries.ts';
import { hex } from '../../random.ts';
import { type Attribute, compileFilterPolicy } from './filter-policy.ts';
import type { Message } from './message.ts';
import { type SubscriptionRecord, subscriptionsOf, type TopicPlace } from './store.ts';
import { filterScope } from './subscription-attributes.ts';

/** Promises a message to every confirmed subscription that wants it. Whether it arrives, the target's policies decide. */
export function deliverToSubscribers(
  ctx: CallContext,
  place: TopicPlace,
  message: Message,
  messageId: string,
  sequenceNumber: string | undefined,
): void {
  const signature = signatureOf(ctx);
  for (const subscription of subscriptionsOf(ctx.state, place)) {
    if (!subscription.confirmed) continue;
    const body = message.bodies[subscription.protocol] ?? message.bodies.default!;
    const filter = subscription.attributes.FilterPolicy;
    if (filter && !compileFilterPolicy(filter, filterScope(subscription.attributes))(body, message.attributes))
      continue;
    const notification: Notification = {
      subscription,
      place,
      messageId,
      subject: message.subject,
      body,
      attributes: message.attributes,
      timestamp: new Date(ctx.now).toISOString(),
      signature,
      sequenceNumber,
    };
    if (subscription.protocol === 'lambda') toFunction(ctx, notification);
    if (subscription.protocol === 'sqs') toQueue(ctx, notification, message);
    // differs from AWS: nothing leaves the range, so http, email and sms subscriptions are kept and never served.
  }
}

interface Notification {
  subscription: SubscriptionRecord;
  place: TopicPlace;
  messageId: string;
  subject: string | undefined;
  body: string;
  attributes: Readonly<Record<string, Attribute>>;
  timestamp: string;
  signature: string;
  sequenceNumber: string | undefined;
}

/** The text of 256 bytes in base64, as an RSA signature looks. differs from AWS: no certificate verifies it. */
const signatureOf = (ctx: CallContext): string => ctx.cloud.random.bytes(256).toString('base64');

const certificate = (region: string): string =>
  `https://sns.${region}.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem`;

const unsubscribe = ({ place, subscription }: Notification): string =>
  `https://sns.${place.region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${subscription.arn}`;

const caller = (place: TopicPlace) => ({
  service: 'sns.amazonaws.com',
  sourceArn: place.arn,
  sourceAccount: place.account,
});

/** The event of https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html. */
function toFunction(ctx: CallContext, notification: Notification): void {
  const { subscription, place, body } = notification;
  const event = {
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscription.arn,
        Sns: {
          Type: 'Notification',
          MessageId: notification.messageId,
          TopicArn: place.arn,
          Subject: notification.subject ?? null,
          Message: body,
          Timestamp: notification.timestamp,
          SignatureVersion: '1',
          Signature: notification.signature,
          SigningCertUrl: certificate(place.region),
          UnsubscribeUrl: unsubscribe(notification),
          MessageAttributes: notification.attributes,
        },
      },
    ],
  };
  enqueueDelivery(ctx.state, ctx.cloud.random, ctx.now, {
    caller: caller(place),
    target: {
      service: 'lambda',
      operation: 'Invoke',
      ...scopeOfArn(subscription.endpoint),
      input: { FunctionName: subscription.endpoint, InvocationType: 'Event', Payload: JSON.stringify(event) },
    },
    hops: ctx.caller.source.hops,
  });
}

/** The envelope of https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html, or the bare message. */
function toQueue(ctx: CallContext, notification: Notification, message: Message): void {
  const { subscription, place, body } = notification;
  const raw = /^true$/i.test(subscription.attributes.RawMessageDelivery ?? '');
  const envelope = {
    Type: 'Notification',
    MessageId: notification.messageId,
    ...(notification.sequenceNumber === undefined ? {} : { SequenceNumber: notification.sequenceNumber }),
    TopicArn: place.arn,
    ...(notification.subject === undefined ? {} : { Subject: notification.subject }),
    Message: body,
    Timestamp: notification.timestamp,
    SignatureVersion: '1',
    Signature: notification.signature,
    SigningCertURL: certificate(place.region),
    UnsubscribeURL: unsubscribe(notification),
    ...(Object.keys(notification.attributes).length ? { MessageAttributes: notification.attributes } : {}),
  };
  sendToQueue(ctx, place, subscription.endpoint, {
    MessageBody: raw ? body : pretty(envelope),
    ...(raw && Object.keys(notification.attributes).length
      ? {
          MessageAttributes: Object.fromEntries(
            Object.entries(notification.attributes).map(([name, { Type, Value }]) => [
              name,
              Type.startsWith('Binary')
                ? { DataType: Type, BinaryValue: Value }
                : { DataType: Type, StringValue: Value },
            ]),
          ),
        }
      : {}),
    ...(message.groupId === undefined ? {} : { MessageGroupId: message.groupId }),
    ...(message.deduplicationId === undefined || !subscription.endpoint.endsWith('.fifo')
      ? {}
      : { MessageDeduplicationId: message.deduplicationId }),
  });
}

/** Asks the owner of a queue to confirm a subscription that somebody else made. */
export function requestConfirmation(ctx: CallContext, place: TopicPlace, subscription: SubscriptionRecord): void {
  const { token } = subscription;
  sendToQueue(ctx, place, subscription.endpoint, {
    MessageBody: pretty({
      Type: 'SubscriptionConfirmation',
      MessageId: `${hex(ctx.cloud.random, 8)}-0000-4000-8000-${hex(ctx.cloud.random, 12)}`,
      Token: token,
      TopicArn: place.arn,
      Message: `You have chosen to subscribe to the topic ${place.arn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
      SubscribeURL: `https://sns.${place.region}.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${place.arn}&Token=${token}`,
      Timestamp: new Date(ctx.now).toISOString(),
      SignatureVersion: '1',
      Signature: signatureOf(ctx),
      SigningCertURL: certificate(place.region),
    }),
    ...(subscription.endpoint.endsWith('.fifo')
      ? { MessageGroupId: subscription.arn, MessageDeduplicationId: token.slice(0, 64) }
      : {}),
  });
}

function sendToQueue(ctx: CallContext, place: TopicPlace, queueArn: string, input: Record<string, unknown>): void {
  const scope = scopeOfArn(queueArn);
  const name = queueArn.split(':')[5]!;
  enqueueDelivery(ctx.state, ctx.cloud.random, ctx.now, {
    caller: caller(place),
    target: {
      service: 'sqs',
      operation: 'SendMessage',
      ...scope,
      input: { QueueUrl: `https://sqs.${scope.region}.amazonaws.com/${scope.account}/${name}`, ...input },
    },
    hops: ctx.caller.source.hops,
  });
}

/** SNS's own layout: two blanks, and blanks around the colon of the members. */
function pretty(envelope: Record<string, unknown>): string {
  const lines = Object.entries(envelope).map(([name, value]) => `  "${name}" : ${JSON.stringify(value)}`);
  return `{\n${lines.join(',\n')}\n}`;
}
