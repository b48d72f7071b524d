import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Cloud } from '../cloud.ts';
import { AwsError, NotEmulated } from '../errors.ts';
import { uuid } from '../random.ts';
import { environmentSpec } from '../services/lambda/environment.ts';
import { execute } from '../services/lambda/execute.ts';
import { findVersion } from '../services/lambda/find.ts';
import { readClientContext, readPayload, syncLimit } from '../services/lambda/invoke.ts';
import { arnOf, functionTarget, type Target } from '../services/lambda/names.ts';
import { hopsOf } from './hops.ts';

/**
 * The platform's half of the executor protocol (`localstack/README.md`): an upstream emulator decides that a function
 * version runs, and this runs it in the mirror's sandbox, with the mirror's role, network and code.
 */
export interface ExecutorOptions {
  /** What the plugin in the emulator authenticates with. Its length is not secret. */
  token: string;
  /** The mirror that holds an account; it should be as new as the account's functions are. */
  cloudOf(account: string): Promise<Cloud | undefined> | Cloud | undefined;
  /** Hears of faults of ours. */
  log?(message: string, details: object): void;
}

/** The largest event as base64, and the other members. */
const bodyLimit = Math.ceil(syncLimit / 3) * 4 + 64 * 1024;
/** Of the text that goes back for the emulator's own log group. */
const logLimit = 1024 * 1024;

const prefix = '/_range/executor/';

/** What is not AWS's answer to an invocation; the emulator reports it as an error of the function. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Members = Readonly<Record<string, unknown>>;

/** Answers the plugin's requests. False, and nothing done, for requests that are for somebody else. */
export function executorHandler(
  options: ExecutorOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  return async (request, response) => {
    const path = request.url ?? '';
    if (!path.startsWith(prefix)) return false;
    let status = 200;
    let answer: object;
    try {
      answer = await respond(options, request, path.slice(prefix.length));
    } catch (error) {
      ({ status, answer } = failure(options, error));
      // The rest of a body that was not read would be taken for the next request.
      if (!request.complete) response.shouldKeepAlive = false;
    }
    const bytes = Buffer.from(JSON.stringify(answer));
    if (response.destroyed) return true;
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length });
    response.end(bytes);
    return true;
  };
}

async function respond(options: ExecutorOptions, request: IncomingMessage, action: string): Promise<object> {
  if (!tokenMatches(request.headers.authorization, options.token))
    throw new Refusal(401, 'The executor token is missing or wrong.');
  if (action !== 'invoke' && action !== 'discard') throw new Refusal(404, 'There is no such path.');
  if (request.method !== 'POST') throw new Refusal(405, 'Only POST is answered here.');
  const members = await readMembers(request);
  const target = targetOf(members);
  const cloud = await cloudOf(options, target.account);
  return action === 'invoke' ? invoke(cloud, target, members) : discard(cloud, target);
}

function tokenMatches(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header?.startsWith('Bearer ') ? header.slice(7) : '');
  const wanted = Buffer.from(token);
  return given.length > 0 && given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function readMembers(request: IncomingMessage): Promise<Members> {
  const tooLarge = () => new Refusal(413, `The request is larger than ${bodyLimit} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > bodyLimit) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += (chunk as Buffer).length;
      if (size > bodyLimit) throw tooLarge();
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal(400, 'The request ended before its body did.');
  }
  let members: unknown;
  try {
    members = JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new Refusal(400, 'The request is not JSON.');
  }
  if (typeof members !== 'object' || members === null) throw new Refusal(400, 'The request is not a JSON object.');
  return members as Members;
}

function text(members: Members, name: string, form: RegExp): string {
  const value = members[name];
  if (typeof value !== 'string' || !form.test(value)) throw new Refusal(400, `The member ${name} is missing or wrong.`);
  return value;
}

function targetOf(members: Members): Target {
  const scope = {
    account: text(members, 'account', /^\d{12}$/),
    region: text(members, 'region', /^[a-z0-9-]{1,32}$/),
  };
  const name = text(members, 'functionName', /^[a-zA-Z0-9_-]{1,64}$/);
  return functionTarget(scope, name, text(members, 'version', /^(?:\$LATEST|\d{1,20})$/));
}

async function cloudOf(options: ExecutorOptions, account: string): Promise<Cloud> {
  let cloud: Cloud | undefined;
  try {
    cloud = await options.cloudOf(account);
  } catch (error) {
    options.log?.('the mirror of an account could not be had', { account, error: String(error) });
    throw new Refusal(503, `The state of account ${account} could not be read.`);
  }
  if (!cloud) throw new Refusal(404, `There is no account ${account}.`);
  return cloud;
}

/** Runs a version once. Who may invoke it was asked before; how it fails and is tried again is the emulator's matter. */
async function invoke(cloud: Cloud, target: Target, members: Members): Promise<object> {
  const version = findVersion(cloud.state, target, target.qualifier!);
  if (!version) throw new Refusal(404, `Function not found: ${target.arn}`);
  const payload = text(members, 'payload', /^[a-zA-Z0-9+/]*={0,2}$/);
  const optional = (name: string) => (members[name] == null ? undefined : text(members, name, /^[\x20-\x7e]*$/));
  const event = readPayload(Buffer.from(payload, 'base64'), syncLimit);
  const traceId = optional('traceId');
  let logs = '';
  const result = await execute(cloud, target, version, {
    requestId: optional('requestId') || uuid(cloud.random),
    event,
    invokedArn: optional('invokedArn') || arnOf(target, target.name),
    clientContext: readClientContext(optional('clientContext')),
    traceId,
    hops: hopsOf(cloud, traceId, event),
    logged: (lines) => {
      for (const { message } of lines)
        if (logs.length < logLimit) logs += message.endsWith('\n') ? message : `${message}\n`;
    },
  });
  return {
    payload: result.payload.toString('base64'),
    functionError: result.functionError ?? null,
    logs: Buffer.from(logs).toString('base64'),
  };
}

/** Ends environments of a version that is not any more. What the mirror has now under that name runs on. */
async function discard(cloud: Cloud, target: Target): Promise<object> {
  const version = findVersion(cloud.state, target, target.qualifier!);
  const now = version && environmentSpec(cloud, target, version).key;
  await cloud.runtime?.discard(`${cloud.id}/${target.functionArn}:${target.qualifier}:`, now);
  return {};
}

/** `code` is there where Lambda itself would answer an error; without it the message is all that there is to say. */
function failure(options: ExecutorOptions, error: unknown): { status: number; answer: object } {
  if (error instanceof Refusal) return { status: error.status, answer: { message: error.message } };
  if (error instanceof NotEmulated) return { status: 501, answer: { message: error.message } };
  if (error instanceof AwsError) return { status: error.status, answer: { code: error.code, message: error.message } };
  options.log?.('a function could not be run by a fault of ours', {
    error: error instanceof Error ? error.stack : String(error),
  });
  return { status: 500, answer: { message: 'The function could not be run by a fault of Lambda Range.' } };
}
