import { createHmac } from 'node:crypto';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  type CheckContext,
  type FunctionNetwork,
  fail,
  inEverySubnet,
  networkOf,
  type Outcome,
  type PlacedSubnet,
  pass,
  readJson,
  serviceStop,
  tableRow,
} from '../../../server/kit.ts';
import {
  type Claim,
  excerpt,
  functionName,
  newClaim,
  placeName,
  queue,
  secretName,
  send,
  services,
  table,
} from '../desk.ts';

/** A claim from each subnet of the function becomes a row and an order; claims that make no sense become neither. */
export async function claimsAreRegistered(ctx: CheckContext): Promise<Outcome> {
  const network = await networkOf(ctx, functionName);
  const wrong = await inEverySubnet(ctx, network, async (subnet) => {
    const where = `${functionName} in ${placeName(subnet)}`;
    let claim = newClaim(ctx, false);
    let answer = await send(ctx, claim);
    if (answer?.registered !== true) {
      // A busy machine makes time limits run out; a desk asks again.
      claim = newClaim(ctx, false);
      answer = await send(ctx, claim);
    }
    if (answer?.registered !== true)
      return `${where} does not register a claim: ${excerpt(answer)}${stopOf(ctx, network, subnet)}`;
    const row = tableRow(ctx, table, { claim: claim.claim });
    if (row?.cents !== claim.cents || row.iban !== claim.iban)
      return `${where} says registered, but claim ${claim.claim} is not in the table ${table}`;
    const ordered = await orderOf(ctx, claim);
    return ordered === undefined ? undefined : `${where}: ${ordered}`;
  });
  if (wrong) return fail(wrong);
  for (const cents of [0, -500, 'many']) {
    const claim = { ...newClaim(ctx, false), cents };
    const answer = await send(ctx, claim);
    if (answer?.registered === true || tableRow(ctx, table, { claim: claim.claim }))
      return fail(`${functionName} registers a claim of ${JSON.stringify(cents)} cents`);
  }
  return pass(`${functionName} registers claims in ${table} and orders payments in ${queue}`);
}

/** Which service the network keeps from the function, or the last refusal; the end of a sentence. */
function stopOf(ctx: CheckContext, network: FunctionNetwork, subnet: PlacedSubnet | undefined): string {
  for (const service of services) {
    const stop = serviceStop(ctx, network, subnet, service);
    if (stop) return `; ${stop}`;
  }
  return ctx.lastFailure();
}

/** What is wrong with the order to pay in the queue; undefined when it is as it should be. */
async function orderOf(ctx: CheckContext, { claim, cents, iban }: Claim): Promise<string | undefined> {
  const sqs = ctx.admin().client(SQSClient);
  const QueueUrl = ctx.outputs.queue!;
  const secret = await ctx
    .admin()
    .client(SecretsManagerClient)
    .send(new GetSecretValueCommand({ SecretId: secretName }));
  const signature = createHmac('sha256', secret.SecretString ?? '')
    .update(`${claim} ${cents} ${iban}`)
    .digest('hex');
  for (let round = 0; round < 10; round++) {
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (!Messages?.length) break;
    for (const { Body, ReceiptHandle } of Messages) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: ReceiptHandle! }));
      const order = readJson(Body ?? '');
      if (order.claim !== claim) continue;
      if (order.signature !== signature) return `the order for claim ${claim} is not signed with ${secretName}`;
      if (order.cents !== cents || order.iban !== iban)
        return `the order for claim ${claim} is another than was claimed`;
      return undefined;
    }
  }
  return `no order to pay claim ${claim} is in the queue ${queue}`;
}
