import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRuntime } from '../../../server/cloud/runtime/index.ts';
import type { FunctionRuntime } from '../../../server/cloud/runtime/types.ts';
import { Backend } from '../../../server/cloud/upstream/backend.ts';
import { probeAccount } from '../../../server/cloud/upstream/probe.ts';
import { LooseEndpoint } from '../../upstream/loose-endpoint.ts';

let folder: string;
let runtime: FunctionRuntime;
let loose: LooseEndpoint;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lambda-range-probe-'));
  runtime = await createRuntime({ dataDir: folder, poolSize: 0, sandbox: 'auto' });
  loose = await LooseEndpoint.open(runtime);
});
afterAll(async () => {
  await loose.close();
  await runtime.close();
  rmSync(folder, { recursive: true, force: true });
});

test('says what an endpoint can do, by calls, and leaves nothing', async () => {
  const report = await new Backend('loose', loose.endpoint).ready();
  expect(Object.entries(report.services).filter(([, { served }]) => !served)).toEqual([]);
  expect(Object.keys(report.services)).toEqual(expect.arrayContaining(['iam', 'lambda', 's3', 'ec2', 'kms']));
  expect(report.functions).toBe('its own');
  const left = loose.holds(probeAccount).filter((held) => !/^(?:cloud|kms|logs)\./.test(held));
  expect(left).toEqual([]);
});

test('an endpoint that does not answer is told with its name and the remedy, and asked again by the next', async () => {
  const backend = new Backend('localstack', loose.endpoint, 2_000);
  loose.mood = 'gone';
  await expect(backend.ready()).rejects.toThrow(/LocalStack cannot be used now:.*LOCALSTACK_AUTH_TOKEN/);
  loose.mood = 'well';
  expect((await backend.ready()).services.iam).toEqual({ served: true });
});
