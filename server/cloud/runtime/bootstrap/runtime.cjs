'use strict';
// Lambda's side of the Runtime API inside the sandbox: initialise, then ask for the next event, run the handler, answer.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
const { spawn } = require('node:child_process');
const v8 = require('node:v8');
const errors = require('./errors.cjs');
const { applyVariables } = require('./environment.cjs');
const { patchConsole, setRequestId } = require('./console.cjs');
const { setOffset } = require('./clock.cjs');
const { patchConnect } = require('./network.cjs');
const { installGlobals, createResponseStream } = require('./streaming.cjs');
const { loadHandler } = require('./handler.cjs');

const API = '/2018-06-01/runtime';
const MAX_STREAMED_BYTES = 20 * 1024 * 1024;
const stringify = JSON.stringify;
const parse = JSON.parse;
const exit = process.exit.bind(process);
const realNow = Date.now;
const later = setImmediate;

let client;
let jsonLogs = false;
/** The running invocation: `{id, finish}`; absent during init. */
let current;
/** What happens when the event loop runs empty. */
let whenIdle;

function run(connection, start, hasVariables) {
  client = connection;
  // A wrapper may have changed them on the way.
  if (!hasVariables) applyVariables(start.variables);
  v8.setFlagsFromString(`--max-old-space-size=${Math.max(32, Math.floor(start.memoryMB * 0.9))}`);
  setOffset(start.clockOffset, true);
  jsonLogs = start.logFormat === 'JSON';
  patchConsole({ descriptor: 3, json: start.logFormat === 'JSON', level: start.logLevel });
  if (start.network) patchConnect();
  installGlobals();
  process.on('uncaughtException', (error) => {
    logError('Uncaught Exception', error);
    die(error, 129);
  });
  process.on('unhandledRejection', (reason) => {
    const error = new errors.UnhandledPromiseRejection(
      reason instanceof Error ? String(reason) : describeReason(reason),
    );
    error.reason = reason;
    logError('Unhandled Promise Rejection', error);
    die(error, 128);
  });
  process.on('beforeExit', () => {
    const action = whenIdle;
    whenIdle = undefined;
    if (action) action();
  });
  loadHandler(process.env.LAMBDA_TASK_ROOT || '/var/task', process.env._HANDLER || '', start.runtime).then(
    (loaded) => next(loaded),
    (error) => {
      if (start.modern && !hasVariables && needsModernNode(error)) return runInChild(start.modern, start.variables);
      logError('Uncaught Exception', error);
      die(error, 1);
    },
  );
}

/** Node.js 24 finds out what a `.js` file is, and lets `require` load ES modules. */
const needsModernNode = (error) => error instanceof errors.UserCodeSyntaxError || error?.code === 'ERR_REQUIRE_ESM';

function logError(title, error) {
  if (jsonLogs) console.error(error);
  else console.error(title, errors.forLog(error));
}

function describeReason(reason) {
  try {
    return String(reason);
  } catch {
    return 'unknown';
  }
}

/** Reports an error that ends this process: to the running invocation, or as a failed init. */
function die(error, code) {
  const where = current ? `${API}/invocation/${current.id}/error` : `${API}/init/error`;
  post(where, error, { 'Lambda-Range-Fatal': '1' }).then(
    () => exit(code),
    () => exit(code),
  );
}

function post(path, error, headers) {
  const described = errors.describe(error);
  const type = described.errorType.replace(/[^\x20-\x7e]/g, '?');
  return client.request('POST', path, stringify(described), {
    'Content-Type': 'application/json',
    'Lambda-Runtime-Function-Error-Type': type,
    ...headers,
  });
}

