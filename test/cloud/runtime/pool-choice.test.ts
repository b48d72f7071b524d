import { describe, expect, test } from 'vitest';
import { Pool, USUAL_CLIENTS } from '../../../server/cloud/runtime/pool.ts';

const s3 = '@aws-sdk/client-s3';
const sns = '@aws-sdk/client-sns';

interface Waiting {
  loaded: readonly string[];
  ready: Promise<void>;
  exited: Promise<unknown>;
  end(): void;
}

function waiting(loaded: readonly string[]): Waiting {
  let end = (): void => {};
  const exited = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { loaded, ready: Promise.resolve(), exited, end };
}

const poolOf = (size: number): Pool<Waiting> =>
  new Pool({ size, start: async (clients) => waiting(clients), busy: () => false, warn: () => {} });

async function filled(pool: Pool<Waiting>): Promise<Pool<Waiting>> {
  pool.fill();
  await pool.rested();
  return pool;
}

describe('the choice of a pooled sandbox', () => {
  test('before anybody asks, all have loaded the usual clients', async () => {
    const pool = await filled(poolOf(2));
    expect([pool.take([s3])?.loaded, pool.take([])?.loaded]).toEqual([USUAL_CLIENTS, USUAL_CLIENTS]);
    expect(pool.take([s3])).toBeUndefined();
  });

  test('places are filled with what was asked for lately', async () => {
    const pool = await filled(poolOf(3));
    for (const clients of [[s3], [s3], [sns]]) pool.take(clients);
    await filled(pool);
    expect(pool.take([sns])?.loaded).toEqual([sns]);
    expect(pool.take([s3])?.loaded).toEqual([s3]);
    expect(pool.take([s3])?.loaded).toEqual([s3]);
  });

  test('what lacks least goes first, and of those what would be idle least', () => {
    const pool = poolOf(4);
    for (const loaded of [[], USUAL_CLIENTS, [s3], [sns]]) pool.add(waiting(loaded), loaded);
    expect(pool.take([s3])?.loaded).toEqual([s3]);
    expect(pool.take([s3])?.loaded).toEqual(USUAL_CLIENTS);
    expect(pool.take([])?.loaded).toEqual([]);
    expect(pool.take([s3])?.loaded).toEqual([sns]);
  });

  test('one that ended is not handed out', async () => {
    const pool = poolOf(1);
    const only = waiting([]);
    pool.add(only, []);
    only.end();
    await only.exited;
    expect(pool.take([])).toBeUndefined();
  });
});
