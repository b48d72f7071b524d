import type { IncomingMessage, ServerResponse } from 'node:http';
import { serveNames } from './dns.ts';
import { Egress, type EgressServer } from './egress.ts';
import { SecretsExtension } from './extension.ts';
import { FairLimit, waitsOf } from './fair-limit.ts';
import type { HostFolders } from './host-folders.ts';
import { LogCollector } from './logs.ts';
import { conclude, type Outcome } from './outcome.ts';
import { extractCode } from './packages.ts';
import { PlatformLog } from './platform-log.ts';
import { MAX_RESPONSE_BYTES, type RuntimeApiHandler, type RuntimeApiServer } from './runtime-api.ts';
import type { Sandbox } from './sandbox.ts';
import type { EnvironmentSpec, HostServices, InvokeOptions, InvokeResult } from './types.ts';
import { functionVariables, modernCommand, startCommand } from './variables.ts';
import { Vitals, type VitalsTools } from './vitals.ts';

const MB = 1024 * 1024;
/** After its answer a runtime asks for the next event at once; one that does not is stuck. */
const SETTLE_LIMIT_MS = 2_000;

export interface EnvironmentTools extends VitalsTools {
  folders: HostFolders;
  egress: EgressServer;
  api: RuntimeApiServer;
  initLimitMs: number;
}

export type EnvironmentState = 'empty' | 'starting' | 'idle' | 'busy' | 'settling' | 'dying' | 'dead';

/** One execution environment: a sandbox that becomes a function and then runs one invocation at a time. */
export class Environment implements RuntimeApiHandler {
  readonly sandbox: Sandbox;
  readonly #tools: EnvironmentTools;
  readonly #egress: Egress;
  readonly #logs: LogCollector;
  readonly #vitals: Vitals;
  state: EnvironmentState = 'empty';
  lastUsed = 0;
  startedAt = 0;
  /** Resolves when the bootstrap waits for its function; rejects when the sandbox dies before. */
  readonly ready: Promise<void>;
  readonly exited: Promise<number>;
  /** Called whenever the environment becomes idle or dies. */
  onSettled: () => void = () => {};
  #waitingForSettled: (() => void)[] = [];

  #spec: EnvironmentSpec | undefined;
  #host: HostServices | undefined;
  #extension: SecretsExtension | undefined;
  #platform: PlatformLog | undefined;
  #startPoll: ServerResponse | undefined;
  #startAnswer: string | undefined;
  #poll: ServerResponse | undefined;
  #requestId: string | undefined;
  #finish: ((outcome: Outcome) => void) | undefined;
  #bootstrapReady: () => void = () => {};
  #settleTimer: NodeJS.Timeout | undefined;
  #killed = false;

  constructor(sandbox: Sandbox, tools: EnvironmentTools) {
    this.sandbox = sandbox;
    this.#tools = tools;
    this.#vitals = new Vitals(sandbox, tools);
    const { stdout, stderr } = sandbox.process;
    this.#logs = new LogCollector(
      { stdout: stdout!, stderr: stderr!, telemetry: sandbox.telemetry },
      () => this.#host?.now() ?? Date.now(),
      (lines) => this.#host?.log(lines, this.#spec!.logStream),
    );
    stderr!.resume();
    this.#egress = new Egress(tools.egress, sandbox.relayed);
    if (sandbox.dns) serveNames(sandbox.dns, this.#egress);
    tools.api.attach(sandbox.runtimeApi, this);
    this.exited = sandbox.exited.then((code) => {
      this.#died(code);
      return code;
    });
    this.ready = new Promise((resolve, reject) => {
      this.#bootstrapReady = resolve;
      this.exited.then((code) => reject(new Error(`the sandbox ended (${code}) before it was used`)));
    });
    this.ready.catch(() => {});
  }

  get key(): string | undefined {
    return this.#spec?.key;
  }

