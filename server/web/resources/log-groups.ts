import { field, removal, remove } from './forms.ts';
import type { ResourceKind } from './types.ts';

export const logGroups: ResourceKind = {
  id: 'log-group',
  group: 'Logs',
  plural: 'Log groups',
  one: 'log group',
  async list(aws) {
    const groups = await aws.all('logs', 'DescribeLogGroups', {}, 'logGroups', ['nextToken', 'nextToken']);
    return groups.map(({ logGroupName }) => ({ id: logGroupName, label: logGroupName }));
  },
  async show(aws, logGroupName) {
    const streams = await aws.call('logs', 'DescribeLogStreams', {
      logGroupName,
      limit: 20,
      orderBy: 'LastEventTime',
      descending: true,
    });
    const { events = [] } = await aws.call('logs', 'FilterLogEvents', { logGroupName, limit: 1000 });
    const lines = (events as { timestamp: number; message: string }[])
      .slice(-300)
      .map(({ timestamp, message }) => `${new Date(timestamp).toISOString()}  ${message.trimEnd()}`);
    return {
      title: logGroupName,
      subtitle: 'Log group',
      panels: [
        { title: 'Last events', text: lines.join('\n') || 'No events.' },
        {
          title: 'Streams',
          closed: true,
          table: {
            columns: ['Stream'],
            empty: 'No streams.',
            rows: (streams.logStreams ?? []).map(({ logStreamName }: { logStreamName: string }) => ({
              cells: [{ text: logStreamName, mono: true }],
            })),
          },
        },
        { title: 'Remove', closed: true, forms: [remove('delete', 'Delete log group', [], `Delete ${logGroupName}?`)] },
      ],
    };
  },
  async create() {
    return [
      {
        title: 'New log group',
        forms: [
          { action: 'create', submit: 'Create log group', fields: [field('logGroupName', 'Name', { required: true })] },
        ],
      },
    ];
  },
  actions: {
    async create(aws, _id, values) {
      const logGroupName = values.text('logGroupName');
      await aws.call('logs', 'CreateLogGroup', { logGroupName });
      return { open: { kind: 'log-group', id: logGroupName } };
    },
    delete: removal('logs', 'DeleteLogGroup', (logGroupName) => ({ logGroupName })),
  },
};
