import { commandFor } from './aws.ts';
import { act, documentForm, field, removal, remove, tick } from './forms.ts';
import type { ResourceKind } from './types.ts';

const settings: [name: string, label: string][] = [
  ['VisibilityTimeout', 'Visibility timeout (s)'],
  ['MessageRetentionPeriod', 'Retention (s)'],
  ['DelaySeconds', 'Delay (s)'],
  ['ReceiveMessageWaitTimeSeconds', 'Receive wait (s)'],
  ['KmsMasterKeyId', 'KMS key'],
];

export const sqsQueues: ResourceKind = {
  id: 'sqs-queue',
  group: 'SQS',
  plural: 'Queues',
  one: 'queue',
  async list(aws) {
    const urls = await aws.all<string>('sqs', 'ListQueues', { MaxResults: 1000 }, 'QueueUrls');
    return urls.map((url) => ({ id: url, label: url.split('/').at(-1) ?? url }));
  },
  async show(aws, QueueUrl) {
    const { Attributes = {} } = await aws.call('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    const attributes = Attributes as Record<string, string>;
    const set = (name: string): string =>
      commandFor('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { [name]: '…' } });
    return {
      title: QueueUrl.split('/').at(-1) ?? QueueUrl,
      subtitle: 'SQS queue',
      panels: [
        {
          title: 'Access policy',
          ...(attributes.Policy ? {} : { note: 'The queue has no policy.' }),
          forms: [
            documentForm({
              action: 'policy',
              label: 'Access policy',
              policy: 'resource',
              text: attributes.Policy ?? '',
              command: set('Policy'),
            }),
            ...(attributes.Policy ? [remove('delete-policy', 'Delete policy', [], 'Delete the queue policy?')] : []),
          ],
        },
        {
          title: 'Settings',
          forms: [
            {
              action: 'settings',
              submit: 'Apply',
              fields: [
                ...settings.map(([name, label]) => field(name, label, { value: attributes[name] ?? '' })),
                tick('SqsManagedSseEnabled', 'Encrypt with keys of SQS', attributes.SqsManagedSseEnabled === 'true'),
              ],
            },
          ],
        },
        {
          title: 'Dead-letter queue',
          closed: !attributes.RedrivePolicy,
          forms: [
            documentForm({
              action: 'redrive',
              label: 'Redrive policy',
              text: attributes.RedrivePolicy ?? '',
              command: set('RedrivePolicy'),
              help: '{"deadLetterTargetArn": "…", "maxReceiveCount": 3}',
            }),
          ],
        },
        {
          title: 'Messages',
          facts: [
            { name: 'Waiting', value: attributes.ApproximateNumberOfMessages ?? '0' },
            { name: 'In flight', value: attributes.ApproximateNumberOfMessagesNotVisible ?? '0' },
          ],
          forms: [
            { action: 'receive', submit: 'Receive', fields: [] },
            {
              action: 'send',
              submit: 'Send',
              fields: [
                { name: 'MessageBody', label: 'Message body', type: 'lines', rows: 3 },
                ...(QueueUrl.endsWith('.fifo')
                  ? [
                      field('MessageGroupId', 'Group id', { required: true }),
                      field('MessageDeduplicationId', 'Deduplication id'),
                    ]
                  : []),
              ],
            },
            remove('purge', 'Purge', [], 'Delete all messages of the queue?'),
          ],
        },
        {
          title: 'About',
          facts: [
            { name: 'URL', value: QueueUrl },
            { name: 'ARN', value: attributes.QueueArn ?? '' },
          ],
          forms: [remove('delete', 'Delete queue', [], 'Delete the queue?')],
        },
      ],
    };
  },
  async create() {
    return [
      {
        title: 'New queue',
        forms: [
          {
            action: 'create',
            submit: 'Create queue',
            fields: [field('QueueName', 'Name (.fifo at the end: FIFO)', { required: true })],
          },
        ],
      },
    ];
  },
  actions: {
    async create(aws, _id, values) {
      const QueueName = values.text('QueueName');
      const { QueueUrl } = await aws.call('sqs', 'CreateQueue', {
        QueueName,
        Attributes: QueueName.endsWith('.fifo') ? { FifoQueue: 'true' } : undefined,
      });
      return { open: { kind: 'sqs-queue', id: QueueUrl } };
    },
    policy: act('sqs', 'SetQueueAttributes', (QueueUrl, values) => ({
      QueueUrl,
      Attributes: { Policy: values.raw('document') },
    })),
    'delete-policy': act('sqs', 'SetQueueAttributes', (QueueUrl) => ({ QueueUrl, Attributes: { Policy: '' } })),
    redrive: act('sqs', 'SetQueueAttributes', (QueueUrl, values) => ({
      QueueUrl,
      Attributes: { RedrivePolicy: values.raw('document') },
    })),
    async settings(aws, QueueUrl, values) {
      const { Attributes: now = {} } = await aws.call('sqs', 'GetQueueAttributes', {
        QueueUrl,
        AttributeNames: ['All'],
      });
      // Only what differs: some settings exclude each other.
      const wanted: Record<string, string> = {
        ...Object.fromEntries(settings.map(([name]) => [name, values.optional(name) ?? ''])),
        SqsManagedSseEnabled: String(values.flag('SqsManagedSseEnabled')),
      };
      const Attributes = Object.fromEntries(
        Object.entries(wanted).filter(
          ([name, value]) => value !== (now[name] ?? (name === 'SqsManagedSseEnabled' ? 'false' : '')),
        ),
      );
      if (Object.keys(Attributes).length > 0) await aws.call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes });
      return undefined;
    },
    send: act('sqs', 'SendMessage', (QueueUrl, values) => ({
      QueueUrl,
      MessageBody: values.raw('MessageBody'),
      MessageGroupId: values.optional('MessageGroupId'),
      MessageDeduplicationId: values.optional('MessageDeduplicationId'),
    })),
    async receive(aws, QueueUrl) {
      const { Messages = [] } = await aws.call('sqs', 'ReceiveMessage', {
        QueueUrl,
        MaxNumberOfMessages: 10,
        AttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      });
      return {
        output: {
          title: `${Messages.length} received; they come back after the visibility timeout`,
          text: Messages.length ? JSON.stringify(Messages, null, 2) : 'No message.',
        },
      };
    },
    purge: act('sqs', 'PurgeQueue', (QueueUrl) => ({ QueueUrl })),
    delete: removal('sqs', 'DeleteQueue', (QueueUrl) => ({ QueueUrl })),
  },
};
