'use strict';
// V8's code cache for the SDK's files, as Node 22 has it built in (module.enableCompileCache): it saves an eighth
// of what a sandbox with one SDK client costs. The build makes the cache; sandboxes see it read-only. A cache of another
// V8 is refused by V8 itself, and the file is compiled as ever.
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const vm = require('node:vm');

const MARK = `${path.sep}node_modules${path.sep}`;

/** The same for a file wherever `node_modules` lies. */
function cacheFileOf(folder, filename) {
  const at = filename.lastIndexOf(MARK);
  return path.join(folder, filename.slice(at + MARK.length).replaceAll(path.sep, '+'));
}

/**
 * Loads CommonJS packages through the cache in `folder` while `work` runs. With `scripts`, the cache is not read, and
 * each compiled file is put there: `[cache file, vm.Script]`.
 */
async function withCodeCache(folder, work, scripts) {
  const compile = Module.prototype._compile;
  Module.prototype._compile = function (content, filename, ...rest) {
    if (!filename.includes(MARK)) return compile.call(this, content, filename, ...rest);
    const file = cacheFileOf(folder, filename);
    const cachedData = scripts ? undefined : readIfThere(file);
    if (!scripts && !cachedData) return compile.call(this, content, filename, ...rest);
    const script = new vm.Script(Module.wrap(content), {
      filename,
      cachedData,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    scripts?.push([file, script]);
    const { exports } = this;
    return script
      .runInThisContext()
      .call(exports, exports, Module.createRequire(filename), this, filename, path.dirname(filename));
  };
  try {
    return await work();
  } finally {
    Module.prototype._compile = compile;
  }
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}

module.exports = { withCodeCache };
