'use strict';
// First process of a sandbox. While nothing of the function is here yet, it opens the listening sockets of the empty
// network namespace and hands them to the server over the IPC channel, then closes that channel for good. From then on
// the server itself accepts what the function connects to; no relay runs in here, so nothing in here can block one.
const net = require('node:net');
const dgram = require('node:dgram');

const { listeners, preload, rehearse, secondProcess, apiPort = 9001 } = JSON.parse(process.argv[2] || '{}');
process.argv.splice(2, 1);

if (listeners) openSockets();
else boot();

function openSockets() {
  let open = 0;
  const handOver = (message, handle) => {
    open++;
    process.send(message, handle, (error) => {
      if (error) process.exit(70);
      handle.close();
      if (--open === 0) process.send({ ready: true });
    });
  };
  for (const { host, port } of listeners.tcp) {
    const server = net.createServer();
    open++;
    server.listen({ host, port, backlog: 511 }, () => {
      open--;
      handOver({ tcp: port, host }, server);
    });
  }
  const dns = dgram.createSocket('udp4');
  open++;
  dns.bind(listeners.udp.port, listeners.udp.host, () => {
    open--;
    handOver({ udp: listeners.udp.port }, dns);
  });
  process.once('disconnect', boot);
}

function boot() {
  // Lambda's own runtimes are silent about the SDK's opinion of the Node version.
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    if (String(warning).startsWith('NodeVersionSupportWarning')) return;
    return emitWarning.call(process, warning, ...rest);
  };
  if (preload) require('./preload.cjs').preload(preload, rehearse).then(waitForFunction, waitForFunction);
  else waitForFunction();
}

function waitForFunction() {
  if (!secondProcess) require('./environment.cjs').moveTimeZoneToHeap();
  const { RuntimeClient } = require('./client.cjs');
  const { run, runInChild } = require('./runtime.cjs');
  const client = new RuntimeClient(apiPort, '127.0.0.1');
  client.request('GET', '/range/start').then(
    ({ status, body }) => {
      if (status !== 200) process.exit(71);
      const start = JSON.parse(body.toString('utf8'));
      if (start.command && !secondProcess) runInChild(start.command, start.variables);
      else run(client, start, secondProcess);
    },
    () => process.exit(71),
  );
}
