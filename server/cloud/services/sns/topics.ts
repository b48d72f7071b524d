import type {
  CreateTopicCommandInput,
  CreateTopicCommandOutput,
  DeleteTopicCommandInput,
  DeleteTopicCommandOutput,
  GetTopicAttributesCommandInput,
  GetTopicAttributesCommandOutput,
  ListTopicsCommandInput,
  ListTopicsCommandOutput,
  SetTopicAttributesCommandInput,
  SetTopicAttributesCommandOutput,
} from '@aws-sdk/client-sns';
import { type CallContext, operation } from '../../context.ts';
import { paginate } from '../../paginate.ts';
import { requestTagContext, tagsFrom } from '../../tags.ts';
import { passRole } from '../iam/service-roles.ts';
import { invalidParameter } from './errors.ts';
import { getTopic, placeOfTopic, subscriptions, subscriptionsOf, topicAccess, topicArn, topics } from './store.ts';
import { checkTags } from './tag-rules.ts';
import { checkPolicy, defaultPolicy } from './topic-policy.ts';

/** Attributes that a topic takes, besides `Policy`. */
const settable = new Set([
  'DisplayName',
  'DeliveryPolicy',
  'KmsMasterKeyId',
  'SignatureVersion',
  'TracingConfig',
  'ContentBasedDeduplication',
  'FifoThroughputScope',
  'ArchivePolicy',
  ...['HTTP', 'Lambda', 'SQS', 'Firehose', 'Application'].flatMap((protocol) => [
    `${protocol}SuccessFeedbackRoleArn`,
    `${protocol}SuccessFeedbackSampleRate`,
    `${protocol}FailureFeedbackRoleArn`,
  ]),
]);

const effectiveDeliveryPolicy = JSON.stringify({
  http: {
    defaultHealthyRetryPolicy: {
      minDelayTarget: 20,
      maxDelayTarget: 20,
      numRetries: 3,
      numMaxDelayRetries: 0,
      numNoDelayRetries: 0,
      numMinDelayRetries: 0,
      backoffFunction: 'linear',
    },
    disableSubscriptionOverrides: false,
    defaultRequestPolicy: { headerContentType: 'text/plain; charset=UTF-8' },
  },
});

/** https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html */
export const CreateTopic = operation<CreateTopicCommandInput, CreateTopicCommandOutput>({
  access(ctx, input) {
    const place = { account: ctx.account, region: ctx.region, name: input.Name!, arn: topicArn(ctx, input.Name!) };
    const tags = tagsFrom(input.Tags);
    const create = topicAccess(ctx, 'sns:CreateTopic', place, requestTagContext(tags));
    return input.Tags?.length ? [create, topicAccess(ctx, 'sns:TagResource', place, requestTagContext(tags))] : create;
  },
  run(ctx, input) {
    const name = input.Name!;
    const { Policy: policy, FifoTopic: fifo = 'false', ...rest } = input.Attributes ?? {};
    const isFifo = fifo === 'true';
    if (!(isFifo ? /^[\w-]{1,251}\.fifo$/ : /^[\w-]{1,256}$/).test(name)) {
      const reason = name.endsWith('.fifo')
        ? 'Topic Name Reason: Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.'
        : 'Topic Name';
      throw invalidParameter(reason);
    }
    const arn = topicArn(ctx, name);
    const tags = tagsFrom(input.Tags);
    checkTags(input.Tags ?? []);
    if (policy !== undefined) checkPolicy(policy);
    for (const [key, value] of Object.entries(rest)) checkAttribute(ctx, key, value, isFifo);
    const existing = ctx.state.get(topics, ctx, name);
    if (existing) {
      const wanted = {
        ...rest,
        ...(isFifo ? { FifoTopic: 'true' } : {}),
        ...(policy === undefined ? {} : { Policy: policy }),
      };
      const now: Record<string, string> = { ...existing.attributes, Policy: existing.policy };
      if (Object.entries(wanted).some(([key, value]) => now[key] !== value))
        throw invalidParameter('Attributes Reason: Topic already exists with different attributes');
      if (
        input.Tags?.length &&
        JSON.stringify(Object.entries(tags).sort()) !== JSON.stringify(Object.entries(existing.tags).sort())
      )
        throw invalidParameter('Tags Reason: Topic already exists with different tags');
      return { TopicArn: arn };
    }
    ctx.state.put(topics, ctx, name, {
      name,
      created: ctx.now,
      policy: policy ?? defaultPolicy(arn, ctx.account),
      attributes: { ...rest, ...(isFifo ? { FifoTopic: 'true' } : {}) },
      tags,
      published: 0,
      deleted: 0,
    });
    return { TopicArn: arn };
  },
});

