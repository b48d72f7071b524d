import { NotEmulated } from '../../cloud/errors.ts';
import { LearnerError } from '../../training/errors.ts';
import { choose, field } from './forms.ts';
import type { ResourceKind } from './types.ts';

/** Services as the SDK's packages are named, and as the cloud names them. */
const services = [
  'iam',
  'lambda',
  's3',
  'sqs',
  'sns',
  'sts',
  'secretsmanager',
  'ssm',
  'kms',
  'logs',
  'ec2',
  'apigateway',
  'apigatewayv2',
  'rds',
  'rds-data',
  'dynamodb',
  'dynamodbstreams',
  'events',
  'cloudtrail',
  'accessanalyzer',
];

/** Any AWS operation, for what has no editor of its own. */
export const anyCall: ResourceKind = {
  id: 'any-call',
  group: 'Any AWS call',
  plural: 'Operations',
  one: 'call',
  async list() {
    return [{ id: 'call', label: 'Call an operation' }];
  },
  async show() {
    return {
      title: 'Any AWS call',
      subtitle: 'As the administrator of this account',
      panels: [
        {
          title: 'Call',
          note: 'For what has no editor: the operation as the API names it, its input as JSON.',
          forms: [
            {
              action: 'call',
              submit: 'Call',
              fields: [
                choose('service', 'Service', services, { value: 'lambda' }),
                field('operation', 'Operation', { required: true, placeholder: 'ListFunctions' }),
                { name: 'input', label: 'Input (JSON)', type: 'json', value: '{}' },
              ],
            },
          ],
        },
      ],
    };
  },
  actions: {
    async call(aws, _id, values) {
      const service = values.text('service');
      const operation = values.text('operation');
      const input = values.json('input');
      if (!services.includes(service)) throw new NotEmulated(service);
      if (typeof input !== 'object' || input === null || Array.isArray(input))
        throw new LearnerError(422, 'The input is not a JSON object.');
      const output = await aws.signed(service, operation, input);
      return {
        output: { title: `${service} ${operation}`, text: JSON.stringify(output, readable, 2).slice(0, 200_000) },
      };
    },
  },
};

/** Bytes as text. */
function readable(name: string, value: unknown): unknown {
  if (name === '$metadata') return undefined;
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (typeof value === 'object' && value !== null && (value as { type?: string }).type === 'Buffer')
    return Buffer.from((value as { data: number[] }).data).toString();
  return value;
}
