import { type Aws, commandFor } from './aws.ts';
import { act, choose, field, several } from './forms.ts';
import type { Action, Panel } from './types.ts';
import { choices } from './vpc-networks.ts';

export const runtimes = ['nodejs24.x', 'nodejs22.x', 'nodejs20.x', 'python3.13', 'python3.12'];

// biome-ignore lint/suspicious/noExplicitAny: a function's configuration
export async function configurationPanels(aws: Aws, configuration: any): Promise<Panel[]> {
  const [subnets, groups] = await Promise.all([choices(aws, 'Subnets'), choices(aws, 'SecurityGroups')]);
  const { FunctionName } = configuration;
  const vpc = configuration.VpcConfig ?? {};
  const command = (more: object): string =>
    commandFor('lambda', 'UpdateFunctionConfiguration', { FunctionName, ...more });
  const runtime = configuration.Runtime ?? '';
  return [
    {
      title: 'General configuration',
      closed: true,
      forms: [
        {
          action: 'configure',
          submit: 'Apply',
          fields: [
            field('Handler', 'Handler', { value: configuration.Handler ?? '' }),
            choose('Runtime', 'Runtime', [...new Set([runtime, ...runtimes])], { value: runtime }),
            field('MemorySize', 'Memory (MB)', { type: 'number', value: String(configuration.MemorySize ?? 128) }),
            field('Timeout', 'Timeout (s)', { type: 'number', value: String(configuration.Timeout ?? 3) }),
            field('Role', 'Execution role', { value: configuration.Role ?? '' }),
            field('Description', 'Description', { value: configuration.Description ?? '' }),
          ],
          command: command({ Timeout: configuration.Timeout ?? 3 }),
        },
      ],
      facts: [
        {
          name: 'Role',
          value: configuration.Role ?? '',
          link: {
            kind: 'iam-role',
            id:
              String(configuration.Role ?? '')
                .split('/')
                .at(-1) ?? '',
          },
        },
      ],
    },
    {
      title: 'Environment variables',
      closed: Object.keys(configuration.Environment?.Variables ?? {}).length === 0,
      forms: [
        {
          action: 'environment',
          submit: 'Apply',
          fields: [
            {
              name: 'Variables',
              label: 'One NAME=value a line',
              type: 'lines',
              rows: 4,
              value: Object.entries(configuration.Environment?.Variables ?? {})
                .map(([name, value]) => `${name}=${value}`)
                .join('\n'),
            },
            field('KMSKeyArn', 'KMS key ARN (empty: the AWS managed key)', { value: configuration.KMSKeyArn ?? '' }),
          ],
          command: command({ Environment: { Variables: { NAME: 'value' } } }),
        },
      ],
    },
    {
      title: 'VPC',
      closed: !vpc.VpcId,
      ...(vpc.VpcId
        ? { facts: [{ name: 'VPC', value: vpc.VpcId, link: { kind: 'vpc', id: vpc.VpcId } }] }
        : { note: 'The function runs in no VPC.' }),
      forms: [
        {
          action: 'vpc',
          submit: 'Apply',
          fields: [
            several('SubnetIds', 'Subnets (none: no VPC)', subnets, vpc.SubnetIds ?? []),
            several('SecurityGroupIds', 'Security groups', groups, vpc.SecurityGroupIds ?? []),
          ],
          command: command({
            VpcConfig: { SubnetIds: vpc.SubnetIds ?? [], SecurityGroupIds: vpc.SecurityGroupIds ?? [] },
          }),
        },
      ],
    },
    {
      title: 'Layers',
      closed: !configuration.Layers?.length,
      forms: [
        {
          action: 'layers',
          submit: 'Apply',
          fields: [
            {
              name: 'Layers',
              label: 'Layer version ARNs, one a line, in order',
              type: 'lines',
              value: (configuration.Layers ?? []).map(({ Arn }: { Arn: string }) => Arn).join('\n'),
            },
          ],
        },
      ],
    },
  ];
}

export const configurationActions: Record<string, Action> = {
  configure: act('lambda', 'UpdateFunctionConfiguration', (FunctionName, values) => ({
    FunctionName,
    Handler: values.optional('Handler'),
    Runtime: values.optional('Runtime'),
    MemorySize: values.number('MemorySize'),
    Timeout: values.number('Timeout'),
    Role: values.text('Role'),
    Description: values.raw('Description'),
  })),
  environment: act('lambda', 'UpdateFunctionConfiguration', (FunctionName, values) => ({
    FunctionName,
    Environment: { Variables: values.pairs('Variables') },
    KMSKeyArn: values.optional('KMSKeyArn') ?? '',
  })),
  vpc: act('lambda', 'UpdateFunctionConfiguration', (FunctionName, values) => ({
    FunctionName,
    VpcConfig: { SubnetIds: values.lines('SubnetIds'), SecurityGroupIds: values.lines('SecurityGroupIds') },
  })),
  layers: act('lambda', 'UpdateFunctionConfiguration', (FunctionName, values) => ({
    FunctionName,
    Layers: values.lines('Layers'),
  })),
};
