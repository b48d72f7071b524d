'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { createRequire } = require('node:module');
const errors = require('./errors.cjs');

const CALLBACK_REMOVED =
  'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.';

/** Loads `dir/module.export.path` from the task root as Lambda does: `.js`, `.mjs`, `.cjs`, then a package. */
async function loadHandler(root, name, runtime) {
  if (name.includes('..')) {
    throw new errors.MalformedHandlerName(
      `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const base = path.basename(name);
  const dot = base.indexOf('.');
  if (dot < 0) throw new errors.MalformedHandlerName('Bad handler');
  const folder = path.resolve(root, name.slice(0, name.length - base.length));
  const file = base.slice(0, dot);
  const exported = base.slice(dot + 1);
  const module = await loadModule(root, folder, file);
  let handler = find(module, exported);
  if (!handler && module !== null && typeof module === 'object' && 'default' in module) {
    handler = find(module.default, exported);
  }
  if (!handler) throw new errors.HandlerNotFound(`${name} is undefined or not exported`);
  if (typeof handler !== 'function') throw new errors.HandlerNotFound(`${name} is not a function`);
  const streaming = handler[Symbol.for('aws.lambda.runtime.handler.streaming')] === 'response';
  const major = Number(/^nodejs(\d+)/.exec(runtime)?.[1] ?? 22);
  if (major >= 24 && handler.length >= 3 && !streaming) throw new errors.CallbackHandlerDeprecated(CALLBACK_REMOVED);
  return { handler, streaming, callbacks: major < 24 };
}

async function loadModule(root, folder, file) {
  const full = path.resolve(folder, file);
  try {
    if (isFile(full)) return require(full);
    if (isFile(`${full}.js`)) {
      if (isModulePackage(path.dirname(full))) return await import(pathToFileURL(`${full}.js`).href);
      return require(`${full}.js`);
    }
    if (isFile(`${full}.mjs`)) return await import(pathToFileURL(`${full}.mjs`).href);
    if (isFile(`${full}.cjs`)) return require(`${full}.cjs`);
    const local = createRequire(path.join(root, 'index.js'));
    return require(local.resolve(file, { paths: [root, folder] }));
  } catch (error) {
    if (error instanceof SyntaxError) {
      const wrapped = new errors.UserCodeSyntaxError(`SyntaxError: ${error.message}`);
      wrapped.stack = String(error.stack);
      throw wrapped;
    }
    if (error !== null && typeof error === 'object') {
      if (error.code === 'MODULE_NOT_FOUND') {
        const stack = Array.isArray(error.requireStack) && error.requireStack.length > 0 ? error.requireStack : [];
        const lines = stack.filter((line) => !line.startsWith('/var/runtime/'));
        // A missing handler file is required by the runtime itself; Lambda names its own entry point there.
        const shown = lines.length > 0 ? lines : ['/var/runtime/index.mjs'];
        const text = String(error.message).split('\n')[0];
        throw new errors.ImportModuleError(`Error: ${text}\nRequire stack:\n${shown.map((l) => `- ${l}`).join('\n')}`);
      }
      if (error.code === 'ERR_MODULE_NOT_FOUND') throw new errors.ImportModuleError(`Error: ${error.message}`);
    }
    throw error;
  }
}

function find(module, exported) {
  let value = module;
  for (const key of exported.split('.')) {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return undefined;
    value = value[key];
  }
  return value;
}

function isFile(name) {
  try {
    return fs.statSync(name).isFile();
  } catch {
    return false;
  }
}

function isModulePackage(folder) {
  for (let at = folder; ; at = path.dirname(at)) {
    try {
      return JSON.parse(fs.readFileSync(path.join(at, 'package.json'), 'utf8')).type === 'module';
    } catch (error) {
      if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') return false;
    }
    if (at === path.dirname(at) || at === '/var') return false;
  }
}

module.exports = { loadHandler };
