import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type CheckContext, fail, functionDoors, hex, type Outcome, pass, signedHttp } from '../../server/kit.ts';
import { addressOf, buildRestApi } from './build.ts';
import { onSale, plant, requests } from './shop.ts';

const mostFunctions = 16;

/**
 * Somebody from the internet takes bouquets off sale: by whatever the shop's API answers, without credentials and with the
 * signature of an AWS account of their own; by calling the functions; and through an API Gateway of their own.
 */
export async function takeOffSale(ctx: CheckContext): Promise<Outcome> {
  const intruder = ctx.user('intruder', 'attacker');
  const bouquet = await plant(ctx);
  let asked = 0;
  const gone = (): boolean => {
    asked++;
    return !onSale(ctx, bouquet);
  };
  for (const { name, method, url } of await requests(ctx, bouquet.id)) {
    await ctx.http(url, { method, headers: { 'x-admin': 'true', 'x-forwarded-for': '10.0.0.7' } });
    if (gone()) return pass(`${name} took a bouquet off sale for a request without credentials`);
    await signedHttp(ctx, intruder, url, { method });
    if (gone()) return pass(`${name} took a bouquet off sale for another AWS account`);
  }
  const event = {
    resource: '/admin/bouquets/{id}',
    path: `/admin/bouquets/${bouquet.id}`,
    httpMethod: 'DELETE',
    rawPath: `/admin/bouquets/${bouquet.id}`,
    routeKey: 'DELETE /admin/bouquets/{id}',
    headers: {},
    pathParameters: { id: bouquet.id },
    requestContext: {
      resourcePath: '/admin/bouquets/{id}',
      httpMethod: 'DELETE',
      http: { method: 'DELETE', path: `/admin/bouquets/${bouquet.id}` },
      authorizer: { iam: { userArn: `arn:aws:iam::${ctx.account().id}:user/noor` } },
      identity: { userArn: `arn:aws:iam::${ctx.account().id}:user/noor` },
    },
  };
  for (const { name, operation, input } of (await functionDoors(ctx)).slice(0, mostFunctions)) {
    if (operation !== 'Invoke') continue;
    const Payload = Buffer.from(JSON.stringify(event));
    await ctx.attempt(() =>
      intruder.client(LambdaClient).send(new InvokeCommand({ ...input, Payload } as InvokeCommand['input'])),
    );
    if (gone()) return pass(`${name} took a bouquet off sale for lambda:InvokeFunction by another AWS account`);
  }
  const functionArns = new Set((await functionDoors(ctx)).map(({ functionArn }) => functionArn));
  for (const functionArn of [...functionArns].slice(0, 4)) {
    const own = await buildRestApi(
      ctx.owner('attacker'),
      ctx.region,
      `tools-${hex(ctx.random, 4)}`,
      [{ path: '/admin/bouquets/{id}', method: 'DELETE', functionArn }],
      ['prod'],
    );
    await ctx.http(`${addressOf(own.id, ctx.region, 'prod')}/admin/bouquets/${bouquet.id}`, { method: 'DELETE' });
    if (gone())
      return pass(`${functionArn.split(':')[6]} took a bouquet off sale for an API of another account, ${own.id}`);
  }
  return fail(`none of ${asked} calls of strangers took a bouquet off sale`);
}
