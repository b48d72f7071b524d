import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { createApp } from './app.ts';
import { Assessments } from './assessment/assessments.ts';
import { type Lab, loadCatalogue, withoutDrafts } from './catalogue/catalogue.ts';
import { clientAddress } from './client-address.ts';
import { createGatewayServer } from './cloud/gateway/server.ts';
import { createRuntime } from './cloud/runtime/index.ts';
import { FileBlobs } from './cloud/state/blobs.ts';
import { Backend } from './cloud/upstream/backend.ts';
import { warmSchemas } from './cloud/wire/schemas.ts';
import { Cohorts } from './cohorts/cohorts.ts';
import type { Config } from './config.ts';
import { executorOf, introduce, unfit } from './endpoint-behind.ts';
import { type Health, healthOf } from './health.ts';
import { Integrity } from './integrity/integrity.ts';
import { isLoopback } from './loopback.ts';
import { People } from './people/people.ts';
import { Help } from './progress/help.ts';
import { Progress } from './progress/progress.ts';
import { openStore } from './store/index.ts';
import { readSealKey } from './training/account-seal.ts';
import { Clouds } from './training/clouds.ts';
import { sweepBlobs } from './training/sweep-blobs.ts';
import { Training } from './training/training.ts';
import { Upstreams } from './training/upstreams.ts';
import { accountIdentity } from './web/account-identity.ts';
import { localIdentity, localLearner } from './web/local-identity.ts';
import { SessionCookie } from './web/session-cookie.ts';

export { localLearner };

export interface Range {
  /** Where it listens: `http://127.0.0.1:8080`. */
  url: string;
  /** As browsers reach it. */
  publicUrl: string;
  /** As AWS clients reach it. */
  awsUrl: string;
  /** Where it listens: the same, unless a proxy stands before it. */
  awsLocalUrl: string;
  training: Training;
  people: People;
  assessments: Assessments;
  cohorts: Cohorts;
  progress: Progress;
  integrity: Integrity;
  token: string;
  upstreams: Upstreams;
  /** Resolves when the pool of sandboxes is full again. */
  rested(): Promise<void>;
  close(): Promise<void>;
}

export interface RangeOptions {
  /** Milliseconds since the epoch; the machine's clock by default. */
  now?(): number;
  /** Grades and attacks that run together; by default what suits the machine. */
  gradesAtOnce?: number;
  /** How long an AWS endpoint behind the gateway may take for an answer, milliseconds. */
  upstreamLimitMs?: number;
}

