'use strict';
// Run by the build (scripts/build-code-cache.ts): `node make-code-cache.cjs <folder> <packages as JSON>`, in the folder of
// node_modules. The folder appears when it is whole.
const fs = require('node:fs');
const { createRequire } = require('node:module');
const { withCodeCache } = require('./code-cache.cjs');
const { exercise } = require('./preload.cjs');

const [folder, names] = process.argv.slice(2);
const load = createRequire(`${process.cwd()}/`);
const making = `${folder}.${process.pid}`;
const scripts = [];
withCodeCache(
  making,
  async () => {
    for (const name of JSON.parse(names)) await exercise(load(name));
  },
  scripts,
).then(() => {
  fs.mkdirSync(making, { recursive: true });
  // After use: what was compiled for the first call is in it, too.
  for (const [file, script] of scripts) fs.writeFileSync(file, script.createCachedData(), { mode: 0o644 });
  fs.chmodSync(making, 0o755);
  fs.renameSync(making, folder);
});
