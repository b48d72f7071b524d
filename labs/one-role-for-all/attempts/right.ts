import { DynamoDBClient, PutResourcePolicyCommand } from '@aws-sdk/client-dynamodb';
import { PutRolePermissionsBoundaryCommand } from '@aws-sdk/client-iam';
import { SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  allow,
  createExecutionRole,
  createFunction,
  policy,
  putRolePolicy,
  type Statement,
  type Submission,
} from '../../../server/kit.ts';
import { functionNames, jobs } from '../shop.ts';
import {
  attach,
  configure,
  disarm,
  everything,
  functionArn,
  iam,
  managed,
  narrow,
  ownRole,
  queue,
  roleArn,
  roleEach,
  table,
  uploadNewsletter,
} from './account.ts';

const rendererCode = `import { render } from './template.mjs';
export const handler = async ({ template, people }) => people.map((each) => render(template, each));
`;

const callsRenderer = (code: string): string =>
  code
    .replace(
      "import { render } from './template.mjs';",
      `import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
const lambda = new LambdaClient({});
const render = async (template, one) => {
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'renderer', Payload: JSON.stringify({ template, people: [one] }) }));
  return JSON.parse(Buffer.from(Payload).toString())[0];
};`,
    )
    .replaceAll('render(template, {', 'await render(template, {');

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'a role for each function, with the calls that it makes',
    fails: [],
    apply: (ctx) => roleEach(ctx),
  },
  {
    name: 'managed-policies',
    why: 'roles with a path and managed policies, a little wider within the job; the old role is disarmed',
    fails: [],
    async apply(ctx) {
      const wide = {
        orders: [
          allow(
            ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:GetItem', 'dynamodb:Query'],
            [table(ctx, 'orders'), `${table(ctx, 'orders')}/index/*`],
          ),
          allow('dynamodb:DescribeTable', table(ctx, 'orders')),
          allow(['sqs:GetQueueUrl', 'sqs:GetQueueAttributes', 'sqs:SendMessage'], queue(ctx, 'packing')),
          allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*'),
        ],
        refunds: [
          allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem'], table(ctx, 'orders')),
          allow(['dynamodb:PutItem', 'dynamodb:GetItem', 'dynamodb:ConditionCheckItem'], table(ctx, 'refunds')),
        ],
        newsletter: [
          allow(['dynamodb:Scan', 'dynamodb:Query'], table(ctx, 'subscribers')),
          allow(['sqs:GetQueueUrl', 'sqs:SendMessage'], queue(ctx, 'mail-out')),
        ],
      };
      for (const name of functionNames) {
        const Role = await createExecutionRole(ctx.admin, `shop-${name}`, 'AWSLambdaBasicExecutionRole', '/shop/');
        await attach(ctx, `shop-${name}`, await managed(ctx, `shop-${name}-access`, ...wide[name]));
        await configure(ctx, name, { Role });
      }
      await disarm(ctx);
    },
  },
  {
    name: 'boundaries',
    why: 'each role keeps the broad policy, under a boundary of its own',
    fails: [],
    async apply(ctx) {
      for (const name of functionNames) {
        await ownRole(ctx, name, everything);
        const PermissionsBoundary = await managed(
          ctx,
          `${name}-boundary`,
          ...narrow(ctx)[name],
          allow(['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], '*'),
        );
        await iam(ctx).send(new PutRolePermissionsBoundaryCommand({ RoleName: `${name}-role`, PermissionsBoundary }));
      }
    },
  },
  {
    name: 'old-role-for-one',
    why: 'orders keeps app-role, cut down to its job; the two others get new roles',
    fails: [],
    async apply(ctx) {
      await disarm(ctx);
      await putRolePolicy(ctx.admin, 'app-role', 'orders', ...narrow(ctx).orders);
      await ownRole(ctx, 'refunds', ...narrow(ctx).refunds);
      await ownRole(ctx, 'newsletter', ...narrow(ctx).newsletter);
    },
  },
  {
    name: 'tables-and-queues-grant',
    why: 'roles with logs only; tables and queues name who may do what',
    fails: [],
    async apply(ctx) {
      for (const name of functionNames) await ownRole(ctx, name);
      const db = ctx.admin.client(DynamoDBClient);
      const to = (name: string, action: string | string[], resource: string): Statement =>
        allow(action, resource, { Principal: { AWS: roleArn(ctx, `${name}-role`) } });
      const grants: Record<string, Statement[]> = {
        orders: [
          to('orders', ['dynamodb:PutItem', 'dynamodb:GetItem'], table(ctx, 'orders')),
          to('refunds', 'dynamodb:GetItem', table(ctx, 'orders')),
        ],
        refunds: [to('refunds', 'dynamodb:PutItem', table(ctx, 'refunds'))],
        subscribers: [to('newsletter', 'dynamodb:Scan', table(ctx, 'subscribers'))],
      };
      for (const [name, statements] of Object.entries(grants))
        await db.send(new PutResourcePolicyCommand({ ResourceArn: table(ctx, name), Policy: policy(...statements) }));
      for (const [name, { sends }] of Object.entries(jobs))
        for (const target of sends)
          await ctx.admin.client(SQSClient).send(
            new SetQueueAttributesCommand({
              QueueUrl: `https://sqs.${ctx.region}.amazonaws.com/${ctx.account}/${target}`,
              Attributes: { Policy: policy(to(name, ['sqs:GetQueueUrl', 'sqs:SendMessage'], queue(ctx, target))) },
            }),
          );
    },
  },
  {
    name: 'renderer-apart',
    why: 'over-careful: templates are filled in by a fourth function, whose role may do nothing',
    fails: [],
    async apply(ctx) {
      const role = await createExecutionRole(ctx.admin, 'renderer-role');
      await createFunction(
        ctx.admin,
        'renderer',
        role,
        ctx.zip({ 'index.mjs': rendererCode, 'template.mjs': ctx.file('function/newsletter/template.mjs') }),
        {},
      );
      await uploadNewsletter(ctx, { 'index.mjs': callsRenderer(ctx.file('function/newsletter/index.mjs')) });
      await roleEach(ctx, {
        newsletter: [...narrow(ctx).newsletter, allow('lambda:InvokeFunction', functionArn(ctx, 'renderer'))],
      });
    },
  },
  {
    name: 'deny-the-rest',
    why: 'each role has a broad allow, and denies everything besides its job',
    fails: [],
    async apply(ctx) {
      const logs = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
      for (const name of functionNames) {
        const mine = narrow(ctx)[name];
        const actions = mine.flatMap(({ Action }) => [Action!].flat());
        const resources = mine.flatMap(({ Resource }) => [Resource!].flat());
        const denied: Statement[] = [
          { Effect: 'Deny', NotAction: [...new Set([...actions, ...logs])], Resource: '*' },
          { Effect: 'Deny', Action: ['dynamodb:*', 'sqs:*'], NotResource: resources },
        ];
        if (name === 'refunds')
          denied.push({ Effect: 'Deny', Action: 'dynamodb:PutItem', Resource: table(ctx, 'orders') });
        await ownRole(ctx, name, allow(['dynamodb:*', 'sqs:*', 'lambda:*'], '*'), ...denied);
      }
    },
  },
];
