import { expect, test } from 'vitest';
import { Backend } from '../server/cloud/upstream/backend.ts';
import { readConfig } from '../server/config.ts';
import { unfit } from '../server/endpoint-behind.ts';

function backend(functions: 'ours' | 'its own' | 'nobody'): Backend {
  const made = new Backend('localstack', 'http://127.0.0.1:4510');
  const lambda = functions === 'nobody' ? { served: false, because: 'no Docker' } : { served: true };
  made.report = { name: 'localstack', endpoint: made.endpoint, version: '4.14.0', services: { lambda }, functions };
  return made;
}

test('labs are listed as not available where an endpoint cannot run their functions, or not contain them', () => {
  const alone = readConfig({});
  const shared = readConfig({ ACCOUNTS: 'on' });
  expect(unfit(undefined, shared)).toBeUndefined();
  expect(unfit(new Backend('localstack', 'http://127.0.0.1:4510'), shared)).toBeUndefined();
  expect(unfit(backend('ours'), shared)).toBeUndefined();
  expect(unfit(backend('its own'), alone)).toBeUndefined();
  expect(unfit(backend('its own'), shared)).toMatch(/contains nothing.*executor plugin/);
  expect(unfit(backend('nobody'), alone)).toMatch(/runs no functions \(no Docker\).*executor plugin/);
});
