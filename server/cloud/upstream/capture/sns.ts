import { isDeepStrictEqual } from 'node:util';
import {
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  SNSClient,
  type Subscription,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import type { PolicyDocument, Statement } from '../../policy/types.ts';
import { type SubscriptionRecord, subscriptions, type TopicRecord, topics } from '../../services/sns/store.ts';
import { defaultPolicy, statementsOf } from '../../services/sns/topic-policy.ts';
import { tagsFrom } from '../../tags.ts';
import { derivedBytes } from '../derived.ts';
import { soundPolicy } from '../policy-text.ts';
import type { CapturedService, Mirror, Source } from '../types.ts';

/**
 * Topics and their subscriptions. What no call tells is as the mirror has it, or made up: when they were made, how many
 * messages were published, the token of a confirmation.
 */
export const capturedSns: CapturedService = {
  id: 'sns',
  tables: [topics, subscriptions],
  data: [],
  async capture(source, mirror) {
    await source.each(await topicArns(source), async (arn) => {
      if (await captureTopic(source, mirror, arn)) await captureSubscriptions(source, mirror, arn);
    });
  },
  async remove(source) {
    const sns = source.client(SNSClient);
    const own = await topicArns(source);
    // To topics of other accounts, too.
    const elsewhere = (await listSubscriptions(source)).filter(
      ({ SubscriptionArn, TopicArn }) => SubscriptionArn?.startsWith('arn:') && !own.includes(TopicArn!),
    );
    await source.each(elsewhere, ({ SubscriptionArn }) =>
      source.attempt(`${SubscriptionArn}`, () => sns.send(new UnsubscribeCommand({ SubscriptionArn }))),
    );
    await source.each(own, (TopicArn) =>
      source.attempt(TopicArn, () => sns.send(new DeleteTopicCommand({ TopicArn }))),
    );
    return own.length + elsewhere.length;
  },
};

const gone = ['NotFoundException', 'NotFound', 'ResourceNotFoundException'];

async function topicArns(source: Source): Promise<string[]> {
  const sns = source.client(SNSClient);
  const all = await source.pages(
    'the topics',
    (NextToken) => sns.send(new ListTopicsCommand({ NextToken })),
    ({ Topics, NextToken }) => ({ items: Topics, next: NextToken }),
  );
  return all.map(({ TopicArn }) => TopicArn!);
}

function listSubscriptions(source: Source, TopicArn?: string): Promise<Subscription[]> {
  const sns = source.client(SNSClient);
  return source.pages(
    TopicArn ? `the subscriptions of ${TopicArn}` : 'the subscriptions',
    (NextToken) =>
      TopicArn
        ? sns.send(new ListSubscriptionsByTopicCommand({ TopicArn, NextToken }))
        : sns.send(new ListSubscriptionsCommand({ NextToken })),
    ({ Subscriptions, NextToken }) => ({ items: Subscriptions, next: NextToken }),
  );
}

const ofTopic: Defaults = {
  DisplayName: '',
  FifoTopic: 'false',
  ContentBasedDeduplication: 'false',
  FifoThroughputScope: 'Topic',
  SignatureVersion: '1',
  TracingConfig: 'PassThrough',
};
const told = new Set(['TopicArn', 'Owner', 'Policy', 'EffectiveDeliveryPolicy', 'BeginningArchiveTime']);

async function captureTopic(source: Source, mirror: Mirror, arn: string): Promise<boolean> {
  const sns = source.client(SNSClient);
  const name = arn.slice(arn.lastIndexOf(':') + 1);
  const was = mirror.was.get(topics, source.scope, name);
  const [found, tagged] = await Promise.all([
    source.read(`topic ${name}`, () => sns.send(new GetTopicAttributesCommand({ TopicArn: arn })), gone),
    source.read(
      `the tags of topic ${name}`,
      () => sns.send(new ListTagsForResourceCommand({ ResourceArn: arn })),
      gone,
    ),
  ]);
  if (!found?.Attributes) return false;
  const all = found.Attributes;
  const policy = await soundPolicy(source, `the access policy of topic ${name}`, all.Policy, 'resource');
  const settings = Object.entries(all).filter(([key]) => !told.has(key) && !key.startsWith('Subscriptions'));
  const record: TopicRecord = {
    name,
    created: was?.created ?? 0,
    policy: policyText(policy?.document, defaultPolicy(arn, source.scope.account), was?.policy),
    attributes: withoutDefaults(settings, ofTopic, was?.attributes),
    tags: tagsFrom(tagged?.Tags),
    published: was?.published ?? 0,
    deleted: Number(all.SubscriptionsDeleted ?? 0),
  };
  mirror.put(topics, source.scope, name, record);
  return true;
}

/** What MiniStack's own statement for a topic without a policy allows. */
const miniStackDefault = ['SNS:Publish', 'SNS:Subscribe', 'SNS:Receive'];

/** Endpoints write texts anew, and have a statement of their own for topics that were given no policy. */
function policyText(found: PolicyDocument | undefined, byDefault: string, was: string | undefined): string {
  if (!found) return byDefault;
  const [own] = statementsOf(JSON.parse(byDefault));
  const given = statementsOf(found);
  const isDefault = (statement: Statement): boolean =>
    [own!.Action, miniStackDefault].some((Action) => isDeepStrictEqual(statement, { ...own, Action }));
  const document = given.some(isDefault)
    ? { ...found, Statement: given.map((statement) => (isDefault(statement) ? own! : statement)) }
    : found;
  return was !== undefined && isDeepStrictEqual(JSON.parse(was), document) ? was : JSON.stringify(document);
}

type Defaults = Readonly<Record<string, string>>;

/** What was set: that a default was set by name, only the mirror knows. */
function withoutDefaults(
  all: readonly [string, string][],
  defaults: Defaults,
  was: Defaults | undefined,
): Record<string, string> {
  return Object.fromEntries(
    all.filter(([name, value]) => value !== '' && (value !== defaults[name] || was?.[name] === value)),
  );
}

async function captureSubscriptions(source: Source, mirror: Mirror, topicArn: string): Promise<void> {
  const known = mirror.was.list(subscriptions, source.scope).map(({ value }) => value);
  await source.each(await listSubscriptions(source, topicArn), async (listed) => {
    const { Protocol, Endpoint, Owner } = listed;
    const was = known.find(
      (one) =>
        one.arn === listed.SubscriptionArn ||
        (one.topicArn === topicArn && one.protocol === Protocol && one.endpoint === Endpoint && one.owner === Owner),
    );
    // Until it is confirmed, a list does not tell the name of a subscription.
    const arn = listed.SubscriptionArn?.startsWith('arn:') ? listed.SubscriptionArn : was?.arn;
    if (!arn) {
      await source.read(`a subscription of ${topicArn}`, () =>
        Promise.reject(new Error(`it waits for ${Protocol} ${Endpoint} to confirm it, and has no name before`)),
      );
      return;
    }
    mirror.put(subscriptions, source.scope, arn, await subscriptionRecord(source, mirror, topicArn, arn, listed, was));
  });
}

const ofSubscription: Defaults = { RawMessageDelivery: 'false', FilterPolicyScope: 'MessageAttributes' };
const settable = new Set([
  'DeliveryPolicy',
  'FilterPolicy',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy',
  'ReplayPolicy',
  'SubscriptionRoleArn',
]);

async function subscriptionRecord(
  source: Source,
  mirror: Mirror,
  topicArn: string,
  arn: string,
  { Protocol: protocol = '', Endpoint: endpoint = '', Owner, SubscriptionArn }: Subscription,
  was: SubscriptionRecord | undefined,
): Promise<SubscriptionRecord> {
  const owner = Owner || source.scope.account;
  // Only its owner sees the rest of a subscription.
  const answer =
    owner === source.scope.account
      ? await source.read(
          `subscription ${arn}`,
          () => source.client(SNSClient).send(new GetSubscriptionAttributesCommand({ SubscriptionArn: arn })),
          gone,
        )
      : undefined;
  const all = answer?.Attributes;
  const settings = Object.entries(all ?? {}).filter(
    ([name, value]) => settable.has(name) && !/^\s*\{\s*\}\s*$/.test(value),
  );
  return {
    arn,
    topicArn,
    owner,
    principal: was?.principal ?? all?.SubscriptionPrincipal ?? `arn:aws:iam::${owner}:root`,
    protocol,
    endpoint,
    confirmed: all?.PendingConfirmation ? all.PendingConfirmation !== 'true' : SubscriptionArn === arn,
    token: was?.token ?? derivedBytes(mirror, `token of subscription ${arn}`, 128).toString('hex'),
    authenticated: all?.ConfirmationWasAuthenticated
      ? all.ConfirmationWasAuthenticated === 'true'
      : (was?.authenticated ?? false),
    attributes: all ? withoutDefaults(settings, ofSubscription, was?.attributes) : { ...was?.attributes },
    created: was?.created ?? 0,
  };
}
