import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeCacheFolder, codeCacheKey, codeCacheKeyFile } from '../server/cloud/runtime/code-cache.ts';
import { sdkPackages } from '../server/cloud/runtime/host-folders.ts';
import { projectRoot } from '../server/paths.ts';

const packages = sdkPackages(join(projectRoot, 'node_modules'));
const clients = [...packages.keys()].filter((name) => name.startsWith('@aws-sdk/client-'));
rmSync(codeCacheFolder, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [join(projectRoot, 'server/cloud/runtime/bootstrap/make-code-cache.cjs'), codeCacheFolder, JSON.stringify(clients)],
  {
    cwd: projectRoot,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  },
);
const key = codeCacheKey();
if (key !== undefined) writeFileSync(join(codeCacheFolder, codeCacheKeyFile), key);
