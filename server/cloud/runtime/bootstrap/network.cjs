'use strict';
// The server accepts every connection of the namespace itself, so to the kernel a dropped SYN looks like a connection
// that opens and stays silent. Node's own sockets ask the server first and then see what they would see on Lambda: a
// connect that never completes, ECONNREFUSED, EHOSTUNREACH. This is faithfulness, not protection: code that goes round
// it (curl, raw sockets) meets the same decision at the accepting end.
const net = require('node:net');
const dgram = require('node:dgram');
const { isIP } = net;

const connect = net.Socket.prototype.connect;
const { send } = dgram.Socket.prototype;
const waiting = new Map();
let socket;
let serial = 0;

function ask(host, port, answer) {
  if (socket === undefined) {
    socket = dgram.createSocket('udp4');
    socket.on('message', (message) => {
      if (message.length < 9 || message.toString('latin1', 0, 4) !== 'LRA1') return;
      const id = message.readUInt32BE(4);
      const found = waiting.get(id);
      if (found === undefined) return;
      waiting.delete(id);
      if (waiting.size === 0) socket.unref();
      found(String.fromCharCode(message[8]));
    });
    socket.on('error', () => {});
  }
  const id = ++serial >>> 0;
  waiting.set(id, answer);
  socket.ref();
  const question = Buffer.from(`LRQ1....${JSON.stringify({ host, port })}`);
  question.writeUInt32BE(id, 4);
  send.call(socket, question, 53, '127.0.0.1');
}

function isHere(host) {
  if (host === 'localhost' || host === '::1' || host === '0.0.0.0' || host === '::') return true;
  if (isIP(host) !== 4 || !host.startsWith('127.')) return false;
  return Number(host.split('.')[1]) < 128;
}

function fail(socket, code, errno, host, port) {
  const where = isIP(host) ? host : '';
  const error = new Error(`connect ${code} ${where === '' ? '' : `${where}:`}${port}`);
  Object.assign(error, { errno, code, syscall: 'connect', address: where || undefined, port });
  socket.destroy(error);
}

function patchConnect() {
  net.Socket.prototype.connect = function (...args) {
    // net.connect passes its normalised arguments as one array.
    const given = Array.isArray(args[0]) ? args[0][0] : args[0];
    const options =
      typeof given === 'object' && given !== null
        ? given
        : { port: given, host: typeof args[1] === 'string' ? args[1] : undefined };
    const host = String(options.host || 'localhost');
    const port = Number(options.port);
    if (options.path || options.port === undefined || !Number.isInteger(port) || isHere(host)) {
      return connect.apply(this, args);
    }
    const callback = Array.isArray(args[0]) ? args[0][1] : args[args.length - 1];
    if (typeof callback === 'function') this.once('connect', callback);
    const rest = { ...options };
    this.connecting = true;
    ask(host, port, (verdict) => {
      if (this.destroyed) return;
      if (verdict === 'R') return fail(this, 'ECONNREFUSED', -111, host, port);
      if (verdict === 'U') return fail(this, 'EHOSTUNREACH', -113, host, port);
      if (verdict === 'T') {
        // Linux gives up on a SYN after about two minutes.
        const timer = setTimeout(() => fail(this, 'ETIMEDOUT', -110, host, port), 127_000);
        this.once('close', () => clearTimeout(timer));
        return;
      }
      this.connecting = false;
      connect.call(this, rest);
    });
    return this;
  };
}

module.exports = { patchConnect };
