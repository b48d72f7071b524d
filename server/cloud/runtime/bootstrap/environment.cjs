'use strict';
const fs = require('node:fs');

/** Setting TZ makes V8 load its time zones again (6 ms): done ahead, so that the hand-over can leave it alone. */
function moveTimeZoneToHeap() {
  const zone = process.env.TZ;
  if (zone === undefined) return;
  delete process.env.TZ;
  process.env.TZ = zone;
}

/**
 * Gives this process the function's variables. A pooled process started with a padding variable only, so the block that
 * the kernel shows at /proc/self/environ is written over through /proc/self/mem: attacks read it, as they do on Lambda.
 */
function applyVariables(variables) {
  const wanted = Object.entries(variables);
  for (const name of Object.keys(process.env)) {
    if (name !== 'TZ' || variables.TZ !== process.env.TZ) delete process.env[name];
  }
  // setenv copies each value to the heap: nothing points into the kernel's block any more.
  for (const [name, value] of wanted) if (name !== 'TZ' || process.env.TZ !== value) process.env[name] = value;
  try {
    const stat = fs.readFileSync('/proc/self/stat', 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const start = Number(fields[50 - 3]);
    const end = Number(fields[51 - 3]);
    const block = Buffer.alloc(end - start);
    const text = Buffer.from(wanted.map(([name, value]) => `${name}=${value}\0`).join(''));
    text.copy(block, 0, 0, Math.min(text.length, block.length - 1));
    const memory = fs.openSync('/proc/self/mem', 'r+');
    try {
      fs.writeSync(memory, block, 0, block.length, start);
    } finally {
      fs.closeSync(memory);
    }
  } catch {
    // Without /proc the variables are in process.env all the same.
  }
}

module.exports = { applyVariables, moveTimeZoneToHeap };
