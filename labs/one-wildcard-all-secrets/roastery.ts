import { createHash } from 'node:crypto';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  type CheckContext,
  jsonAnswer,
  type LabFacts,
  putRows,
  readJson,
  rowOf,
  type SimulatedHost,
} from '../../server/kit.ts';

/** The carrier, what belongs to dispatch, and what belongs to others. */

export const carrierHost = 'api.parcelfox.example';
export const ownSecret = 'prod/carrier';
export const ownPath = '/prod/dispatch';
/** Secrets of others. */
export const othersSecrets = ['prod/carrier-admin', 'prod/card-gateway', 'prod/payroll-db'];
/** Parameters of others. */
export const othersParameters = [
  '/prod/dispatch-admin/portal-password',
  '/prod/card-gateway/merchant-key',
  '/finance/bank-file-pin',
];

/** Where the carrier keeps the token that it takes. */
const tokens = `${carrierHost} tokens`;

/** From now on the carrier takes this token and no other. */
export const issueToken = (cloud: CheckContext['cloud'], token: string): void =>
  putRows(cloud, tokens, { current: { token } });

/** The carrier's number of a parcel. */
export const trackingOf = (order: string): string =>
  `PF${createHash('sha256').update(order).digest('hex').slice(0, 10).toUpperCase()}`;

/** The carrier, out on the internet. */
export const carrierOf = (_facts: LabFacts): SimulatedHost => ({
  name: carrierHost,
  port: 443,
  place: { kind: 'internet' },
  http(ctx, { headers, body }) {
    if (headers.authorization !== `Bearer ${rowOf(ctx.state, tokens, 'current')?.token}`)
      return jsonAnswer(401, { error: 'unknown token' });
    return jsonAnswer(200, { tracking: trackingOf(String(readJson(Buffer.from(body).toString()).order)) });
  },
});

/** The shop hands an order to dispatch; what dispatch answers. */
export async function dispatch(ctx: CheckContext, event: object): Promise<{ error: boolean; text: string }> {
  const answer = await ctx
    .user('shop')
    .client(LambdaClient)
    .send(new InvokeCommand({ FunctionName: 'dispatch', Payload: Buffer.from(JSON.stringify(event)) }));
  return { error: answer.FunctionError !== undefined, text: Buffer.from(answer.Payload ?? []).toString() };
}
