import { type CheckContext, queuesFeeding } from '../../server/kit.ts';

/** The queues on the way to a dispatch: the shop's own first, and whatever else feeds a function. */
export async function queuesOf(ctx: CheckContext): Promise<{ name: string; arn: string; url: string }[]> {
  const arns = new Set([arnOf(ctx, ctx.outputs.queue!), ...(await queuesFeeding(ctx))]);
  return [...arns].map((arn) => ({ name: arn.split(':')[5]!, arn, url: urlOf(ctx, arn) }));
}

/** `orders` → its ARN. */
export const arnOf = (ctx: { region: string; account: string | (() => { id: string }) }, queue: string): string =>
  `arn:aws:sqs:${ctx.region}:${typeof ctx.account === 'string' ? ctx.account : ctx.account().id}:${queue}`;

export function urlOf(ctx: { region: string }, arn: string): string {
  const [, , , , account, name] = arn.split(':');
  return `https://sqs.${ctx.region}.amazonaws.com/${account}/${name}`;
}