  /** Hands the function over and runs its init phase. Resolves with the time it took, or how it failed. */
  async start(spec: EnvironmentSpec, host: HostServices): Promise<{ initMs: number; failure?: Outcome }> {
    const began = performance.now();
    this.state = 'starting';
    this.#spec = spec;
    this.#host = host;
    this.startedAt = host.now();
    this.#logs.begin();
    const { folders } = this.#tools;
    const [task, ...layers] = await Promise.all([
      extractCode(folders.extracted, spec),
      ...spec.layers.map((layer) => folders.extracted(layer.sha256, layer.zip)),
    ]);
    try {
      await this.sandbox.folders.fill(task!, layers, spec.runtime);
    } catch (error) {
      if (!this.#killed) throw error;
      // Discarded meanwhile, and its folders with it.
      return { initMs: performance.now() - began, failure: { kind: 'exit', code: await this.exited } };
    }
    const credentials = host.credentials();
    const variables = { ...functionVariables(spec, credentials), ...this.sandbox.variables };
    const withExtension =
      spec.secretsExtension ??
      spec.layers.some((layer) => layer.arn.includes('AWS-Parameters-and-Secrets-Lambda-Extension'));
    if (withExtension) {
      this.#extension = new SecretsExtension(host, credentials.sessionToken, variables);
      this.#tools.api.attach(this.sandbox.extension, this, true);
    } else this.sandbox.extension.close();
    // `/tmp` is memory to the kernel but not to Lambda, so the hard bound is above both; the watcher knows the function's.
    this.sandbox.group.setLimits({
      memoryBytes: (spec.memoryMB + this.sandbox.options.tmpMB + 64) * MB,
      processes: 256,
    });
    this.#egress.serve(host);
    this.#platform = new PlatformLog(
      spec,
      () => this.#host!.now(),
      (line) => this.#logs.platform(line),
    );
    this.#platform.initStart();
    const outcome = await this.#run(this.#tools.initLimitMs, () => {
      this.#startAnswer = JSON.stringify({
        variables,
        runtime: spec.runtime,
        memoryMB: spec.memoryMB,
        clockOffset: this.#clockOffset(),
        clockMoves: host.clockMoves ?? false,
        network: this.sandbox.dns !== undefined,
        logFormat: spec.logging?.format ?? 'Text',
        logLevel: spec.logging?.applicationLevel,
        ...(this.sandbox.variables === undefined
          ? {
              command: startCommand(this.sandbox.options.interpreter, spec.runtime, variables),
              modern: modernCommand(spec.runtime),
            }
          : {}),
      });
      if (this.#startPoll) this.onStart(this.#startPoll);
    });
    const initMs = performance.now() - began;
    if (outcome === undefined) {
      this.state = 'busy'; // spoken for by the invocation that it was started for
      return { initMs };
    }
    this.kill();
    return { initMs, failure: outcome };
  }

  /** The cloud's side for the next invocation: usually the same object as at the start. */
  serve(host: HostServices): void {
    this.#host = host;
    this.#egress.serve(host);
    this.#extension?.serveFrom(host);
  }

  /** Runs one invocation; `init` is set when this environment was started for it. */
  async invoke(
    event: Uint8Array,
    options: InvokeOptions,
    init?: { initMs: number; failure?: Outcome },
  ): Promise<InvokeResult> {
    const spec = this.#spec!;
    const { requestId } = options;
    const timeoutMs = Math.max(1, Math.min(spec.timeoutMs, options.deadlineMs ?? spec.timeoutMs));
    if (init === undefined) {
      this.#logs.begin();
      this.#egress.begin();
    }
    this.#platform!.start(requestId);
    const began = performance.now();
    const outcome = init?.failure ??
      (await this.#run(timeoutMs, () => {
        this.state = 'busy';
        this.#requestId = requestId;
        this.#deliver(event, options, Date.now() + timeoutMs);
      })) ?? { kind: 'exit', code: 0 };
    // Time in the queue for a processor was given back, and is not the function's.
    const durationMs = init?.failure === undefined ? Math.min(performance.now() - began, timeoutMs) : init.initMs;
    this.#requestId = undefined;
    await this.#logs.drain();
    const result = conclude(outcome, {
      requestId,
      timeoutMs,
      now: this.#host!.now(),
      outOfMemory: this.#vitals.outOfMemory,
      lastWords: this.#logs.lastWords,
      streaming: options.streaming ?? false,
    });
    const billedMs = Math.ceil(durationMs + (init !== undefined && init.failure === undefined ? init.initMs : 0));
    this.#vitals.sample();
    const maxMemoryMB = Math.max(1, Math.min(spec.memoryMB, Math.ceil(this.#vitals.maxBytes / MB)));
    const initMs = init?.initMs;
    const { status, errorType } = result;
    this.#platform!.end(
      { requestId, durationMs, billedMs, memoryMB: spec.memoryMB, maxMemoryMB, initMs, status, errorType },
      result.line,
      options.traceId,
    );
    this.#logs.flush();
    this.lastUsed = performance.now();
    const { contentType } = result;
    return {
      status,
      payload: result.payload,
      ...(status === 'ok' ? {} : { functionError: 'Unhandled' as const }),
      logTail: this.#logs.tail(),
      durationMs,
      billedMs,
      ...(initMs === undefined ? {} : { initMs }),
      maxMemoryMB,
      cold: init !== undefined,
      network: this.#egress.takeEvents(),
      ...(contentType === undefined ? {} : { contentType }),
    };
  }

  /** Kills the sandbox; a running invocation ends as `exited`. */
  kill(): void {
    if (this.state === 'dead') return;
    this.#killed = true;
    if (this.state === 'idle') this.state = 'dying';
    this.#vitals.end();
    this.sandbox.kill();
  }

  // --- Runtime API ---

  onStart(response: ServerResponse): void {
    this.#startPoll = response;
    if (this.#startAnswer !== undefined) {
      // Asked again by the process that an exec wrapper starts.
      this.#startPoll = undefined;
      response.writeHead(200, { 'content-length': Buffer.byteLength(this.#startAnswer) });
      response.end(this.#startAnswer);
    }
    this.#bootstrapReady();
  }

  onNext(response: ServerResponse): void {
    if (this.#poll !== undefined && !this.#poll.destroyed) this.#poll.destroy(); // two pollers: the later one counts
    this.#poll = response;
    response.on('close', () => {
      if (this.#poll === response) this.#poll = undefined;
    });
    if (this.state === 'starting') this.#finish?.({ kind: 'response', body: Buffer.alloc(0) });
    else if (this.state === 'settling') this.#settled();
  }

  onResponse(id: string, body: Buffer | undefined, contentType: string | undefined): boolean {
    if (id !== this.#requestId || this.#finish === undefined) return false;
    this.#end(body === undefined ? { kind: 'too-large' } : { kind: 'response', body, contentType });
    return true;
  }

  onError(id: string, body: Buffer, fatal: boolean): boolean {
    if (id !== this.#requestId || this.#finish === undefined) return false;
    this.#end({ kind: 'error', body: body.subarray(0, MAX_RESPONSE_BYTES), fatal });
    return true;
  }

  onInitError(body: Buffer): void {
    if (this.state === 'starting') this.#end({ kind: 'init-error', body: body.subarray(0, 256 * 1024) });
  }

  onExtension(request: IncomingMessage, response: ServerResponse): void {
    this.#extension?.serve(request, response, this.state === 'busy').catch(() => response.destroy());
  }

  // --- one phase ---

  /** Runs init or an invocation to its end, time limit and memory watcher included. Undefined: init succeeded. */
  #run(limitMs: number, begin: () => void): Promise<Outcome | undefined> {
    const starting = this.state === 'starting';
    return new Promise<Outcome>((resolve) => {
      if (this.state === 'dead') return resolve({ kind: 'exit', code: 137 });
      const limit = new FairLimit(
        () => waitsOf(this.sandbox.process.pid ?? 0),
        limitMs,
        () => {
          this.#end({ kind: 'timeout' });
          this.kill();
        },
      );
      this.#vitals.watch(this.#spec!.memoryMB * MB, () => {
        this.#end({ kind: 'out-of-memory' });
        this.kill();
      });
      this.#finish = (outcome) => {
        this.#finish = undefined;
        limit.clear();
        this.#vitals.unwatch();
        resolve(outcome);
      };
      this.#vitals.thaw();
      begin();
    }).then((outcome) => (starting && outcome.kind === 'response' ? undefined : outcome));
  }

  #end(outcome: Outcome): void {
    const finish = this.#finish;
    if (finish === undefined) return;
    if (this.state === 'busy') {
      this.state = 'settling';
      this.#settleTimer = setTimeout(() => this.kill(), SETTLE_LIMIT_MS);
      this.#settleTimer.unref();
    }
    finish(outcome);
  }

  /** Resolves when a finished invocation's environment is idle again, or dead. */
  settled(): Promise<void> {
    return this.state === 'settling'
      ? new Promise((resolve) => this.#waitingForSettled.push(resolve))
      : Promise.resolve();
  }

  #announce(): void {
    for (const resolve of this.#waitingForSettled.splice(0)) resolve();
    this.onSettled();
  }

  #settled(): void {
    clearTimeout(this.#settleTimer);
    if (this.#killed) return; // and nothing may freeze any more
    this.state = 'idle';
    this.#vitals.freeze();
    this.#announce();
  }

  #deliver(event: Uint8Array, options: InvokeOptions, deadline: number): void {
    const response = this.#poll;
    this.#poll = undefined;
    if (response === undefined || response.destroyed) {
      this.#end({ kind: 'exit', code: 1 });
      this.kill();
      return;
    }
    const headers: Record<string, string | number> = {
      'content-type': 'application/json',
      'content-length': event.byteLength,
      'lambda-runtime-aws-request-id': options.requestId,
      'lambda-runtime-deadline-ms': Math.round(deadline),
      'lambda-runtime-invoked-function-arn': options.invokedArn,
      'lambda-range-clock-offset': this.#clockOffset(),
    };
    if (options.traceId) headers['lambda-runtime-trace-id'] = options.traceId;
    if (options.clientContext) {
      headers['lambda-runtime-client-context'] = Buffer.from(options.clientContext).toString('base64');
    }
    response.writeHead(200, headers);
    response.end(event);
  }

  /** The cloud's clock minus this machine's; live accounts run on real time and must not be patched for rounding. */
  #clockOffset(): number {
    const offset = Math.round((this.#host?.now() ?? Date.now()) - Date.now());
    return Math.abs(offset) < 50 ? 0 : offset;
  }

  #died(code: number): void {
    this.#vitals.end();
    this.state = 'dead';
    clearTimeout(this.#settleTimer);
    this.#finish?.({ kind: 'exit', code });
    this.#egress.close();
    for (const server of [this.sandbox.runtimeApi, this.sandbox.extension, ...this.sandbox.relayed]) {
      if (server.listening) server.close();
    }
    try {
      this.sandbox.dns?.close();
    } catch {
      // Closed with its namespace.
    }
    this.#announce();
  }
}
