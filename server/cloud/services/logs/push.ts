import { gzipSync } from 'node:zlib';
import type { Hops } from '../../context.ts';
import { enqueueDelivery, scopeOfArn } from '../../deliveries.ts';
import { seededRandom } from '../../random.ts';
import type { StateWriter } from '../../state/account-state.ts';
import { defineTable, type Scope } from '../../state/table.ts';
import { compileFilter } from './filter-pattern.ts';
import type { LogEvent } from './store.ts';

export interface SubscriptionFilterRecord {
  group: string;
  name: string;
  filterPattern: string;
  destinationArn: string;
  roleArn?: string;
  distribution: 'Random' | 'ByLogStream';
  created: number;
}

/** Id `group:filter`; a group has at most two. */
export const subscriptionFilters = defineTable<SubscriptionFilterRecord>('logs.subscriptionFilters');

/**
 * Promises new events to the group's subscription filters: `{awslogs: {data}}`, data being base64 of gzipped JSON.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */
export function notifySubscribers(
  state: StateWriter,
  scope: Scope,
  group: string,
  stream: string,
  events: readonly LogEvent[],
  now: number,
  hops: Hops | undefined,
): void {
  for (const { id, value: filter } of state.list(subscriptionFilters, scope)) {
    if (filter.group !== group || !filter.destinationArn.includes(':lambda:')) continue;
    const matches = compileFilter(filter.filterPattern);
    const found = events.filter(({ message }) => matches(message));
    if (found.length === 0) continue;
    const message = {
      messageType: 'DATA_MESSAGE',
      owner: scope.account,
      logGroup: group,
      logStream: stream,
      subscriptionFilters: [filter.name],
      logEvents: found.map(({ id, timestamp, message }) => ({ id, timestamp, message })),
    };
    const target = scopeOfArn(filter.destinationArn);
    // The records themselves make the id: appendLogs is called where no source of randomness is at hand.
    enqueueDelivery(state, seededRandom(`${scope.account}/${scope.region}/${id}/${found[0]!.id}`), now, {
      caller: {
        service: 'logs.amazonaws.com',
        sourceArn: `arn:aws:logs:${scope.region}:${scope.account}:log-group:${group}:*`,
        sourceAccount: scope.account,
      },
      target: {
        service: 'lambda',
        operation: 'Invoke',
        account: target.account,
        region: target.region,
        input: {
          FunctionName: filter.destinationArn,
          InvocationType: 'Event',
          Payload: JSON.stringify({ awslogs: { data: gzipSync(JSON.stringify(message)).toString('base64') } }),
        },
      },
      hops,
    });
  }
}
