import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { projectRoot } from '../../../paths.ts';
import { FairLimit, waitsOfThread } from '../../runtime/fair-limit.ts';

/** A value of SQLite: integers arrive as bigint. */
export type SqlValue = null | number | bigint | string | Uint8Array;
export type SqlParameters = Record<string, SqlValue | boolean>;

/** A database's content: its name is the SHA-256 of its bytes, '' for an empty one. */
export interface DatabaseContent {
  name: string;
  bytes(): Uint8Array;
}

export interface SqlRequest {
  database: DatabaseContent;
  sql: string;
  /** One execution for each set; all of them succeed, or none does. */
  sets: SqlParameters[];
  readOnly: boolean;
  /** Several statements may follow each other. */
  script?: boolean;
  /** Most bytes of rows. */
  most: number;
}

export interface SqlResult {
  /** The statement's first word, in capitals. */
  keyword: string;
  columns: string[];
  rows: SqlValue[][];
  /** Rows inserted, updated or deleted. */
  changes: number;
  /** `last_insert_rowid()` */
  lastId: number;
}

/** `sql`: SQLite's message. `multi`: more than one statement. `refused`: a keyword that is not allowed. */
export class SqlError extends Error {
  readonly kind: 'sql' | 'multi' | 'size' | 'refused' | 'timeout';

  constructor(kind: SqlError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface SqlAnswer {
  results: SqlResult[];
  /** The database as the statement left it, when it changed it. */
  written?: { name: string; bytes: Uint8Array };
}

interface Job {
  request: SqlRequest;
  resolve(answer: SqlAnswer): void;
  reject(error: Error): void;
}

/** A thread that runs one statement after the other. */
interface Thread {
  worker: Worker;
  ready: boolean;
  /** Its number in Linux. */
  task: number | undefined;
  job: (Job & { id: number; limit: FairLimit | undefined }) | undefined;
  /** Databases that are probably open there. */
  known: Set<string>;
}

interface Reply {
  ready?: true;
  task?: number;
  id?: number;
  need?: true;
  result?: SqlResult[];
  written?: { name: string; bytes: Uint8Array };
  error?: { kind: SqlError['kind']; message: string };
}

/** Milliseconds, without what the thread waited for a processor; AWS's is 45 s. */
const STATEMENT_LIMIT = 2_000;
const MOST_THREADS = 2;

const threads: Thread[] = [];
const waiting: Job[] = [];
let lastId = 0;

/**
 * Runs SQL in a thread that can reach nothing and is ended when it takes too long.
 * @throws SqlError
 */
export function runStatement(request: SqlRequest): Promise<SqlAnswer> {
  return new Promise((resolve, reject) => {
    waiting.push({ request, resolve, reject });
    dispatch();
  });
}

/** Ends the threads; they start again when they are needed. */
export async function closeSqlEngine(): Promise<void> {
  await Promise.all(threads.splice(0).map(({ worker }) => worker.terminate()));
}

function dispatch(): void {
  while (waiting.length > 0) {
    const { name } = waiting[0]!.request.database;
    const idle = threads.filter(({ job }) => !job);
    let thread = idle.find(({ known }) => known.has(name)) ?? idle[0];
    if (!thread && threads.length < MOST_THREADS) threads.push((thread = start()));
    if (!thread) return;
    const job = { ...waiting.shift()!, id: ++lastId, limit: undefined };
    thread.job = job;
    thread.worker.ref();
    if (thread.ready) give(thread, undefined);
  }
}

function start(): Thread {
  const worker = new Worker(join(projectRoot, 'server/cloud/services/rds-data/sqlite-worker.cjs'), {
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  const thread: Thread = { worker, ready: false, task: undefined, job: undefined, known: new Set() };
  worker.unref();
  worker.on('message', (reply: Reply) => receive(thread, reply));
  worker.on('error', (error) => lose(thread, new SqlError('sql', `out of memory (${error.message})`)));
  worker.on('exit', () => lose(thread, new SqlError('sql', 'the database stopped')));
  return thread;
}

/** Hands the job over; its time runs from the moment that the thread has everything. */
function give(thread: Thread, bytes: Uint8Array | undefined): void {
  const job = thread.job!;
  const { database, ...request } = job.request;
  job.limit?.clear();
  const limit = new FairLimit(
    () => waitsOfThread(thread.task),
    STATEMENT_LIMIT,
    // An answer may have come while this process was busy: it is read first.
    () => setImmediate(() => thread.job?.limit === limit && end(thread)),
  );
  job.limit = limit;
  thread.worker.postMessage({ id: job.id, name: database.name, bytes, ...request });
}

function end(thread: Thread): void {
  lose(thread, new SqlError('timeout', 'Query timed out'));
  void thread.worker.terminate();
}

function receive(thread: Thread, reply: Reply): void {
  if (reply.ready) {
    thread.ready = true;
    thread.task = reply.task;
    if (thread.job) give(thread, undefined);
    return;
  }
  const { job } = thread;
  if (!job || reply.id !== job.id) return;
  if (reply.need) {
    try {
      give(thread, job.request.database.bytes());
    } catch (error) {
      finish(thread, () => job.reject(error as Error));
    }
    return;
  }
  finish(thread, () => {
    if (reply.error) job.reject(new SqlError(reply.error.kind, reply.error.message));
    else {
      remember(thread, reply.written?.name ?? job.request.database.name);
      job.resolve({ results: reply.result!, ...(reply.written ? { written: reply.written } : {}) });
    }
  });
}

function remember(thread: Thread, name: string): void {
  thread.known.delete(name);
  thread.known.add(name);
  for (const oldest of thread.known) {
    if (thread.known.size <= 24) break;
    thread.known.delete(oldest);
  }
}

function finish(thread: Thread, settle: () => void): void {
  thread.job?.limit?.clear();
  thread.job = undefined;
  thread.worker.unref();
  settle();
  dispatch();
}

function lose(thread: Thread, error: SqlError): void {
  const at = threads.indexOf(thread);
  if (at >= 0) threads.splice(at, 1);
  const { job } = thread;
  if (!job) return;
  finish(thread, () => job.reject(error));
}