/** https://docs.aws.amazon.com/sns/latest/api/API_DeleteTopic.html: idempotent; the subscriptions go with the topic. */
export const DeleteTopic = operation<DeleteTopicCommandInput, DeleteTopicCommandOutput>({
  access: (ctx, input) => topicAccess(ctx, 'sns:DeleteTopic', placeOfTopic(input.TopicArn)),
  run(ctx, input) {
    const place = placeOfTopic(input.TopicArn);
    for (const { arn } of subscriptionsOf(ctx.state, place)) ctx.state.delete(subscriptions, place, arn);
    ctx.state.delete(topics, place, place.name);
    return {};
  },
});

/** https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html: pages of 100. */
export const ListTopics = operation<ListTopicsCommandInput, ListTopicsCommandOutput>({
  access: () => ({ action: 'sns:ListTopics', resource: '*' }),
  run(ctx, input) {
    const { page, next } = paginate(ctx.state.list(topics, ctx), ({ id }) => id, {
      token: input.NextToken,
      max: 100,
      invalid: { code: 'InvalidParameterException', message: 'Invalid parameter: NextToken' },
    });
    return { Topics: page.map(({ id }) => ({ TopicArn: topicArn(ctx, id) })), ...(next ? { NextToken: next } : {}) };
  },
});

/** https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html */
export const GetTopicAttributes = operation<GetTopicAttributesCommandInput, GetTopicAttributesCommandOutput>({
  access: (ctx, input) => topicAccess(ctx, 'sns:GetTopicAttributes', placeOfTopic(input.TopicArn)),
  run(ctx, input) {
    const place = placeOfTopic(input.TopicArn);
    const topic = getTopic(ctx.state, place);
    const all = subscriptionsOf(ctx.state, place);
    const confirmed = all.filter((subscription) => subscription.confirmed).length;
    return {
      Attributes: {
        TopicArn: place.arn,
        Owner: place.account,
        Policy: topic.policy,
        DisplayName: '',
        EffectiveDeliveryPolicy: effectiveDeliveryPolicy,
        SubscriptionsConfirmed: String(confirmed),
        SubscriptionsPending: String(all.length - confirmed),
        SubscriptionsDeleted: String(topic.deleted),
        ...(topic.attributes.FifoTopic ? { ContentBasedDeduplication: 'false', FifoThroughputScope: 'Topic' } : {}),
        ...topic.attributes,
      },
    };
  },
});

/** https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html */
export const SetTopicAttributes = operation<SetTopicAttributesCommandInput, SetTopicAttributesCommandOutput>({
  access: (ctx, input) => topicAccess(ctx, 'sns:SetTopicAttributes', placeOfTopic(input.TopicArn)),
  run(ctx, input) {
    const place = placeOfTopic(input.TopicArn);
    const topic = getTopic(ctx.state, place);
    const name = input.AttributeName!;
    const value = input.AttributeValue ?? '';
    if (name === 'Policy') {
      // An empty policy brings the default one back, as a removed aws_sns_topic_policy of Terraform does.
      if (value !== '') checkPolicy(value);
      ctx.state.put(topics, place, place.name, { ...topic, policy: value || defaultPolicy(place.arn, place.account) });
      return {};
    }
    checkAttribute(ctx, name, value, topic.attributes.FifoTopic === 'true');
    const { [name]: _old, ...others } = topic.attributes;
    ctx.state.put(topics, place, place.name, {
      ...topic,
      attributes: value === '' ? others : { ...others, [name]: value },
    });
    return {};
  },
});

function checkAttribute(ctx: CallContext, name: string, value: string, fifo: boolean): void {
  if (!settable.has(name)) throw invalidParameter('AttributeName');
  if (value === '') return;
  if (name.endsWith('FeedbackRoleArn')) passRole(ctx, value, 'sns.amazonaws.com');
  if (name === 'DisplayName' && value.length > 100) throw invalidParameter('DisplayName');
  if (name === 'SignatureVersion' && value !== '1' && value !== '2') throw invalidParameter('SignatureVersion');
  if (name === 'TracingConfig' && value !== 'PassThrough' && value !== 'Active')
    throw invalidParameter('TracingConfig');
  if (!fifo && (name === 'ContentBasedDeduplication' || name === 'FifoThroughputScope' || name === 'ArchivePolicy'))
    throw invalidParameter(`Attributes Reason: ${name} is only supported for FIFO topics`);
  if (value.length > 262_144) throw invalidParameter('AttributeValue');
}
