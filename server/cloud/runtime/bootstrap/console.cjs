'use strict';
// console.* in Lambda's format, one frame per message on its own descriptor, so that a message with newlines stays one
// log event. Format: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
const { writeSync } = require('node:fs');
const { format } = require('node:util');

let requestId;
const LEVELS = { TRACE: 1, DEBUG: 2, INFO: 3, WARN: 4, ERROR: 5, FATAL: 6 };

function setRequestId(id) {
  requestId = id;
}

function patchConsole({ descriptor, json, level }) {
  const lowest = json ? LEVELS[level] || LEVELS.INFO : 0;
  const log = (name, ...parts) => {
    if (LEVELS[name] < lowest) return;
    const timestamp = new Date().toISOString();
    const line = json ? jsonLine(timestamp, name, parts) : `${timestamp}\t${requestId}\t${name}\t${format(...parts)}`;
    writeFrame(descriptor, line);
  };
  console.log = (...parts) => log('INFO', ...parts);
  console.info = console.log;
  console.debug = (...parts) => log('DEBUG', ...parts);
  console.trace = (...parts) => log('TRACE', ...parts);
  console.warn = (...parts) => log('WARN', ...parts);
  console.error = (...parts) => log('ERROR', ...parts);
  console.fatal = (...parts) => log('FATAL', ...parts);
}

function jsonLine(timestamp, level, parts) {
  const record = { timestamp, level, requestId };
  record.message = parts.length === 1 ? parts[0] : format(...parts);
  for (const part of parts) {
    if (parts.length > 1 && part instanceof Error) {
      record.errorType = part.constructor?.name ?? 'UnknownError';
      record.errorMessage = part.message;
      record.stackTrace = typeof part.stack === 'string' ? part.stack.split('\n') : [];
      break;
    }
  }
  try {
    return JSON.stringify(record, (_key, value) =>
      value instanceof Error
        ? {
            errorType: value.constructor?.name ?? 'UnknownError',
            errorMessage: value.message,
            stackTrace: typeof value.stack === 'string' ? value.stack.split('\n') : value.stack,
            ...value,
          }
        : value,
    );
  } catch {
    return JSON.stringify({ ...record, message: format(record.message) });
  }
}

function writeFrame(descriptor, line) {
  const text = Buffer.from(line, 'utf8');
  const frame = Buffer.alloc(8 + text.length);
  frame.writeUInt32BE(0xa55a0003, 0);
  frame.writeUInt32BE(text.length, 4);
  text.copy(frame, 8);
  let at = 0;
  while (at < frame.length) {
    try {
      at += writeSync(descriptor, frame, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') return;
    }
  }
}

module.exports = { patchConsole, setRequestId };
