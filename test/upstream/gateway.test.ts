import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRuntime } from '../../server/cloud/runtime/index.ts';
import { Harness } from '../contract/harness.ts';
import { programOf } from './emulators.ts';
import { gatewayOver, type Place } from './gateway.ts';
import { UpstreamHarness } from './harness.ts';
import { LooseEndpoint } from './loose-endpoint.ts';

gatewayOver('the embedded cloud', () => Harness.open());
gatewayOver('an endpoint that lets everybody do everything', looseEndpoint);
for (const name of ['localstack', 'ministack'])
  gatewayOver(name, () => UpstreamHarness.open(name), programOf(name) === undefined);

async function looseEndpoint(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'lambda-range-loose-'));
  const runtime = await createRuntime({ dataDir: folder, poolSize: 0, sandbox: 'auto' });
  const loose = await LooseEndpoint.open(runtime);
  const harness = await UpstreamHarness.over('loose', loose);
  return {
    deploy: (lab, seed) => harness.deploy(lab, seed),
    async close() {
      await harness.close();
      await runtime.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
