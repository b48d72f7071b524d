import { type CheckContext, fail, hex, type Outcome, pass } from '../../../server/kit.ts';
import { requests } from '../report.ts';

/** No answer tells a browser that a page of somebody else's may read it. */
export async function noForeignPageMayRead(ctx: CheckContext): Promise<Outcome> {
  const origin = `https://${hex(ctx.random, 8)}.example`;
  const doors = await requests(ctx);
  for (const { name, url } of doors) {
    const asking = {
      origin,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    };
    for (const [method, headers] of [
      ['OPTIONS', asking],
      ['GET', { origin }],
    ] as const) {
      const answer = await ctx.http(url, { method, headers, as: `a page of ${origin}` });
      const allowed = answer.headers['access-control-allow-origin'];
      if (allowed === '*' || allowed === origin)
        return fail(`${name} tells browsers that a page of ${origin} may read it (allow-origin ${allowed})`);
    }
  }
  return pass(`none of ${doors.length} addresses lets a page of ${origin} read it`);
}
