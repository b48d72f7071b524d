import type { Cloud } from '../../cloud.ts';

/** Ends environments whose key starts so: after an update or a deletion nothing of the old code runs on. */
export function discardEnvironments(cloud: Cloud, keyAfterCloud: string): void {
  const { runtime } = cloud;
  if (runtime) cloud.track('end environments', () => runtime.discard(`${cloud.id}/${keyAfterCloud}`));
}
