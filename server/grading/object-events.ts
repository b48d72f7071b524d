import { LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { GetBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSubscriptionAttributesCommand, ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import type { CheckContext } from './check-context.ts';

/** A way from a bucket to a function, and the form in which the function is handed S3's event on it. */
export interface ObjectEventRoute {
  /** ARN of the function, with its qualifier if there is one. */
  target: string;
  /** What the function gets for an event of S3, as topic and queue wrap it. */
  wrap(event: object): object;
}

/** Every way that leads from an object put into a bucket to a function: directly, by a topic, by a queue, by both. */
export async function objectEventRoutes(ctx: CheckContext, bucket: string): Promise<ObjectEventRoute[]> {
  const { LambdaFunctionConfigurations, TopicConfigurations, QueueConfigurations } = await ctx
    .admin()
    .client(S3Client)
    .send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket }));
  const routes: ObjectEventRoute[] = [];
  for (const { LambdaFunctionArn } of LambdaFunctionConfigurations ?? [])
    routes.push({ target: LambdaFunctionArn!, wrap: (event) => event });
  for (const { QueueArn } of QueueConfigurations ?? [])
    routes.push(...(await behindQueue(ctx, QueueArn!, (event) => JSON.stringify(event))));
  for (const { TopicArn } of TopicConfigurations ?? []) {
    const { Subscriptions } = await ctx
      .admin()
      .client(SNSClient)
      .send(new ListSubscriptionsByTopicCommand({ TopicArn: TopicArn! }));
    for (const { Protocol, Endpoint, SubscriptionArn } of Subscriptions ?? []) {
      if (Protocol === 'lambda')
        routes.push({ target: Endpoint!, wrap: (event) => topicEvent(TopicArn!, SubscriptionArn!, event) });
      if (Protocol !== 'sqs') continue;
      const raw = await isRaw(ctx, SubscriptionArn!);
      routes.push(
        ...(await behindQueue(ctx, Endpoint!, (event) =>
          JSON.stringify(raw ? event : { Type: 'Notification', ...notification(TopicArn!, event) }),
        )),
      );
    }
  }
  return [...new Map(routes.map((route) => [route.target, route])).values()];
}

async function behindQueue(
  ctx: CheckContext,
  queueArn: string,
  body: (event: object) => string,
): Promise<ObjectEventRoute[]> {
  const { EventSourceMappings } = await ctx
    .admin()
    .client(LambdaClient)
    .send(new ListEventSourceMappingsCommand({ EventSourceArn: queueArn }));
  return (EventSourceMappings ?? []).map(({ FunctionArn }) => ({
    target: FunctionArn!,
    wrap: (event) => ({
      Records: [
        {
          messageId: '059f36b4-87a3-44ab-83d2-661975830a7d',
          receiptHandle: 'none',
          body: body(event),
          attributes: { ApproximateReceiveCount: '1' },
          messageAttributes: {},
          eventSource: 'aws:sqs',
          eventSourceARN: queueArn,
          awsRegion: ctx.region,
        },
      ],
    }),
  }));
}

async function isRaw(ctx: CheckContext, SubscriptionArn: string): Promise<boolean> {
  const { Attributes } = await ctx
    .admin()
    .client(SNSClient)
    .send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
  return Attributes?.RawMessageDelivery === 'true';
}

function notification(TopicArn: string, event: object) {
  return {
    MessageId: '95df01b4-ee98-5cb9-9903-4c221d41eb5e',
    TopicArn,
    Subject: 'Amazon S3 Notification',
    Message: JSON.stringify(event),
    Timestamp: '2026-01-02T12:45:07.000Z',
  };
}

function topicEvent(topicArn: string, subscriptionArn: string, event: object): object {
  return {
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscriptionArn,
        Sns: { Type: 'Notification', ...notification(topicArn, event), MessageAttributes: {} },
      },
    ],
  };
}
