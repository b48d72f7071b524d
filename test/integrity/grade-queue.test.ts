import { describe, expect, it } from 'vitest';
import { GradeQueue, type QueuePlace } from '../../server/training/grade-queue.ts';

/** Work that ends when the test says so. */
function gate(): { work: () => Promise<string>; end(): void; begun: boolean } {
  let end: () => void = () => {};
  const done = new Promise<void>((resolve) => (end = resolve));
  const made = {
    begun: false,
    end: () => end(),
    work: async () => {
      made.begun = true;
      await done;
      return 'done';
    },
  };
  return made;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the queue of grades', () => {
  it('runs so many at once, and the others in the order in which they were asked for', async () => {
    const queue = new GradeQueue(2);
    const gates = ['a', 'b', 'c', 'd'].map((owner) => ({ owner, ...{ gate: gate() } }));
    const results = gates.map(({ owner, gate }) => queue.run(owner, gate.work));
    await turn();
    expect(gates.map(({ gate }) => gate.begun)).toEqual([true, true, false, false]);
    expect(queue.load()).toEqual({ running: 2, waiting: 2, atOnce: 2 });
    gates[1]!.gate.end();
    await turn();
    expect(gates.map(({ gate }) => gate.begun)).toEqual([true, true, true, false]);
    for (const { gate } of gates) gate.end();
    expect(await Promise.all(results)).toEqual(['done', 'done', 'done', 'done']);
    expect(queue.load()).toEqual({ running: 0, waiting: 0, atOnce: 2 });
  });

  it('gives an owner one place at a time, and does not let that hold up others', async () => {
    const queue = new GradeQueue(2);
    const [first, second, other] = [gate(), gate(), gate()];
    const results = [queue.run('team', first.work), queue.run('team', second.work), queue.run('other', other.work)];
    await turn();
    expect([first.begun, second.begun, other.begun]).toEqual([true, false, true]);
    first.end();
    await turn();
    expect(second.begun).toBe(true);
    second.end();
    other.end();
    await Promise.all(results);
  });

  it('tells everyone who waits the place, each time that it changes, and nobody who does not', async () => {
    const queue = new GradeQueue(1);
    const told: Record<string, QueuePlace[]> = { a: [], b: [], c: [] };
    const gates = { a: gate(), b: gate(), c: gate() };
    const results = (['a', 'b', 'c'] as const).map((owner) =>
      queue.run(owner, gates[owner].work, (place) => told[owner]!.push(place)),
    );
    gates.a.end();
    await turn();
    expect(told).toEqual({
      a: [],
      b: [
        { place: 1, of: 1 },
        { place: 1, of: 2 },
      ],
      c: [
        { place: 2, of: 2 },
        { place: 1, of: 1 },
      ],
    });
    gates.b.end();
    gates.c.end();
    await Promise.all(results);
  });

  it('goes on after a failure', async () => {
    const queue = new GradeQueue(1);
    const failed = queue.run('a', () => Promise.reject(new Error('no')));
    const next = queue.run('a', async () => 'yes');
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });

  it('refuses who waits when the server stops, and ends what runs', async () => {
    const queue = new GradeQueue(1);
    const running = gate();
    const first = queue.run('a', running.work);
    const waiting = queue.run('b', async () => 'never');
    queue.close();
    await expect(waiting).rejects.toThrow('The server is stopping: this was not begun.');
    await expect(queue.run('c', async () => 'never')).rejects.toMatchObject({ status: 503 });
    running.end();
    expect(await first).toBe('done');
  });
});