async function next(loaded) {
  current = undefined;
  let event;
  try {
    event = await client.request('GET', `${API}/invocation/next`);
  } catch {
    exit(0); // The server is gone.
  }
  if (event.status !== 200) exit(0);
  const { headers } = event;
  setOffset(Number(headers['lambda-range-clock-offset'] || 0), false);
  const id = headers['lambda-runtime-aws-request-id'];
  setRequestId(id);
  if (headers['lambda-runtime-trace-id']) process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
  else delete process.env._X_AMZN_TRACE_ID;
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: headers['lambda-runtime-client-context']
      ? parse(Buffer.from(headers['lambda-runtime-client-context'], 'base64').toString('utf8'))
      : undefined,
    identity: undefined,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: id,
    getRemainingTimeInMillis: () => deadline - realNow(),
  };
  current = { id };
  const answer = (promise) =>
    promise.then(
      () => next(loaded),
      () => exit(0),
    );
  let finished = false;
  const finish = (action) => {
    if (finished) return;
    finished = true;
    whenIdle = undefined;
    // Leaves the handler's stack first, as Lambda does: what it queued with nextTick still belongs to this invocation.
    later(action);
  };
  const succeed = (result) => {
    let text;
    try {
      text = stringify(result === undefined ? null : result);
    } catch {
      return fail(new Error('Unable to stringify response body'));
    }
    finish(() =>
      answer(
        client.request('POST', `${API}/invocation/${id}/response`, text ?? 'null', {
          'Content-Type': 'application/json',
        }),
      ),
    );
  };
  const fail = (error) =>
    finish(() => {
      logError('Invoke Error', error);
      answer(post(`${API}/invocation/${id}/error`, error));
    });
  let input;
  try {
    input = parse(event.body.toString('utf8'));
  } catch (error) {
    return fail(error);
  }
  if (loaded.streaming) return invokeStreaming(loaded, input, context, id, { finish, fail, answer });
  const settle = addCallbacks(context, loaded, { succeed, fail });
  whenIdle = () => {
    if (loaded.handler.constructor.name === 'AsyncFunction') {
      fail(
        new errors.NodeJsExit(
          'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes',
        ),
      );
    } else succeed(null);
  };
  try {
    const result = loaded.callbacks ? loaded.handler(input, context, settle) : loaded.handler(input, context);
    if (result !== null && typeof result === 'object' && typeof result.then === 'function') result.then(succeed, fail);
    else if (!loaded.callbacks) succeed(result);
  } catch (error) {
    fail(error);
  }
}

/** `callback`, `context.done`, `.succeed` and `.fail` of the runtimes before nodejs24.x. */
function addCallbacks(context, loaded, { succeed, fail }) {
  if (!loaded.callbacks) return undefined;
  let called = false;
  const callback = (error, result) => {
    if (called) return;
    called = true;
    if (error !== undefined && error !== null) return fail(error);
    if (!context.callbackWaitsForEmptyEventLoop) return succeed(result);
    whenIdle = () => succeed(result);
  };
  const now = (error, result) => {
    context.callbackWaitsForEmptyEventLoop = false;
    callback(error, result);
  };
  context.done = now;
  context.succeed = (result) => now(null, result);
  context.fail = (error) => now(error === undefined || error === null ? 'handled' : error);
  return callback;
}

function invokeStreaming(loaded, input, context, id, { finish, fail, answer }) {
  const { stream, done } = createResponseStream(MAX_STREAMED_BYTES);
  whenIdle = () => fail(new Error('Streaming handler did not finish the response stream'));
  done.then(({ body, size, contentType }) => {
    if (size > MAX_STREAMED_BYTES) return fail(new errors.ResponseSizeTooLarge(MAX_STREAMED_BYTES));
    finish(() =>
      answer(
        client.request('POST', `${API}/invocation/${id}/response`, body, {
          'Content-Type': contentType,
          'Lambda-Runtime-Function-Response-Mode': 'streaming',
        }),
      ),
    );
  }, fail);
  try {
    const result = loaded.handler(input, stream, context);
    if (result === null || typeof result !== 'object' || typeof result.then !== 'function') {
      return fail(new Error('Streaming does not support non-async handlers.'));
    }
    result.then(() => undefined, fail);
  } catch (error) {
    fail(error);
  }
}

/**
 * The cold path of AWS_LAMBDA_EXEC_WRAPPER and NODE_OPTIONS: they must see the start of a process, so the runtime is
 * started once more, by the wrapper if there is one, with the function's environment from its first instruction.
 */
function runInChild([command, ...args], variables) {
  const child = spawn(command, args, { env: variables, stdio: ['ignore', 'inherit', 'inherit', 3] });
  child.on('error', (error) => {
    process.stderr.write(`Runtime failed to start: ${error.message}\n`);
    exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal) process.kill(process.pid, signal);
    else exit(code ?? 1);
  });
}

module.exports = { run, runInChild };
