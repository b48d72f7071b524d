import type {
  GetSubscriptionAttributesCommandInput,
  GetSubscriptionAttributesCommandOutput,
  SetSubscriptionAttributesCommandInput,
  SetSubscriptionAttributesCommandOutput,
} from '@aws-sdk/client-sns';
import { type Access, type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { invalidParameter } from './errors.ts';
import { compileFilterPolicy, type FilterScope } from './filter-policy.ts';
import {
  findSubscription,
  getSubscription,
  placeOfTopic,
  type SubscriptionRecord,
  subscriptions,
  topicAccess,
} from './store.ts';

/**
 * A subscription is asked about as its topic. Who made it needs no leave of a foreign topic's owner: it belongs to the
 * account that subscribed.
 */
export function subscriptionAccess(ctx: CallContext, action: string, arn: string | undefined): Access {
  const place = placeOfTopic(arn, 'SubscriptionArn');
  const owner = findSubscription(ctx.state, arn)?.owner;
  const access = topicAccess(ctx, action, place);
  return owner === ctx.account ? { ...access, resourceAccount: owner } : access;
}

/** https://docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html */
export const GetSubscriptionAttributes = operation<
  GetSubscriptionAttributesCommandInput,
  GetSubscriptionAttributesCommandOutput
>({
  access: (ctx, input) => subscriptionAccess(ctx, 'sns:GetSubscriptionAttributes', input.SubscriptionArn),
  run(ctx, input) {
    const found = mine(ctx, input.SubscriptionArn);
    const { attributes } = found;
    return {
      Attributes: {
        SubscriptionArn: found.arn,
        TopicArn: found.topicArn,
        Protocol: found.protocol,
        Endpoint: found.endpoint,
        Owner: found.owner,
        SubscriptionPrincipal: found.principal,
        PendingConfirmation: String(!found.confirmed),
        ConfirmationWasAuthenticated: String(found.authenticated),
        RawMessageDelivery: 'false',
        ...(attributes.FilterPolicy === undefined ? {} : { FilterPolicyScope: 'MessageAttributes' }),
        ...attributes,
      },
    };
  },
});

/** https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html */
export const SetSubscriptionAttributes = operation<
  SetSubscriptionAttributesCommandInput,
  SetSubscriptionAttributesCommandOutput
>({
  access: (ctx, input) => subscriptionAccess(ctx, 'sns:SetSubscriptionAttributes', input.SubscriptionArn),
  run(ctx, input) {
    const found = mine(ctx, input.SubscriptionArn);
    const name = input.AttributeName!;
    const value = input.AttributeValue ?? '';
    const { [name]: _old, ...others } = found.attributes;
    const removes = value === '' || (name === 'FilterPolicy' && value.trim() === '{}');
    const attributes = removes ? others : { ...others, [name]: value };
    checkSubscriptionAttribute(name, value, { attributes, protocol: found.protocol });
    // A new scope must suit the policy that stays.
    if (name === 'FilterPolicyScope' && attributes.FilterPolicy !== undefined)
      checkSubscriptionAttribute('FilterPolicy', attributes.FilterPolicy, { attributes, protocol: found.protocol });
    ctx.state.put(subscriptions, placeOfTopic(found.topicArn), found.arn, { ...found, attributes });
    return {};
  },
});

/** Only its owner sees or changes a subscription; the owner of the topic may but end it. */
function mine(ctx: CallContext, arn: string | undefined): SubscriptionRecord {
  const found = getSubscription(ctx.state, arn);
  if (found.owner !== ctx.account)
    throw new AwsError('AuthorizationErrorException', 'Not authorized to access this subscription', 403);
  return found;
}

export const filterScope = (attributes: Readonly<Record<string, string>>): FilterScope =>
  attributes.FilterPolicyScope === 'MessageBody' ? 'MessageBody' : 'MessageAttributes';

/** @throws InvalidParameterException */
export function checkSubscriptionAttribute(
  name: string,
  value: string,
  subscription: { attributes: Readonly<Record<string, string>>; protocol: string },
): void {
  switch (name) {
    case 'FilterPolicy':
      if (value !== '') compileFilterPolicy(value, filterScope(subscription.attributes));
      return;
    case 'FilterPolicyScope':
      if (value !== '' && value !== 'MessageAttributes' && value !== 'MessageBody')
        throw invalidParameter(
          `FilterPolicyScope: Invalid value [${value}]. Please use either MessageBody or MessageAttributes`,
        );
      return;
    case 'RawMessageDelivery':
      if (!/^(true|false)$/i.test(value))
        throw invalidParameter(`RawMessageDelivery: Invalid value [${value}]. Must be true or false.`);
      if (/^true$/i.test(value) && !['sqs', 'http', 'https'].includes(subscription.protocol))
        throw invalidParameter('Attributes Reason: RawMessageDelivery is not supported for this protocol');
      return;
    case 'RedrivePolicy': {
      // differs from AWS: kept and checked, but what cannot be delivered goes to no dead-letter queue.
      if (value === '') return;
      let policy: { deadLetterTargetArn?: unknown } | null;
      try {
        policy = JSON.parse(value);
      } catch {
        throw invalidParameter('RedrivePolicy: failed to parse JSON.');
      }
      const target = policy?.deadLetterTargetArn;
      if (typeof target !== 'string' || !/^arn:aws:sqs:[a-z0-9-]+:\d{12}:[\w.-]+$/.test(target))
        throw invalidParameter('RedrivePolicy: deadLetterTargetArn is an invalid arn');
      return;
    }
    case 'DeliveryPolicy':
    case 'SubscriptionRoleArn':
    case 'ReplayPolicy':
      if (value.length > 30_720) throw invalidParameter('AttributeValue');
      return;
    default:
      throw invalidParameter('AttributeName');
  }
}
