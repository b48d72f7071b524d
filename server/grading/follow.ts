import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListAliasesCommand,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda';
import { GetBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Outcome } from '../catalogue/definition.ts';
import { findRoleByArn } from '../cloud/services/iam/identity.ts';
import type { Actor } from './actor.ts';
import { type CheckContext, fail, pass } from './check-context.ts';
import { byDeciders } from './deciders.ts';

/** A function as it is configured now, whatever it is called. */
export interface FoundFunction {
  name: string;
  arn: string;
  roleArn: string;
}

/**
 * The learner's functions: the unpublished version of each, and every version that an alias serves. Checks about "the
 * code" ask all of them, so that a fix may replace a function, and a forgotten one counts. With `allVersions` also those
 * that no alias serves: a trigger may name one.
 */
export async function functionsOf(
  ctx: CheckContext,
  { allVersions = false }: { allVersions?: boolean } = {},
): Promise<FoundFunction[]> {
  const lambda = ctx.admin().client(LambdaClient);
  const found: FoundFunction[] = [];
  let marker: string | undefined;
  for (let page = 0; page < 20; page++) {
    const list = await lambda.send(new ListFunctionsCommand({ ...(marker ? { Marker: marker } : {}) }));
    for (const { FunctionName, FunctionArn, Role } of list.Functions ?? []) {
      found.push({ name: FunctionName!, arn: FunctionArn!, roleArn: Role! });
      const aliases = await lambda.send(new ListAliasesCommand({ FunctionName: FunctionName! }));
      const versions = new Set(
        (aliases.Aliases ?? []).flatMap((alias) => [
          alias.FunctionVersion!,
          ...Object.keys(alias.RoutingConfig?.AdditionalVersionWeights ?? {}),
        ]),
      );
      if (allVersions) for (const version of await publishedVersions(lambda, FunctionName!)) versions.add(version);
      for (const version of versions) {
        if (version === '$LATEST') continue;
        const configuration = await lambda.send(
          new GetFunctionConfigurationCommand({ FunctionName: FunctionName!, Qualifier: version }),
        );
        found.push({
          name: `${FunctionName}:${version}`,
          arn: configuration.FunctionArn!,
          roleArn: configuration.Role!,
        });
      }
    }
    marker = list.NextMarker;
    if (!marker) break;
  }
  return found;
}

async function publishedVersions(lambda: LambdaClient, FunctionName: string): Promise<string[]> {
  const found: string[] = [];
  let marker: string | undefined;
  for (let page = 0; page < 20; page++) {
    const list = await lambda.send(
      new ListVersionsByFunctionCommand({ FunctionName, ...(marker ? { Marker: marker } : {}) }),
    );
    found.push(...(list.Versions ?? []).map(({ Version }) => Version!));
    marker = list.NextMarker;
    if (!marker) break;
  }
  return found;
}

/** ARNs of the functions that run when an object is put into a bucket: directly, through a topic, or through a queue. */
export async function invokeTargets(ctx: CheckContext, bucket: string): Promise<string[]> {
  const admin = ctx.admin();
  const configuration = await admin
    .client(S3Client)
    .send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket }));
  const targets = new Set((configuration.LambdaFunctionConfigurations ?? []).map((entry) => entry.LambdaFunctionArn!));
  const queues = new Set((configuration.QueueConfigurations ?? []).map((entry) => entry.QueueArn!));
  for (const { TopicArn } of configuration.TopicConfigurations ?? []) {
    const behind = await topicTargets(ctx, TopicArn!);
    for (const target of behind.functions) targets.add(target);
    for (const queue of behind.queues) queues.add(queue);
  }
  for (const queue of queues) for (const target of await functionsBehind(ctx, queue)) targets.add(target);
  return [...targets];
}

/** What a topic of the learner's account delivers to. */
export async function topicTargets(
  ctx: CheckContext,
  topicArn: string,
): Promise<{ functions: string[]; queues: string[] }> {
  const { Subscriptions } = await ctx
    .admin()
    .client(SNSClient)
    .send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }));
  const of = (protocol: string): string[] =>
    (Subscriptions ?? []).filter(({ Protocol }) => Protocol === protocol).map(({ Endpoint }) => Endpoint!);
  return { functions: of('lambda'), queues: of('sqs') };
}

/** ARNs of the queues that functions of the learner's account are fed from. */
export async function queuesFeeding(ctx: CheckContext): Promise<string[]> {
  const { EventSourceMappings } = await ctx.admin().client(LambdaClient).send(new ListEventSourceMappingsCommand({}));
  return [
    ...new Set(
      (EventSourceMappings ?? [])
        .map(({ EventSourceArn }) => EventSourceArn!)
        .filter((arn) => arn.startsWith('arn:aws:sqs:')),
    ),
  ];
}

async function functionsBehind(ctx: CheckContext, queueArn: string): Promise<string[]> {
  const { EventSourceMappings } = await ctx
    .admin()
    .client(LambdaClient)
    .send(new ListEventSourceMappingsCommand({ EventSourceArn: queueArn }));
  return (EventSourceMappings ?? []).map(({ FunctionArn }) => FunctionArn!);
}

/** Asks the policies, for the code of each function, about calls that must be refused. The first that is allowed decides. */
export async function probeAll(
  ctx: CheckContext,
  functions: FoundFunction[],
  service: string,
  forbidden: Probe[],
): Promise<Outcome> {
  for (const { name, arn, roleArn } of functions) {
    const role = roleArn.slice(roleArn.lastIndexOf('/') + 1);
    const outcome = probeActor(ctx.code(arn, roleArn), `${role} (code of ${name})`, service, forbidden);
    if (!outcome.passed) return outcome;
  }
  const names = functions.map(({ name }) => name);
  return pass(
    names.length === 0
      ? 'there is no function whose code could do anything'
      : `the code of ${names.join(', ')} is refused all ${forbidden.length} calls that it has no need for`,
  );
}

/** An operation by AWS's name, and its input. */
export type Probe = [operation: string, input: object];

/** As `probeAll`, for one actor; `who` begins the sentence. */
export function probeActor(actor: Actor, who: string, service: string, forbidden: Probe[]): Outcome {
  for (const [operation, input] of forbidden) {
    const decision = actor.probe(service, operation, input);
    if (decision.decision !== 'allowed') continue;
    return fail(
      `${who} may still call ${decision.access.action} on ${decision.access.resource}${byDeciders(decision.by)}`,
    );
  }
  return pass(`${who} is refused all ${forbidden.length} calls`);
}

/** Whether somebody of the attacker's account may take the role of a function. The lab must have an attacker account. */
export function rolesRefuseOutsiders(ctx: CheckContext, functions: FoundFunction[]): Outcome {
  const outsider = ctx.user('intruder', 'attacker');
  for (const roleArn of new Set(functions.map((found) => found.roleArn))) {
    if (!findRoleByArn(ctx.cloud.state, roleArn)) continue;
    const outcome = probeActor(outsider, 'anybody in a foreign account', 'sts', [
      ['AssumeRole', { RoleArn: roleArn, RoleSessionName: 'outsider' }],
    ]);
    if (!outcome.passed) return outcome;
  }
  return pass('no outsider may take the role of a function');
}
