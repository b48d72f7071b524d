import type { Cloud } from '../../cloud.ts';
import type { ApiCall } from './api-call.ts';

interface Bucket {
  tokens: number;
  /** Milliseconds of the cloud's clock. */
  filled: number;
}

/** May this request go on, by the rate and burst limits of its stage and route? */
export function takeToken({ cloud, api, stage, route }: ApiCall): boolean {
  const own = stage.routeSettings[route.routeKey];
  const rate = own?.throttlingRateLimit ?? stage.defaults.throttlingRateLimit;
  const burst = own?.throttlingBurstLimit ?? stage.defaults.throttlingBurstLimit;
  return takeFrom(cloud, `apigatewayv2.tokens:${api.apiId}:${stage.name}:${own ? route.routeKey : ''}`, rate, burst);
}

/** Takes a token out of a bucket in memory; without a limit there is no bucket. */
export function takeFrom(cloud: Cloud, key: string, rate: number | undefined, burst: number | undefined): boolean {
  if (rate === undefined && burst === undefined) return true;
  const size = Math.max(burst ?? 5000, 0);
  const now = cloud.clock.now();
  const bucket = (cloud.memory.get(key) as Bucket | undefined) ?? { tokens: size, filled: now };
  const tokens = Math.min(size, bucket.tokens + (Math.max(0, now - bucket.filled) / 1000) * (rate ?? 10_000));
  const allowed = tokens >= 1;
  cloud.memory.set(key, { tokens: allowed ? tokens - 1 : tokens, filled: now });
  return allowed;
}
