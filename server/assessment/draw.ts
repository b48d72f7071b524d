import { seededRandom } from '../cloud/random.ts';
import type { Settings } from './settings.ts';

export interface DrawnLab {
  lab: string;
  weight: number;
}

/** The labs of an entry: the fixed ones, then those of each pool in the pool's order. The same seed draws the same. */
export function drawLabs({ labs, pools }: Pick<Settings, 'labs' | 'pools'>, seed: string): DrawnLab[] {
  const drawn = pools.flatMap((pool, index) => {
    // A sequence for each pool: what one draws does not depend on the others.
    const random = seededRandom(`${seed}/pool/${index}`);
    const keyed = pool.labs.map((lab) => ({ lab, key: random.bytes(8).toString('hex') }));
    const chosen = new Set(
      [...keyed]
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .slice(0, pool.draw)
        .map(({ lab }) => lab),
    );
    return pool.labs.filter((lab) => chosen.has(lab)).map((lab) => ({ lab, weight: pool.weight }));
  });
  return [...labs.map(({ lab, weight }) => ({ lab, weight })), ...drawn];
}