/** Starts everything that an installation is: store, function runtime, AWS endpoint, pages. @throws Error for a taken port, by name */
export async function startRange(config: Config, options: RangeOptions = {}): Promise<Range> {
  const log = pino({ level: config.logLevel, base: undefined }, pino.destination(2));
  const dataDir = resolve(config.dataDir);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const token = readToken(join(dataDir, 'token'));
  const store = openStore(dataDir);
  const blobs = new FileBlobs(join(dataDir, 'blobs'), { small: store.smallBlobs });
  const [everything, runtime] = await Promise.all([
    loadCatalogue((config.labFolders ?? []).map((folder) => resolve(folder))),
    createRuntime({
      dataDir: join(dataDir, 'runtime'),
      poolSize: config.poolSize,
      sandbox: config.sandbox,
      log: (level, message) => log[level](message),
    }),
    sweepBlobs(store, blobs, Date.now()),
  ]);
  const catalogue = config.drafts ? everything : withoutDrafts(everything);
  for (const { id, problem } of catalogue.broken) log.error({ lab: id }, `a lab is left out: ${problem}`);
  // The AWS endpoint listens first: its port is part of what clouds answer.
  const note = (message: string, details: object): void => log.error(details, message);
  let clouds: Clouds | undefined;
  const backend = config.backend && new Backend(config.backend.name, config.backend.endpoint, options.upstreamLimitMs);
  const upstreams = new Upstreams({ store, backend, now: options.now ?? Date.now, log: note });
  const executor = executorOf(config, backend, (account) => clouds?.byAccount(account), note);
  const gateway = createGatewayServer({
    ...(executor ? { first: executor } : {}),
    directory: {
      byId: (id) => clouds?.byId(id),
      byAccessKey: (id) => clouds?.byAccessKey(id),
      byRecord: (table, id) => clouds?.byRecord(table, id),
      refuses: (id, caller) => clouds?.refuses(id, caller),
    },
    ...(config.trustProxy === undefined ? {} : { clientAddress: clientAddress(config.trustProxy) }),
    log: note,
  });
  const servers: Server[] = [];
  try {
    const capabilities = runtime.capabilities();
    if (!isLoopback(config.host) && !capabilities.containment)
      throw new Error(
        `BIND=${config.host} lets others in, and functions are not contained here: ${capabilities.because ?? 'bubblewrap does not work'}.`,
      );
    await listen(gateway, config.awsPort, config.host, 'AWS_PORT');
    servers.push(gateway);
    const awsLocalUrl = urlOf(gateway);
    const awsUrl = config.awsPublicUrl ?? awsLocalUrl;
    clouds = new Clouds({
      store,
      catalogue,
      blobs,
      runtime,
      endpoint: awsUrl,
      upstreams,
      refuses: (attempt, caller) => training.refuses(attempt, caller.person),
      onRefusedKey: (attempt, key, token) => integrity.signals.onRefusedKey(attempt, key, token),
      log: note,
    });
    const unavailable = (lab: Lab): string | undefined => {
      const because = unfit(backend, config);
      if (because) return because;
      const missing = (lab.definition.needs ?? []).find((need) => !capabilities[need]);
      const what = {
        network: 'functions whose network is contained',
        containment: 'functions that are contained',
        python: 'a python3 (3.9 or later) beside bubblewrap',
        npm: 'the npm of a Node.js installation beside bubblewrap',
      };
      const mayLackAlone = missing === 'python' || missing === 'npm';
      return missing
        ? `This lab needs ${what[missing]}, which this machine cannot give${capabilities.because || !mayLackAlone ? `: ${capabilities.because ?? 'bubblewrap does not work here'}` : ''}.`
        : undefined;
    };
    const cohorts = new Cohorts({ store, ...options });
    const people = new People({
      store,
      drop: async (attempt) => clouds?.drop(attempt),
      left: (person) => cohorts.left(person),
      ...options,
    });
    const progress = new Progress({
      store,
      catalogue,
      deadlineOf: (entry) => assessments.deadlineOf(entry),
      ...options,
    });
    const training = new Training({
      store,
      catalogue,
      clouds,
      upstreams,
      endpoint: awsUrl,
      ...(config.accounts ? { sealKey: readSealKey(join(dataDir, 'account-key')) } : {}),
      unavailable,
      actsFor: (person, owner) => people.actsFor(person, owner),
      rulesOf: (attempt) => assessments.rulesOf(attempt),
      closed: (owner, lab) => assessments.closed(owner, lab),
      onDeed: (attempt, person, deed, at) => progress.recorder.onDeed(attempt, person, deed, at),
      ...options,
    });
    const assessments = new Assessments({ store, training, log: note, ...options });
    const help = new Help({
      store,
      progress,
      training,
      extend: (actor, assessment, entry, ms, reason) =>
        assessments.control.extend(actor, assessment, entry, ms, reason),
      onComment: ({ attempt }) => {
        if (attempt !== null) training.commented(attempt);
      },
    });
    const integrity = new Integrity({ store, catalogue, training, clouds, blobs, log: note, ...options });
    if (!config.accounts) training.enrol(localLearner, 'You');
    training.recover();
    if (backend) void introduce(backend, upstreams, () => catalogue.labs.filter((lab) => !unavailable(lab)), log);
    const pages = createServer();
    await listen(pages, config.port, config.host, 'PORT');
    servers.push(pages);
    const localUrl = urlOf(pages);
    const url = config.publicUrl ?? localUrl;
    const cookie = new SessionCookie(url);
    const identity = config.accounts ? accountIdentity(people, cookie) : localIdentity(token);
    const { trustProxy = false } = config;
    const health = (): Health => healthOf({ runtime, catalogue, backend });
    pages.on(
      'request',
      createApp({
        training,
        people,
        assessments,
        cohorts,
        progress,
        help,
        integrity,
        identity,
        cookie,
        url,
        localUrl,
        awsUrl,
        trustProxy,
        health,
        log,
      }),
    );
    integrity.start();
    // What ended while no server ran is graded now.
    const stopSettling = assessments.settling.start();
    const warming = setTimeout(() => void warmSchemas(), 500);
    warming.unref();
    const sweeping = setInterval(() => {
      clouds?.sweep(Date.now()).catch((error: unknown) => log.error(error, 'blobs were not swept'));
      void upstreams.reconcile();
    }, 300_000);
    sweeping.unref();
    return {
      url: localUrl,
      publicUrl: url,
      awsUrl,
      awsLocalUrl,
      training,
      people,
      assessments,
      cohorts,
      progress,
      integrity,
      token,
      upstreams,
      rested: () => runtime.rested(),
      async close() {
        clearTimeout(warming);
        clearInterval(sweeping);
        stopSettling();
        training.queue.close();
        await integrity.close();
        await Promise.all(servers.map(closeServer));
        await clouds?.close();
        await upstreams.close();
        await runtime.close();
        progress.close();
        store.close();
      },
    };
  } catch (error) {
    await Promise.all(servers.map(closeServer));
    await runtime.close();
    store.close();
    throw error;
  }
}

/** Longer than clients and proxies keep an idle connection: none sends a request into one that is just being closed. */
const keepAliveMs = 75_000;

function listen(server: Server, port: number, host: string, name: string): Promise<void> {
  server.keepAliveTimeout = keepAliveMs;
  return new Promise((done, failed) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      failed(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} is taken by another program. Set ${name} to a free port.`)
          : error,
      );
    });
    server.listen(port, host, () => done());
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}

function urlOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return `http://${address}:${port}`;
}

/** The local user's API token, made once, readable by the owner of the data folder alone. */
function readToken(path: string): string {
  if (!existsSync(path)) writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  chmodSync(path, 0o600);
  return readFileSync(path, 'utf8').trim();
}
