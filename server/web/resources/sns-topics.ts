import { commandFor } from './aws.ts';
import { act, choose, documentForm, field, hidden, removal, remove } from './forms.ts';
import type { ResourceKind } from './types.ts';

export const snsTopics: ResourceKind = {
  id: 'sns-topic',
  group: 'SNS',
  plural: 'Topics',
  one: 'topic',
  async list(aws) {
    const topics = await aws.all('sns', 'ListTopics', {}, 'Topics');
    return topics.map(({ TopicArn }) => ({ id: TopicArn, label: TopicArn.split(':').at(-1) }));
  },
  async show(aws, TopicArn) {
    const { Attributes = {} } = await aws.call('sns', 'GetTopicAttributes', { TopicArn });
    const subscriptions = await aws.all('sns', 'ListSubscriptionsByTopic', { TopicArn }, 'Subscriptions');
    return {
      title: TopicArn.split(':').at(-1) ?? TopicArn,
      subtitle: 'SNS topic',
      panels: [
        {
          title: 'Access policy',
          forms: [
            documentForm({
              action: 'policy',
              label: 'Access policy',
              policy: 'resource',
              text: Attributes.Policy,
              command: commandFor('sns', 'SetTopicAttributes', {
                TopicArn,
                AttributeName: 'Policy',
                AttributeValue: 'file://policy.json',
              }),
            }),
          ],
        },
        {
          title: 'Subscriptions',
          table: {
            columns: ['Protocol', 'Endpoint', 'Subscription'],
            empty: 'Nobody is subscribed.',
            rows: subscriptions.map(({ Protocol, Endpoint, SubscriptionArn }) => ({
              cells: [
                { text: Protocol },
                { text: Endpoint, mono: true },
                { text: SubscriptionArn.split(':').at(-1), mono: true },
              ],
              forms: SubscriptionArn.startsWith('arn:')
                ? [remove('unsubscribe', 'Unsubscribe', [hidden('SubscriptionArn', SubscriptionArn)])]
                : [],
            })),
          },
          forms: [
            {
              action: 'subscribe',
              submit: 'Subscribe',
              fields: [
                choose('Protocol', 'Protocol', ['lambda', 'sqs', 'https', 'http', 'email']),
                field('Endpoint', 'Endpoint', { required: true, placeholder: 'arn:aws:lambda:…' }),
              ],
            },
          ],
        },
        {
          title: 'Publish',
          closed: true,
          forms: [
            {
              action: 'publish',
              submit: 'Publish',
              fields: [field('Subject', 'Subject'), { name: 'Message', label: 'Message', type: 'lines', rows: 3 }],
            },
          ],
        },
        {
          title: 'About',
          facts: [
            { name: 'ARN', value: TopicArn },
            { name: 'KMS key', value: Attributes.KmsMasterKeyId ?? 'none' },
          ],
          forms: [remove('delete', 'Delete topic', [], 'Delete the topic?')],
        },
      ],
    };
  },
  async create() {
    return [
      {
        title: 'New topic',
        forms: [{ action: 'create', submit: 'Create topic', fields: [field('Name', 'Name', { required: true })] }],
      },
    ];
  },
  actions: {
    async create(aws, _id, values) {
      const Name = values.text('Name');
      const { TopicArn } = await aws.call('sns', 'CreateTopic', {
        Name,
        Attributes: Name.endsWith('.fifo') ? { FifoTopic: 'true' } : undefined,
      });
      return { open: { kind: 'sns-topic', id: TopicArn } };
    },
    policy: act('sns', 'SetTopicAttributes', (TopicArn, values) => ({
      TopicArn,
      AttributeName: 'Policy',
      AttributeValue: values.raw('document'),
    })),
    subscribe: act('sns', 'Subscribe', (TopicArn, values) => ({
      TopicArn,
      Protocol: values.text('Protocol'),
      Endpoint: values.text('Endpoint'),
      ReturnSubscriptionArn: true,
    })),
    unsubscribe: act('sns', 'Unsubscribe', (_id, values) => ({ SubscriptionArn: values.text('SubscriptionArn') })),
    publish: act('sns', 'Publish', (TopicArn, values) => ({
      TopicArn,
      Subject: values.optional('Subject'),
      Message: values.raw('Message'),
    })),
    delete: removal('sns', 'DeleteTopic', (TopicArn) => ({ TopicArn })),
  },
};
