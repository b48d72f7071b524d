import { bytes } from '../format.ts';
import { type Aws, commandFor } from './aws.ts';
import { act, documentForm, field, hidden, removal, remove, tick } from './forms.ts';
import type { Panel, ResourceKind } from './types.ts';

const blocks = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'] as const;

export const s3Buckets: ResourceKind = {
  id: 's3-bucket',
  group: 'S3',
  plural: 'Buckets',
  one: 'bucket',
  async list(aws) {
    const { Buckets = [] } = await aws.call('s3', 'ListBuckets');
    return (Buckets as { Name: string }[]).map(({ Name }) => ({ id: Name, label: Name }));
  },
  async show(aws, id) {
    const policy = await aws.find('s3', 'GetBucketPolicy', { Bucket: id }, 'NoSuchBucketPolicy');
    const block = await aws.find('s3', 'GetPublicAccessBlock', { Bucket: id }, 'NoSuchPublicAccessBlockConfiguration');
    const { $metadata: _metadata, ...notifications } = await aws.call('s3', 'GetBucketNotificationConfiguration', {
      Bucket: id,
    });
    return {
      title: id,
      subtitle: 'S3 bucket',
      panels: [
        {
          title: 'Bucket policy',
          ...(policy ? {} : { note: 'The bucket has no policy.' }),
          forms: [
            documentForm({
              action: 'policy',
              label: 'Bucket policy',
              policy: 'resource',
              text: policy?.Policy ?? '',
              command: commandFor('s3', 'PutBucketPolicy', { Bucket: id, Policy: 'file://policy.json' }),
            }),
            ...(policy ? [remove('delete-policy', 'Delete policy', [], 'Delete the bucket policy?')] : []),
          ],
        },
        {
          title: 'Block public access',
          closed: true,
          forms: [
            {
              action: 'block',
              submit: 'Apply',
              fields: blocks.map((name) => tick(name, name, block?.PublicAccessBlockConfiguration?.[name] ?? false)),
            },
          ],
        },
        {
          title: 'Event notifications',
          forms: [
            documentForm({
              action: 'notifications',
              label: 'Notification configuration',
              text: notifications,
              command: commandFor('s3', 'PutBucketNotificationConfiguration', {
                Bucket: id,
                NotificationConfiguration: 'file://notification.json',
              }),
            }),
          ],
        },
        await objectsPanel(aws, id),
        {
          title: 'Upload an object',
          closed: true,
          forms: [
            {
              action: 'upload',
              submit: 'Upload',
              fields: [
                field('Key', 'Key', { required: true }),
                { name: 'text', label: 'Text', type: 'code', language: 'text' },
              ],
            },
          ],
        },
        {
          title: 'About',
          facts: [{ name: 'ARN', value: `arn:aws:s3:::${id}` }],
          forms: [remove('delete', 'Delete bucket', [], `Delete the bucket ${id}?`)],
        },
      ],
    };
  },
  async create() {
    return [
      {
        title: 'New bucket',
        forms: [{ action: 'create', submit: 'Create bucket', fields: [field('Bucket', 'Name', { required: true })] }],
      },
    ];
  },
  actions: {
    async create(aws, _id, values) {
      const Bucket = values.text('Bucket');
      await aws.call('s3', 'CreateBucket', { Bucket });
      return { open: { kind: 's3-bucket', id: Bucket } };
    },
    policy: act('s3', 'PutBucketPolicy', (Bucket, values) => ({ Bucket, Policy: values.raw('document') })),
    'delete-policy': act('s3', 'DeleteBucketPolicy', (Bucket) => ({ Bucket })),
    block: act('s3', 'PutPublicAccessBlock', (Bucket, values) => ({
      Bucket,
      PublicAccessBlockConfiguration: Object.fromEntries(blocks.map((name) => [name, values.flag(name)])),
    })),
    notifications: act('s3', 'PutBucketNotificationConfiguration', (Bucket, values) => ({
      Bucket,
      NotificationConfiguration: values.json('document'),
    })),
    upload: act('s3', 'PutObject', (Bucket, values) => ({
      Bucket,
      Key: values.text('Key'),
      Body: Buffer.from(values.raw('text')),
    })),
    async read(aws, Bucket, values) {
      const Key = values.text('Key');
      const { Body, ContentLength } = await aws.call('s3', 'GetObject', { Bucket, Key, Range: 'bytes=0-65535' });
      return {
        output: { title: `${Key}, ${bytes(ContentLength ?? 0)}`, text: Buffer.from(Body as Uint8Array).toString() },
      };
    },
    'delete-object': act('s3', 'DeleteObject', (Bucket, values) => ({ Bucket, Key: values.text('Key') })),
    delete: removal('s3', 'DeleteBucket', (Bucket) => ({ Bucket })),
  },
};

async function objectsPanel(aws: Aws, Bucket: string): Promise<Panel> {
  const { Contents = [], IsTruncated } = await aws.call('s3', 'ListObjectsV2', { Bucket, MaxKeys: 200 });
  return {
    title: 'Objects',
    ...(IsTruncated ? { note: 'The first 200 are listed.' } : {}),
    table: {
      columns: ['Key', 'Size', 'Changed'],
      empty: 'The bucket is empty.',
      rows: (Contents as { Key: string; Size: number; LastModified: Date }[]).map(({ Key, Size, LastModified }) => ({
        cells: [
          { text: Key, mono: true },
          { text: bytes(Size) },
          { text: new Date(LastModified).toISOString().slice(0, 19).replace('T', ' ') },
        ],
        forms: [
          ...(Size > 0 ? [{ action: 'read', submit: 'Read', fields: [hidden('Key', Key)] }] : []),
          remove('delete-object', 'Delete', [hidden('Key', Key)], `Delete ${Key}?`),
        ],
      })),
    },
  };
}
