'use strict';
const { Writable } = require('node:stream');

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const PRELUDE_TYPE = 'application/vnd.awslambda.http-integration-response';

/** `awslambda.streamifyResponse` and `awslambda.HttpResponseStream`; the response is buffered, not streamed. */
function installGlobals() {
  globalThis.awslambda = {
    streamifyResponse(handler, options) {
      handler[STREAMING] = 'response';
      if (options?.highWaterMark)
        handler[Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark')] = options.highWaterMark;
      return handler;
    },
    HttpResponseStream: {
      from(stream, prelude) {
        stream.setContentType(PRELUDE_TYPE);
        stream.write(JSON.stringify(prelude));
        stream.write(Buffer.alloc(8));
        return stream;
      },
    },
  };
}

/** A stream that keeps what is written, up to `limit` bytes; `done` resolves at end, rejects at destroy. */
function createResponseStream(limit) {
  const chunks = [];
  let size = 0;
  let contentType = 'application/octet-stream';
  const stream = new Writable({
    write(chunk, _encoding, callback) {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      callback();
    },
  });
  stream.setContentType = (type) => {
    contentType = String(type);
  };
  const done = new Promise((resolve, reject) => {
    stream.on('finish', () => resolve({ body: Buffer.concat(chunks), size, contentType }));
    stream.on('error', reject);
    stream.on('close', () => reject(new Error('The response stream was closed before it ended')));
  });
  done.catch(() => {});
  return { stream, done };
}

module.exports = { installGlobals, createResponseStream };
