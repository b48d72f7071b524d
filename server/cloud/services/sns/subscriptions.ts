import type {
  ConfirmSubscriptionCommandInput,
  ConfirmSubscriptionCommandOutput,
  ListSubscriptionsByTopicCommandInput,
  ListSubscriptionsByTopicCommandOutput,
  ListSubscriptionsCommandInput,
  ListSubscriptionsCommandOutput,
  SubscribeCommandInput,
  SubscribeCommandOutput,
  UnsubscribeCommandInput,
  UnsubscribeCommandOutput,
} from '@aws-sdk/client-sns';
import { operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { hex, uuid } from '../../random.ts';
import { requestConfirmation } from './deliver.ts';
import { checkEndpoint, ownerOfEndpoint } from './endpoints.ts';
import { invalidParameter } from './errors.ts';
import {
  findSubscription,
  getTopic,
  placeOfTopic,
  type SubscriptionRecord,
  subscriptions,
  subscriptionsOf,
  topicAccess,
  topics,
} from './store.ts';
import { checkSubscriptionAttribute, subscriptionAccess } from './subscription-attributes.ts';

/** differs from AWS: 12.5 million subscriptions a topic there. */
const mostSubscriptions = 500;
const invalidToken = { code: 'InvalidParameterException', message: 'Invalid parameter: NextToken' };

/**
 * https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html. Functions are confirmed at once, whoever owns them: their
 * resource policy decides each delivery. A queue of another account than the caller's must be confirmed by its owner.
 */
export const Subscribe = operation<SubscribeCommandInput, SubscribeCommandOutput>({
  access: (ctx, input) =>
    topicAccess(ctx, 'sns:Subscribe', placeOfTopic(input.TopicArn), {
      'sns:Protocol': input.Protocol!,
      ...(input.Endpoint === undefined ? {} : { 'sns:Endpoint': input.Endpoint }),
    }),
  run(ctx, input) {
    const place = placeOfTopic(input.TopicArn);
    const protocol = input.Protocol!;
    const endpoint = input.Endpoint ?? '';
    checkEndpoint(protocol, endpoint);
    const topic = getTopic(ctx.state, place);
    if (topic.attributes.FifoTopic === 'true' && protocol !== 'sqs')
      throw invalidParameter('Endpoint Reason: FIFO SNS Topics can only be subscribed to by SQS queues');
    if (endpoint.endsWith('.fifo') && topic.attributes.FifoTopic !== 'true')
      throw invalidParameter('Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics');
    const attributes = input.Attributes ?? {};
    for (const [name, value] of Object.entries(attributes))
      checkSubscriptionAttribute(name, value, { attributes, protocol });
    const all = subscriptionsOf(ctx.state, place);
    const same = all.find(
      (other) => other.protocol === protocol && other.endpoint === endpoint && other.owner === ctx.account,
    );
    if (same) {
      if (Object.entries(attributes).some(([name, value]) => same.attributes[name] !== value))
        throw invalidParameter('Attributes Reason: Subscription already exists with different attributes');
      return { SubscriptionArn: answer(same, input.ReturnSubscriptionArn) };
    }
    if (all.length >= mostSubscriptions)
      throw new AwsError('SubscriptionLimitExceededException', 'Number of subscriptions per topic exceeded.', 403);
    const subscription: SubscriptionRecord = {
      arn: `${place.arn}:${uuid(ctx.cloud.random)}`,
      topicArn: place.arn,
      owner: ctx.account,
      principal: ctx.caller.principal.roleArn ?? ctx.caller.principal.arn,
      protocol,
      endpoint,
      // differs from AWS: a topic's owner may there have to prove that a foreign function's owner agrees; the range lets
      // the function's resource policy decide alone, as it does at delivery.
      confirmed:
        protocol === 'lambda' ||
        protocol === 'sms' ||
        (protocol === 'sqs' && ownerOfEndpoint(endpoint) === ctx.account),
      token: hex(ctx.cloud.random, 256),
      authenticated: protocol === 'lambda' || protocol === 'sqs',
      attributes,
      created: ctx.now,
    };
    ctx.state.put(subscriptions, place, subscription.arn, subscription);
    if (!subscription.confirmed && protocol === 'sqs') requestConfirmation(ctx, place, subscription);
    return { SubscriptionArn: answer(subscription, input.ReturnSubscriptionArn) };
  },
});

const answer = (subscription: SubscriptionRecord, always: boolean | undefined): string =>
  subscription.confirmed || always ? subscription.arn : 'pending confirmation';

/** https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html */
export const ConfirmSubscription = operation<ConfirmSubscriptionCommandInput, ConfirmSubscriptionCommandOutput>({
  // The token is what counts: it was sent to the endpoint alone. AWS asks for no policy of the topic's owner.
  access: (ctx, input) => ({
    ...topicAccess(ctx, 'sns:ConfirmSubscription', placeOfTopic(input.TopicArn)),
    resourceAccount: ctx.account,
  }),
  run(ctx, input) {
    const place = placeOfTopic(input.TopicArn);
    getTopic(ctx.state, place);
    const found = subscriptionsOf(ctx.state, place).find(({ token }) => token === input.Token);
    if (!found) throw invalidParameter('Token');
    if (!found.confirmed)
      ctx.state.put(subscriptions, place, found.arn, {
        ...found,
        confirmed: true,
        owner: ctx.account,
        authenticated: input.AuthenticateOnUnsubscribe === 'true',
      });
    return { SubscriptionArn: found.arn };
  },
});

/** https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html: for the owner of the subscription and of the topic. */
export const Unsubscribe = operation<UnsubscribeCommandInput, UnsubscribeCommandOutput>({
  access: (ctx, input) => subscriptionAccess(ctx, 'sns:Unsubscribe', input.SubscriptionArn),
  run(ctx, input) {
    const place = placeOfTopic(input.SubscriptionArn, 'SubscriptionArn');
    const found = findSubscription(ctx.state, input.SubscriptionArn);
    if (!found) return {};
    ctx.state.delete(subscriptions, place, found.arn);
    const topic = ctx.state.get(topics, place, place.name);
    if (topic) ctx.state.put(topics, place, place.name, { ...topic, deleted: topic.deleted + 1 });
    return {};
  },
});

/** https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptions.html: those that the account made, pages of 100. */
export const ListSubscriptions = operation<ListSubscriptionsCommandInput, ListSubscriptionsCommandOutput>({
  access: () => ({ action: 'sns:ListSubscriptions', resource: '*' }),
  run(ctx, input) {
    const mine = ctx.state
      .all(subscriptions)
      .filter(({ scope, value }) => value.owner === ctx.account && scope.region === ctx.region)
      .map(({ value }) => value);
    return list(mine, input.NextToken);
  },
});

/** https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html */
export const ListSubscriptionsByTopic = operation<
  ListSubscriptionsByTopicCommandInput,
  ListSubscriptionsByTopicCommandOutput
>({
  access: (ctx, input) => topicAccess(ctx, 'sns:ListSubscriptionsByTopic', placeOfTopic(input.TopicArn)),
  run(ctx, input) {
    const place = placeOfTopic(input.TopicArn);
    getTopic(ctx.state, place);
    return list(subscriptionsOf(ctx.state, place), input.NextToken);
  },
});

function list(all: SubscriptionRecord[], token: string | undefined) {
  const { page, next } = paginate(all, ({ arn }) => arn, { token, max: 100, invalid: invalidToken });
  return {
    Subscriptions: page.map(({ arn, owner, protocol, endpoint, topicArn, confirmed }) => ({
      SubscriptionArn: confirmed ? arn : 'PendingConfirmation',
      Owner: owner,
      Protocol: protocol,
      Endpoint: endpoint,
      TopicArn: topicArn,
    })),
    ...(next ? { NextToken: next } : {}),
  };
}
