import type { Target } from '@aws-sdk/client-eventbridge';
import type { Cloud } from '../../cloud.ts';
import type { Hops } from '../../context.ts';
import { enqueueDelivery, type Push, scopeOfArn } from '../../deliveries.ts';
import { uuid } from '../../random.ts';
import type { StateWriter } from '../../state/account-state.ts';
import type { Scope } from '../../state/table.ts';
import { hopsUntraced } from '../lambda/recursion.ts';
import { matchesRule } from './patterns.ts';
import { placeOfBus, placeOfRecord, type RulePlace, type RuleRecord, rulesOf } from './store.ts';
import { inputFor } from './target-input.ts';

/** An event, as rules see it. Source: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
export interface BusEvent {
  version: string;
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: Record<string, unknown>;
}

/** What publishing needs of a call, or of the background. */
export interface Publisher {
  cloud: Cloud;
  state: StateWriter;
  now: number;
  hops: Hops | undefined;
}

/** EventBridge's times have no fractions. */
export const timestamp = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;

/** The event of an AWS service, on the default bus of an account. */
export function publishServiceEvent(
  from: Publisher,
  scope: Scope,
  event: Pick<BusEvent, 'source' | 'detail-type' | 'resources' | 'detail'>,
): void {
  publishTo(from, scope, 'default', {
    version: '0',
    id: uuid(from.cloud.random),
    ...event,
    account: scope.account,
    time: timestamp(from.now),
    region: scope.region,
  });
}

/** Gives an event to every rule of a bus that matches it. */
export function publishTo(from: Publisher, scope: Scope, busName: string, event: BusEvent, forwarded = false): void {
  const bus = placeOfBus(scope, busName);
  for (const rule of rulesOf(from.state, bus))
    if (rule.state !== 'DISABLED' && matchesRule(rule, { ...event }))
      publish(from, placeOfRecord(bus, rule), rule, event, forwarded);
}

/** Promises an event to every target of a rule. Whether it arrives, the target's policies decide. */
export function publish(from: Publisher, place: RulePlace, rule: RuleRecord, event: BusEvent, forwarded = false): void {
  for (const target of rule.targets) {
    const isBus = target.Arn!.split(':')[2] === 'events';
    // "The event can't be sent on to a third bus": an event is forwarded once.
    if (isBus && forwarded) continue;
    const body = inputFor(target, event, place, from.now);
    const dead = target.DeadLetterConfig?.Arn;
    const { MaximumRetryAttempts: retries, MaximumEventAgeInSeconds: age } = target.RetryPolicy ?? {};
    enqueueDelivery(from.state, from.cloud.random, from.now, {
      caller: { service: 'events.amazonaws.com', sourceArn: place.arn, sourceAccount: place.account },
      ...(target.RoleArn ? { role: target.RoleArn } : {}),
      target: isBus ? toBus(target.Arn!, event) : pushTo(target, body),
      ...(retries === undefined ? {} : { retries }),
      ...(age === undefined ? {} : { maximumAge: age * 1000 }),
      ...(dead
        ? {
            deadLetter: {
              queueArn: dead,
              body: JSON.stringify(event),
              attributes: { RULE_ARN: place.arn, TARGET_ARN: target.Arn! },
            },
          }
        : {}),
      hops: hopsUntraced(from.hops),
    });
  }
}

/** The call that brings a body to a target. */
function pushTo(target: Target, body: string): Push {
  const arn = target.Arn!;
  const scope = scopeOfArn(arn);
  const [, , service, , , ...rest] = arn.split(':');
  if (service === 'lambda')
    return {
      ...scope,
      service,
      operation: 'Invoke',
      input: { FunctionName: arn, InvocationType: 'Event', Payload: body },
    };
  if (service === 'sns') return { ...scope, service, operation: 'Publish', input: { TopicArn: arn, Message: body } };
  const QueueUrl = `https://sqs.${scope.region}.amazonaws.com/${scope.account}/${rest[0]}`;
  const group = target.SqsParameters?.MessageGroupId;
  const input = { QueueUrl, MessageBody: body, ...(group === undefined ? {} : { MessageGroupId: group }) };
  return { ...scope, service: 'sqs', operation: 'SendMessage', input };
}

/** The bus of another account, or another one of this: the event stays what it was. */
function toBus(arn: string, event: BusEvent): Push {
  const { id, account, region, time } = event;
  const entry = {
    EventBusName: arn,
    Source: event.source,
    DetailType: event['detail-type'],
    Detail: JSON.stringify(event.detail),
    Resources: event.resources,
    forwarded: { id, account, region, time },
  };
  return { ...scopeOfArn(arn), service: 'events', operation: 'PutEvents', input: { Entries: [entry] } };
}
