import type { Access, CallContext, ConditionContext } from '../../context.ts';
import type { NamedPolicy } from '../../policy/types.ts';
import type { StateReader } from '../../state/account-state.ts';
import { defineTable, type Scope } from '../../state/table.ts';
import { resourceTagContext, type Tags } from '../../tags.ts';
import { policyDocument } from '../iam/documents.ts';
import { invalidParameter, subscriptionNotFound, topicNotFound } from './errors.ts';

export interface TopicRecord {
  name: string;
  created: number;
  /** The policy text, as it was given; never empty. */
  policy: string;
  /** What was set besides the policy: `DisplayName`, `KmsMasterKeyId`, `FifoTopic` … */
  attributes: Record<string, string>;
  tags: Tags;
  /** Messages published, for the sequence numbers of a FIFO topic. */
  published: number;
  /** Subscriptions that were deleted. */
  deleted: number;
}

export interface SubscriptionRecord {
  arn: string;
  topicArn: string;
  /** The account that made the subscription. */
  owner: string;
  /** The principal that made it. */
  principal: string;
  protocol: string;
  endpoint: string;
  confirmed: boolean;
  /** What ConfirmSubscription must bring. */
  token: string;
  authenticated: boolean;
  /** `FilterPolicy`, `FilterPolicyScope`, `RawMessageDelivery`, `RedrivePolicy`, `DeliveryPolicy` … */
  attributes: Record<string, string>;
  created: number;
}

/** A FIFO topic's memory of the last five minutes. */
export interface DeduplicationRecord {
  at: number;
  messageId: string;
  sequenceNumber: string;
}

/** Id: the topic's name. */
export const topics = defineTable<TopicRecord>('sns.topics');
/** In the scope of the topic; id: the subscription's ARN. */
export const subscriptions = defineTable<SubscriptionRecord>('sns.subscriptions');
export const deduplications = defineTable<DeduplicationRecord>('sns.deduplications');

export const topicArn = (scope: Scope, name: string): string => `arn:aws:sns:${scope.region}:${scope.account}:${name}`;

/** What an ARN of a topic, or of a subscription (`…:topic:uuid`), names. */
export interface TopicPlace extends Scope {
  name: string;
  /** The topic's ARN. */
  arn: string;
}

/** @throws InvalidParameterException where the text is no ARN of a topic */
export function placeOfTopic(arn: string | undefined, parameter = 'TopicArn'): TopicPlace {
  const parts = (arn ?? '').split(':');
  if (parts.length < 6)
    throw invalidParameter(`${parameter} Reason: An ARN must have at least 6 elements, not ${parts.length}`);
  const [prefix, , service, region = '', account = '', name = ''] = parts;
  if (prefix !== 'arn' || service !== 'sns' || name === '') throw invalidParameter(parameter);
  return { account, region, name, arn: topicArn({ account, region }, name) };
}

/** @throws NotFoundException */
export function getTopic(state: StateReader, place: TopicPlace): TopicRecord {
  const found = state.get(topics, place, place.name);
  if (!found) throw topicNotFound();
  return found;
}

export function findSubscription(state: StateReader, arn: string | undefined): SubscriptionRecord | undefined {
  const parts = (arn ?? '').split(':');
  return state.get(subscriptions, { account: parts[4] ?? '', region: parts[3] ?? '' }, arn ?? '');
}

/** @throws InvalidParameterException for what is no ARN; NotFoundException */
export function getSubscription(state: StateReader, arn: string | undefined): SubscriptionRecord {
  placeOfTopic(arn, 'SubscriptionArn');
  const found = findSubscription(state, arn);
  if (!found) throw subscriptionNotFound();
  return found;
}

/** The subscriptions of a topic, in the order of their ARNs. */
export function subscriptionsOf(state: StateReader, place: TopicPlace): SubscriptionRecord[] {
  return state
    .list(subscriptions, place)
    .map(({ value }) => value)
    .filter((subscription) => subscription.topicArn === place.arn);
}

/** The topic's access policy under its name, none where there is no such topic. */
export function topicPolicy(state: StateReader, place: TopicPlace): NamedPolicy[] {
  const topic = state.get(topics, place, place.name);
  return topic ? [{ name: `access policy of topic ${topic.name}`, document: policyDocument(topic.policy) }] : [];
}

/** The question that is asked about a topic, of its owner and by its policy. */
export function topicAccess(
  ctx: CallContext,
  action: string,
  place: TopicPlace,
  context: ConditionContext = {},
): Access {
  return {
    action,
    resource: place.arn,
    resourceAccount: place.account,
    resourcePolicy: topicPolicy(ctx.state, place),
    context: {
      ...sourceOwner(ctx),
      ...resourceTagContext(ctx.state.get(topics, place, place.name)?.tags),
      ...context,
    },
  };
}

/**
 * `aws:SourceOwner`, which the default policy asks for: the account on whose behalf a service publishes. Calls of users
 * and roles do not have it.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html#source-account-versus-source-owner
 */
function sourceOwner(ctx: CallContext): ConditionContext {
  const account = ctx.caller.context['aws:SourceAccount'];
  return ctx.caller.principal.type === 'service' && account ? { 'aws:SourceOwner': account } : {};
}
