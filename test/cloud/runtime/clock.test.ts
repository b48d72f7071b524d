import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FunctionRuntime } from '../../../server/cloud/runtime/index.ts';
import { call, fn, host, sandboxed, startRuntime } from './kit.ts';

const HOUR = 3_600_000;
const READ = `({ date: Date.now(), fresh: new Date().getTime(), text: Date().slice(11, 15), iso: new Date(0).toISOString(), origin: performance.timeOrigin,
  now: performance.now(), hrtime: Number(process.hrtime.bigint() / 1000000n), pair: process.hrtime()[0], date2: new Date(2020, 1, 1).getFullYear(),
  is: new Date() instanceof Date, format: new Intl.DateTimeFormat('en', { year: 'numeric', timeZone: 'UTC' }).format(), name: Date.name, length: Date.length })`;

describe.skipIf(!sandboxed)('the clock (needs bubblewrap)', () => {
  let runtime: FunctionRuntime;
  let dispose: () => Promise<void>;
  beforeAll(async () => {
    ({ runtime, dispose } = await startRuntime());
  });
  afterAll(() => dispose());

  const at = (offset: number) => ({ ...host(), now: () => Date.now() + offset });

  test('is not touched in a live account', async () => {
    const spec = fn(
      `export const handler = async () => [Date, Date.now].every((f) => String(f).includes('native code')) && !Object.hasOwn(performance, 'now')`,
    );
    const read = async (offset: number) =>
      (await call(runtime, { ...spec, key: `${spec.key}${offset}` }, at(offset))).json;
    expect([await read(0), await read(HOUR)]).toEqual([true, false]);
  });

  test('a moved clock is moved everywhere, init phase included', async () => {
    const year = Date.UTC(2040, 5, 1) - Date.now();
    const spec = fn(
      `const atInit = new Date().getFullYear(); export const handler = async () => ({ atInit, ...${READ} })`,
    );
    const { json } = await call(runtime, spec, at(year));
    expect(json).toMatchObject({ atInit: 2040, text: '2040', iso: '1970-01-01T00:00:00.000Z', date2: 2020 });
    expect(json).toMatchObject({ is: true, format: '2040', name: 'Date', length: 7 });
    for (const seen of [json.date, json.fresh, json.origin + json.now]) {
      expect(Math.abs(seen - (Date.now() + year))).toBeLessThan(60_000);
    }
  });

  test('moves between invocations of one warm environment, monotonic clocks with it', async () => {
    let offset = 0;
    const services = { ...host(), now: () => Date.now() + offset };
    const spec = fn(`export const handler = async () => (${READ})`);
    const first = (await call(runtime, spec, services)).json;
    offset = HOUR;
    const second = await call(runtime, spec, services);
    expect(second.cold).toBe(false);
    for (const key of ['date', 'fresh', 'now', 'hrtime']) {
      const moved = second.json[key] - first[key];
      expect(moved).toBeGreaterThanOrEqual(HOUR - 1_000);
      expect(moved).toBeLessThan(HOUR + 60_000);
    }
    expect(second.json.pair - first.pair).toBeGreaterThanOrEqual(3_599);
    expect(Math.abs(second.json.origin - first.origin)).toBeLessThan(1_000);
  });

  test('the remaining time is real time', async () => {
    const spec = fn('export const handler = async (e, c) => c.getRemainingTimeInMillis()', { timeoutMs: 5_000 });
    const { json } = await call(runtime, spec, at(24 * HOUR));
    expect(json).toBeGreaterThan(0);
    expect(json).toBeLessThanOrEqual(5_000);
  });

  test('log lines carry it, and the environment is replaced when its credentials are too old', async () => {
    let offset = HOUR;
    const services = host();
    services.now = () => Date.now() + offset;
    const spec = fn('export const handler = async () => console.log("x")');
    await call(runtime, spec, services);
    expect(services.lines.every((line) => line.timestamp > Date.now() + HOUR - 60_000)).toBe(true);
    offset = 10 * HOUR;
    expect((await call(runtime, spec, services)).cold).toBe(false);
    offset = 13 * HOUR;
    expect((await call(runtime, spec, services)).cold).toBe(true);
  });
});
