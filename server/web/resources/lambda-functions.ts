import { commandFor } from './aws.ts';
import { choose, field, hidden, remove } from './forms.ts';
import { codeActions, codePanels, zipOf } from './lambda-code.ts';
import { configurationActions, configurationPanels, runtimes } from './lambda-configuration.ts';
import { permissionActions, permissionPanels } from './lambda-permissions.ts';
import type { ResourceKind } from './types.ts';

export const lambdaFunctions: ResourceKind = {
  id: 'lambda-function',
  group: 'Lambda',
  plural: 'Functions',
  one: 'function',
  async list(aws) {
    const functions = await aws.all('lambda', 'ListFunctions', {}, 'Functions', ['Marker', 'NextMarker']);
    return functions.map(({ FunctionName, Runtime }) => ({ id: FunctionName, label: FunctionName, detail: Runtime }));
  },
  async show(aws, id) {
    const answer = await aws.call('lambda', 'GetFunction', { FunctionName: id });
    const { Configuration } = answer;
    return {
      title: id,
      subtitle: `Lambda function, ${Configuration.Runtime ?? Configuration.PackageType}`,
      panels: [
        ...(await codePanels(aws, answer)),
        ...(await configurationPanels(aws, Configuration)),
        ...(await permissionPanels(aws, id)),
        {
          title: 'About',
          facts: [
            { name: 'ARN', value: Configuration.FunctionArn },
            {
              name: 'State',
              value: `${Configuration.State ?? ''}${Configuration.StateReason ? `: ${Configuration.StateReason}` : ''}`,
            },
            { name: 'Changed', value: Configuration.LastModified ?? '' },
            { name: 'Code SHA-256', value: Configuration.CodeSha256 ?? '' },
          ],
          forms: [remove('delete', 'Delete function', [], `Delete the function ${id}?`)],
        },
      ],
    };
  },
  async create(aws) {
    const roles = await aws.all('iam', 'ListRoles', {}, 'Roles', ['Marker', 'Marker']);
    return [
      {
        title: 'New function',
        forms: [
          {
            action: 'create',
            submit: 'Create function',
            command: commandFor('lambda', 'CreateFunction', {
              FunctionName: 'NAME',
              Runtime: 'nodejs22.x',
              Handler: 'index.handler',
              Role: 'ROLE-ARN',
              ZipFile: 'fileb://function.zip',
            }),
            fields: [
              field('FunctionName', 'Name', { required: true }),
              choose('Runtime', 'Runtime', runtimes, { value: 'nodejs22.x' }),
              field('Handler', 'Handler', { value: 'index.handler' }),
              choose(
                'Role',
                'Role',
                roles
                  .filter(({ Path }) => !Path.startsWith('/aws-reserved/'))
                  .map(({ Arn, RoleName }) => ({ value: Arn, label: RoleName })),
              ),
              field('path', 'File', { value: 'index.mjs' }),
              hidden('kind', 'code'),
              {
                name: 'text',
                label: 'Code',
                type: 'code',
                language: 'javascript',
                value: 'export const handler = async (event) => {\n  return { ok: true };\n};\n',
              },
            ],
          },
        ],
      },
    ];
  },
  actions: {
    ...codeActions,
    ...configurationActions,
    ...permissionActions,
    async create(aws, _id, values) {
      const FunctionName = values.text('FunctionName');
      await aws.call('lambda', 'CreateFunction', {
        FunctionName,
        Runtime: values.text('Runtime'),
        Handler: values.text('Handler'),
        Role: values.text('Role'),
        Code: { ZipFile: zipOf(new Map([[values.text('path'), Buffer.from(values.raw('text'))]])) },
      });
      return { open: { kind: 'lambda-function', id: FunctionName } };
    },
    async delete(aws, FunctionName) {
      await aws.call('lambda', 'DeleteFunction', { FunctionName });
      return { gone: true };
    },
  },
};
