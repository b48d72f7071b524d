import { type CheckContext, recall, remember, type SimulatedHost } from '../../server/kit.ts';

/** Where the attackers of a dependency collect what it posts. */
export const drop = 'drop.example';

/** Takes everything on both ports of the web. */
export const dropBox = (ip: string): SimulatedHost[] =>
  [443, 80].map((port) => ({
    name: drop,
    port,
    place: { kind: 'internet', ip },
    http(ctx, request) {
      const told = Buffer.from(request.body.toString(), 'base64').toString();
      remember(ctx, drop, { port, told: told.slice(0, 5000) });
      return { status: 204, headers: {}, body: Buffer.alloc(0) };
    },
  }));

/** Whether the attackers have this text by now. */
export const dropped = (ctx: CheckContext, text: string): boolean =>
  recall(ctx, drop).some(({ told }) => String(told).includes(text));
