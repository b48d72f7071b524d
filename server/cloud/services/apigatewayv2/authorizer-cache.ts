import type { Cloud } from '../../cloud.ts';

/** What a Lambda authorizer said, for as long as its time to live. */
interface Entry {
  answer: unknown;
  /** Milliseconds of the cloud's clock. */
  until: number;
}

/** The cache is bounded: identities come from requests, and there may be many. */
const most = 500;

/** The remembered answer, in an object as it may be anything; undefined where there is none, or it is too old. */
export function rememberedAnswer(cloud: Cloud, key: string): { answer: unknown } | undefined {
  const entry = entries(cloud).get(key);
  return entry && entry.until > cloud.clock.now() ? entry : undefined;
}

export function rememberAnswer(cloud: Cloud, key: string, answer: unknown, ttlSeconds: number): void {
  if (ttlSeconds <= 0) return;
  const known = entries(cloud);
  known.delete(key);
  if (known.size >= most) known.delete(known.keys().next().value!);
  known.set(key, { answer, until: cloud.clock.now() + ttlSeconds * 1000 });
}

/** Forgets the answers whose keys begin so. */
export function forgetAnswers(cloud: Cloud, prefix: string): void {
  const known = entries(cloud);
  for (const key of known.keys()) if (key.startsWith(prefix)) known.delete(key);
}

function entries(cloud: Cloud): Map<string, Entry> {
  let known = cloud.memory.get('apigateway.authorizers') as Map<string, Entry> | undefined;
  if (!known) cloud.memory.set('apigateway.authorizers', (known = new Map()));
  return known;
}
