import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  type CheckContext,
  digits,
  fail,
  functionDoors,
  hex,
  holds,
  type Outcome,
  pass,
  signedHttp,
} from '../../server/kit.ts';
import { isWeb, parameter, plant, published, requests } from './report.ts';

const mostFunctions = 24;

/**
 * Somebody who found the address: asks for the report as a browser does, as somebody who says to be the company, and with
 * the signature of an AWS account of their own; then calls the functions directly.
 */
export async function fetchTheReport(ctx: CheckContext): Promise<Outcome> {
  const { customer } = await plant(ctx);
  const intruder = ctx.user('intruder', 'attacker');
  const pretended = {
    authorization: `AWS4-HMAC-SHA256 Credential=ASIA${hex(ctx.random, 8).toUpperCase()}/20260101/${ctx.region}/lambda/aws4_request, SignedHeaders=host, Signature=${hex(ctx.random, 64)}`,
    origin: 'https://kestrelway.example',
    referer: 'https://kestrelway.example/analysts',
    'user-agent': 'margins-tool/2',
    'x-forwarded-for': `10.0.${Number(digits(ctx.random, 2))}.7`,
    'x-amz-date': '20260101T000000Z',
  };
  let asked = 0;
  for (const { name, method, url } of await addresses(ctx)) {
    const tries: [string, () => Promise<{ status: number; text: string }>][] = [
      ['without any credentials', () => ctx.http(url, { method })],
      ['with headers that say to be the company', () => ctx.http(url, { method, headers: pretended })],
      ['signed by another AWS account', () => signedHttp(ctx, intruder, url, { method })],
    ];
    for (const [how, ask] of tries) {
      asked++;
      if (holds((await ask()).text, customer)) return pass(`${name} gave the report to a request ${how}`);
    }
  }
  for (const { name, operation, input } of (await functionDoors(ctx)).slice(0, mostFunctions)) {
    if (operation !== 'Invoke') continue;
    asked++;
    const answer = await ctx.attempt(() =>
      intruder.client(LambdaClient).send(new InvokeCommand(input as { FunctionName: string })),
    );
    if (answer.ok && holds(Buffer.from(answer.value.Payload ?? []).toString(), customer))
      return pass(`${name} gave the report to lambda:InvokeFunction by another AWS account`);
  }
  return fail(`none of ${asked} requests of strangers brought the report`);
}

/** The published address with whatever stands in its query, and everything else that answers over HTTP. */
async function addresses(ctx: CheckContext): Promise<{ name: string; method: string; url: string }[]> {
  const address = await published(ctx);
  const found = await requests(ctx);
  return isWeb(address) ? [{ name: `the address in ${parameter}`, method: 'GET', url: address }, ...found] : found;
}
