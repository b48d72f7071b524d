import { commandFor } from './aws.ts';
import { act, field, several } from './forms.ts';
import type { ResourceKind } from './types.ts';
import { choices } from './vpc-networks.ts';

export const rdsClusters: ResourceKind = {
  id: 'rds-cluster',
  group: 'RDS',
  plural: 'Clusters',
  one: 'cluster',
  async list(aws) {
    const list = await aws.all('rds', 'DescribeDBClusters', {}, 'DBClusters', ['Marker', 'Marker']);
    return list.map(({ DBClusterIdentifier, Status }) => ({
      id: DBClusterIdentifier,
      label: DBClusterIdentifier,
      detail: Status,
    }));
  },
  async show(aws, id) {
    const { DBClusters } = await aws.call('rds', 'DescribeDBClusters', { DBClusterIdentifier: id });
    const cluster = DBClusters[0];
    const groups: string[] = (cluster.VpcSecurityGroups ?? []).map(
      ({ VpcSecurityGroupId }: { VpcSecurityGroupId: string }) => VpcSecurityGroupId,
    );
    return {
      title: id,
      subtitle: 'RDS cluster',
      panels: [
        {
          title: 'Settings',
          facts: [
            { name: 'ARN', value: cluster.DBClusterArn },
            { name: 'Endpoint', value: `${cluster.Endpoint ?? ''}${cluster.Port ? `:${cluster.Port}` : ''}` },
            { name: 'Engine', value: `${cluster.Engine} ${cluster.EngineVersion ?? ''}` },
            { name: 'Master user', value: cluster.MasterUsername ?? '' },
            { name: 'Data API', value: cluster.HttpEndpointEnabled ? 'enabled' : 'disabled' },
            { name: 'Security groups', value: groups.join(', ') },
          ],
        },
        {
          title: 'Master password',
          note: 'Clients that hold the old password cannot connect after this.',
          forms: [
            {
              action: 'password',
              submit: 'Change password',
              fields: [field('MasterUserPassword', 'New password', { required: true })],
              command: commandFor('rds', 'ModifyDBCluster', {
                DBClusterIdentifier: id,
                MasterUserPassword: '',
                ApplyImmediately: true,
              }),
            },
          ],
        },
        {
          title: 'Security groups',
          closed: true,
          forms: [
            {
              action: 'groups',
              submit: 'Apply',
              fields: [several('VpcSecurityGroupIds', 'Security groups', await choices(aws, 'SecurityGroups'), groups)],
            },
          ],
        },
      ],
    };
  },
  actions: {
    password: act('rds', 'ModifyDBCluster', (DBClusterIdentifier, values) => ({
      DBClusterIdentifier,
      MasterUserPassword: values.text('MasterUserPassword'),
      ApplyImmediately: true,
    })),
    groups: act('rds', 'ModifyDBCluster', (DBClusterIdentifier, values) => ({
      DBClusterIdentifier,
      VpcSecurityGroupIds: values.lines('VpcSecurityGroupIds'),
      ApplyImmediately: true,
    })),
  },
};
