'use strict';
// A small HTTP/1.1 client for the Runtime API. Lambda's own is native code, so that functions which instrument `http`
// do not see its calls; for the same reason this one stands on a raw socket.
const { Socket } = require('node:net');
const connect = Socket.prototype.connect;

class RuntimeClient {
  constructor(port, host) {
    this.port = port;
    this.host = host;
    this.socket = undefined;
    this.waiting = undefined;
    this.chunks = Buffer.alloc(0);
  }

  /** One request at a time; resolves `{status, headers, body}`. While it waits, the process stays alive. */
  request(method, path, body, headers) {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      const socket = this.open();
      socket.ref();
      const payload = body === undefined ? Buffer.alloc(0) : Buffer.from(body);
      let head = `${method} ${path} HTTP/1.1\r\nHost: ${this.host}:${this.port}\r\nContent-Length: ${payload.length}\r\n`;
      for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
      socket.write(payload.length < 65536 ? Buffer.concat([Buffer.from(`${head}\r\n`), payload]) : `${head}\r\n`);
      if (payload.length >= 65536) socket.write(payload);
    });
  }

  open() {
    if (this.socket && !this.socket.destroyed) return this.socket;
    const socket = new Socket();
    socket.setNoDelay(true);
    connect.call(socket, { port: this.port, host: this.host });
    this.chunks = Buffer.alloc(0);
    socket.on('data', (chunk) => this.receive(chunk));
    const fail = () => {
      this.socket = undefined;
      const waiting = this.waiting;
      this.waiting = undefined;
      if (waiting) waiting.reject(new Error('the Runtime API went away'));
    };
    socket.on('error', fail);
    socket.on('close', fail);
    this.socket = socket;
    return socket;
  }

  receive(chunk) {
    this.chunks = this.chunks.length === 0 ? chunk : Buffer.concat([this.chunks, chunk]);
    if (this.head === undefined) {
      const end = this.chunks.indexOf('\r\n\r\n');
      if (end < 0) return;
      const lines = this.chunks.toString('latin1', 0, end).split('\r\n');
      const headers = {};
      for (const line of lines.slice(1)) {
        const colon = line.indexOf(':');
        headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
      }
      this.head = { status: Number(lines[0].split(' ')[1]), headers, length: Number(headers['content-length'] || 0) };
      this.chunks = this.chunks.subarray(end + 4);
    }
    if (this.chunks.length < this.head.length) return;
    const { status, headers, length } = this.head;
    const body = this.chunks.subarray(0, length);
    this.chunks = this.chunks.subarray(length);
    this.head = undefined;
    const waiting = this.waiting;
    this.waiting = undefined;
    this.socket.unref();
    if (waiting) waiting.resolve({ status, headers, body });
  }
}

module.exports = { RuntimeClient };
