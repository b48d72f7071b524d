import {
  AddPermissionCommand,
  CreateEventSourceMappingCommand,
  LambdaClient,
  RemovePermissionCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import {
  ListSubscriptionsByTopicCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  allow,
  createExecutionRole,
  createFunction,
  policy,
  putRolePolicy,
  type Statement,
  type SubmissionContext,
} from '../../../server/kit.ts';

/** The account as a learner changes it: what more than one submission does. */

export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);
export const sns = (ctx: SubmissionContext) => ctx.admin.client(SNSClient);

// --- the policy of the function

/** Removes the statement that the lab starts with. */
export async function drop(ctx: SubmissionContext): Promise<void> {
  await lambda(ctx).send(new RemovePermissionCommand({ FunctionName: 'payout', StatementId: 'sns-invoke' }));
}

/** Lets SNS call payout; `more` says for what, or lets somebody else. */
export async function permit(ctx: SubmissionContext, StatementId: string, more: object = {}): Promise<void> {
  await lambda(ctx).send(
    new AddPermissionCommand({
      FunctionName: 'payout',
      StatementId,
      Action: 'lambda:InvokeFunction',
      Principal: 'sns.amazonaws.com',
      ...more,
    }),
  );
}

/** This permission and no other. */
export async function only(ctx: SubmissionContext, more: object): Promise<void> {
  await drop(ctx);
  await permit(ctx, 'payroll-topic', more);
}

/** The right fix: the permission names the topic. */
export const nameTheTopic = (ctx: SubmissionContext): Promise<void> => only(ctx, { SourceArn: ctx.outputs.topic! });

/** The right fix, and another permission beside it. */
export async function beside(ctx: SubmissionContext, more: object): Promise<void> {
  await nameTheTopic(ctx);
  await permit(ctx, 'beside', more);
}

// --- the topic

export const topicArn = (ctx: SubmissionContext, name: string): string =>
  `arn:aws:sns:${ctx.region}:${ctx.account}:${name}`;

/** Nobody listens to the payroll topic any more. */
export async function unsubscribe(ctx: SubmissionContext): Promise<void> {
  const { Subscriptions } = await sns(ctx).send(new ListSubscriptionsByTopicCommand({ TopicArn: ctx.outputs.topic! }));
  for (const { SubscriptionArn } of Subscriptions ?? [])
    await sns(ctx).send(new UnsubscribeCommand({ SubscriptionArn: SubscriptionArn! }));
}

export async function subscribe(
  ctx: SubmissionContext,
  TopicArn: string,
  Endpoint: string,
  Attributes?: Record<string, string>,
): Promise<void> {
  const Protocol = Endpoint.split(':')[2]!;
  await sns(ctx).send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, ...(Attributes ? { Attributes } : {}) }));
}

/** Lets somebody publish to the payroll topic, and nobody else. */
export async function letPublish(ctx: SubmissionContext, Principal: Statement['Principal']): Promise<void> {
  const TopicArn = ctx.outputs.topic!;
  const AttributeValue = policy({ Effect: 'Allow', Principal, Action: 'sns:Publish', Resource: TopicArn });
  await sns(ctx).send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue }));
}

// --- a queue between topic and function

export const queueArn = (ctx: SubmissionContext): string => `arn:aws:sqs:${ctx.region}:${ctx.account}:payments`;

/** The topic may send to the queue; `more` says otherwise. */
export const toQueue = (ctx: SubmissionContext, more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Principal: { Service: 'sns.amazonaws.com' },
  Action: 'sqs:SendMessage',
  Resource: queueArn(ctx),
  Condition: { ArnEquals: { 'aws:SourceArn': ctx.outputs.topic! } },
  ...more,
});

const pay = `const post = async (payment) => {
  const response = await fetch(process.env.BANK_URL + '/transfers', { method: 'POST', headers: { authorization: 'Bearer ' + process.env.BANK_TOKEN },
    body: JSON.stringify({ to: payment.iban, name: payment.employee, cents: payment.cents, reference: payment.reference }) });
  if (!response.ok) throw new Error('bank: ' + response.status);
};
`;

/** Topic → queue → function. `form`: whether the queue gets what SNS writes about a message, or the bare message. */
export async function throughQueue(
  ctx: SubmissionContext,
  form: 'notification' | 'raw',
  ...statements: Statement[]
): Promise<void> {
  await drop(ctx);
  await unsubscribe(ctx);
  const arn = queueArn(ctx);
  await ctx.admin.client(SQSClient).send(
    new CreateQueueCommand({
      QueueName: 'payments',
      Attributes: { VisibilityTimeout: '60', Policy: policy(...statements) },
    }),
  );
  const receive = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
  await putRolePolicy(ctx.admin, 'payout-role', 'more', allow(receive, arn));
  const message = form === 'raw' ? 'r.body' : 'JSON.parse(r.body).Message';
  await upload(
    ctx,
    `${pay}export const handler = async (event) => { for (const r of event.Records) await post(JSON.parse(${message})); };`,
  );
  await lambda(ctx).send(new CreateEventSourceMappingCommand({ FunctionName: 'payout', EventSourceArn: arn }));
  await subscribe(ctx, ctx.outputs.topic!, arn, form === 'raw' ? { RawMessageDelivery: 'true' } : undefined);
}

// --- code

/** Other code for payout. */
export async function upload(ctx: SubmissionContext, code: string): Promise<void> {
  await lambda(ctx).send(
    new UpdateFunctionCodeCommand({ FunctionName: 'payout', ZipFile: ctx.zip({ 'index.mjs': code }) }),
  );
}

/** A function of the topic's, in front of payout. */
export async function relay(
  ctx: SubmissionContext,
  code: string,
  variables: Record<string, string>,
  ...rights: Statement[]
): Promise<void> {
  await drop(ctx);
  await unsubscribe(ctx);
  const role = await createExecutionRole(ctx.admin, 'receive-role');
  await putRolePolicy(ctx.admin, 'receive-role', 'more', ...rights);
  const arn = await createFunction(ctx.admin, 'receive', role, ctx.zip({ 'index.mjs': code }), variables);
  await permit(ctx, 'payroll', { FunctionName: 'receive', SourceArn: ctx.outputs.topic! });
  await subscribe(ctx, ctx.outputs.topic!, arn);
}

/** Passes the event on to payout as it came. */
export const passOn = `import { LambdaClient, InvokeCommand } from '@aws-sdk/client-lambda';
const lambda = new LambdaClient({});
export const handler = async (event) => { const r = await lambda.send(new InvokeCommand({ FunctionName: 'payout', Payload: JSON.stringify(event) })); if (r.FunctionError) throw new Error('payout failed'); };`;
