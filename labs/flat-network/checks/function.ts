import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { PurgeQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  answerWithin,
  type CheckContext,
  fail,
  networkOf,
  type Outcome,
  pass,
  reachFromEverySubnet,
  recall,
  serviceStop,
} from '../../../server/kit.ts';
import { ask } from '../attack.ts';
import {
  asker,
  catalogue,
  cluster,
  databasesNow,
  issuer,
  type Loan,
  neighbour,
  neighbourPort,
  newLoan,
} from '../library.ts';

/** A loan is kept and its reminder ordered; the other subnets have the same ways. A neighbour answers. */
export async function loansAreIssued(ctx: CheckContext): Promise<Outcome> {
  const network = await networkOf(ctx, issuer);
  // What the network drops would only run into time limits.
  for (const host of databasesNow(ctx))
    for (const { reach } of reachFromEverySubnet(ctx, network, host))
      if (!reach.reachable) return fail(`${issuer} does not reach the database: ${reach.because}`);
  for (const subnet of network.subnets) {
    const stop = serviceStop(ctx, network, subnet, 'sqs');
    if (stop) return fail(`${issuer} does not reach SQS from ${subnet.name}: ${stop}`);
  }
  for (const { reach } of reachFromEverySubnet(ctx, await networkOf(ctx, asker), catalogue(ctx)))
    if (!reach.reachable) return fail(`${asker} does not reach ${neighbour}: ${reach.because}`);

  const wrong = await issue(ctx, newLoan(ctx));
  if (wrong) return fail(wrong);
  const question = { library: neighbour, port: neighbourPort, ask: `FIND ${newLoan(ctx).book}` };
  const answer = await ask(ctx, question);
  if (!answer.includes(question.ask.slice(5)) || !answer.includes('held'))
    return fail(`${asker} does not bring the answer of ${neighbour}: ${answer}`);
  return pass(`${issuer} issues loans, and ${asker} asks ${neighbour}`);
}

/** What is wrong with issuing a loan; undefined when it is as it should be. */
async function issue(ctx: CheckContext, loan: Loan): Promise<string | undefined> {
  const sqs = ctx.admin().client(SQSClient);
  const QueueUrl = ctx.outputs.queue!;
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  let answer = await invoke(ctx, loan);
  // A busy machine makes time limits run out; a desk asks again.
  if (!answer.includes('"issued":true')) answer = await invoke(ctx, loan);
  if (!answer.includes('"issued":true')) return `${issuer} does not issue a loan: ${answer}${ctx.lastFailure()}`;
  const kept = recall(ctx, cluster).find((each) => each.loan === loan.loan);
  if (kept?.reader !== loan.reader || kept.book !== loan.book)
    return `${issuer} says issued, but loan ${loan.loan} is not in ${cluster}`;
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  if (!Messages?.some(({ Body }) => Body?.includes(loan.loan)))
    return `${issuer} orders no reminder of loan ${loan.loan}`;
  return undefined;
}

async function invoke(ctx: CheckContext, event: object): Promise<string> {
  const answer = await ctx.attempt(async () => {
    const call = ctx
      .user('desk')
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName: issuer, Payload: Buffer.from(JSON.stringify(event)) }));
    return Buffer.from((await answerWithin(8000, call))?.Payload ?? []).toString() || 'nothing';
  });
  return (answer.ok ? answer.value : answer.message).slice(0, 300);
}

/** The deployer connects each function to the VPC where it is now: Lambda then needs the role's rights on EC2. */
export async function deploymentsGoOn(ctx: CheckContext): Promise<Outcome> {
  const deployer = ctx.user('deployer').client(LambdaClient);
  for (const FunctionName of [issuer, asker]) {
    const deployed = await ctx.attempt(async () => {
      const { VpcConfig } = await deployer.send(new GetFunctionConfigurationCommand({ FunctionName }));
      const { SubnetIds = [], SecurityGroupIds = [] } = VpcConfig ?? {};
      const placed = SubnetIds.length > 0 ? { VpcConfig: { SubnetIds, SecurityGroupIds } } : {};
      await deployer.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...placed, Description: 'deployed' }));
    });
    if (!deployed.ok) return fail(`the deployer cannot configure ${FunctionName}: ${deployed.message}`);
  }
  return pass(`the deployer configures ${issuer} and ${asker}`);
}
