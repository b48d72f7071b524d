import { npmRegistry, remember, type SimulatedHost } from '../../server/kit.ts';
import { counter, registry } from './packages.ts';

/** A host that keeps what is posted to it. */
const listener = (name: string): SimulatedHost => ({
  name,
  port: 443,
  place: { kind: 'internet' },
  http(ctx, request) {
    remember(ctx, name, { from: request.url.slice(1, 100), told: request.body.toString('utf8').slice(0, 8000) });
    return { status: 204, headers: {}, body: Buffer.alloc(0) };
  },
});

/** The registry, those who count installations, and those who collect variables. */
export const hosts = (drop: string): SimulatedHost[] => [npmRegistry(registry), listener(counter), listener(drop)];
