import { defineConfig } from 'vitest/config';

const tests = {
  testTimeout: 60_000,
  hookTimeout: 120_000,
  pool: 'forks' as const,
  env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
};

const clouds = ['gateway', 'network', 'policy', 'services', 'state', 'upstream'].map(
  (folder) => `test/cloud/${folder}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', './scripts/summary-reporter.ts'],
    projects: [
      // Each makes a cloud of its own and leaves nothing in the process: loading the SDK for each file anew took longer
      // than most of the tests.
      { test: { ...tests, name: 'cloud', include: clouds, isolate: false } },
      { test: { ...tests, name: 'range', include: ['test/**/*.test.ts'], exclude: clouds } },
    ],
  },
});
