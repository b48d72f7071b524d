import type { IncomingMessage, ServerResponse } from 'node:http';
import { serveNames } from './dns.ts';
import { Egress, type EgressServer } from './egress.ts';
import { SecretsExtension } from './extension.ts';
import type { HostFolders } from './host-folders.ts';
import { LogCollector } from './logs.ts';
import { signalTree, treeMemory } from './process-tree.ts';
import { MAX_RESPONSE_BYTES, type RuntimeApiHandler, type RuntimeApiServer } from './runtime-api.ts';
import type { Sandbox } from './sandbox.ts';
import type { EnvironmentSpec, HostServices, InvokeOptions, InvokeResult, InvokeStatus } from './types.ts';
import { functionVariables, startCommand } from './variables.ts';
import { errorJson, exitReason, initStartLine, reportLine, startLine, timeoutLine } from './wording.ts';

const MB = 1024 * 1024;
const MEMORY_CHECK_MS = 50;
/** After its answer a runtime asks for the next event at once; one that does not is stuck. */
const SETTLE_LIMIT_MS = 2_000;

export interface EnvironmentTools {
  folders: HostFolders;
  egress: EgressServer;
  api: RuntimeApiServer;
  initLimitMs: number;
  freezer: boolean;
  memoryGroups: boolean;
}

/** How one invocation (or the init before it) ended. */
type Outcome =
  | { kind: 'response'; body: Buffer; contentType?: string }
  | { kind: 'error'; body: Buffer; fatal: boolean }
  | { kind: 'too-large' }
  | { kind: 'init-error'; body: Buffer }
  | { kind: 'exit'; code: number }
  | { kind: 'out-of-memory' }
  | { kind: 'timeout' };

export type EnvironmentState = 'empty' | 'starting' | 'idle' | 'busy' | 'settling' | 'dying' | 'dead';

/** One execution environment: a sandbox that becomes a function and then runs one invocation at a time. */
export class Environment implements RuntimeApiHandler {
  readonly sandbox: Sandbox;
  readonly #tools: EnvironmentTools;
  readonly #egress: Egress;
  readonly #logs: LogCollector;
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
  #startPoll: ServerResponse | undefined;
  #startAnswer: string | undefined;
  #poll: ServerResponse | undefined;
  #requestId: string | undefined;
  #finish: ((outcome: Outcome) => void) | undefined;
  #bootstrapReady: () => void = () => {};
  #settleTimer: NodeJS.Timeout | undefined;
  #watcher: NodeJS.Timeout | undefined;
  #maxMemory = 0;
  #outOfMemory = false;
  #thawed = true;
  /** From the kill on, nothing may freeze: a frozen process does not die. */
  #killed = false;

  constructor(sandbox: Sandbox, tools: EnvironmentTools) {
    this.sandbox = sandbox;
    this.#tools = tools;
    const { stdout, stderr } = sandbox.process;
    this.#logs = new LogCollector(
      { stdout: stdout!, stderr: stderr!, telemetry: sandbox.telemetry },
      () => this.#host?.now() ?? Date.now(),
      (lines) => this.#host?.log(lines),
    );
    stderr!.resume();
    this.#egress = new Egress(tools.egress, sandbox.relayed);
    serveNames(sandbox.dns, this.#egress);
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
    const code = spec.code;
    const [task, ...layers] = await Promise.all([
      folders.extracted(spec.codeSha256, typeof code === 'function' ? code : () => code),
      ...spec.layers.map((layer) => folders.extracted(layer.sha256, layer.zip)),
    ]);
    await this.sandbox.folders.fill(task!, layers);
    const credentials = host.credentials();
    const variables = functionVariables(spec, credentials);
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
    this.#logs.platform(initStartLine(spec.runtime, spec.region));
    const outcome = await this.#run(this.#tools.initLimitMs, () => {
      this.#startAnswer = JSON.stringify({
        variables,
        runtime: spec.runtime,
        memoryMB: spec.memoryMB,
        clockOffset: this.#clockOffset(),
        network: true,
        logFormat: 'Text',
        command: startCommand(variables),
      });
      if (this.#startPoll) this.onStart(this.#startPoll);
    });
    const initMs = performance.now() - began;
    if (outcome === undefined) {
      this.state = 'idle';
      return { initMs };
    }
    this.kill();
    return { initMs, failure: outcome };
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
    if (init === undefined) this.#logs.begin();
    this.#logs.platform(startLine(requestId, spec.version));
    const began = performance.now();
    const outcome = init?.failure ??
      (await this.#run(timeoutMs, () => {
        this.state = 'busy';
        this.#requestId = requestId;
        this.#deliver(event, options, Date.now() + timeoutMs);
      })) ?? { kind: 'exit', code: 0 };
    const durationMs = init?.failure === undefined ? performance.now() - began : init.initMs;
    this.#requestId = undefined;
    await this.#logs.drain();
    const result = this.#conclude(outcome, requestId, timeoutMs);
    const billedMs = Math.ceil(durationMs + (init !== undefined && init.failure === undefined ? init.initMs : 0));
    this.#sampleMemory();
    const maxMemoryMB = Math.max(1, Math.min(spec.memoryMB, Math.ceil(this.#maxMemory / MB)));
    const initMs = init?.initMs;
    const { status, errorType } = result;
    this.#logs.platform(`END RequestId: ${requestId}`);
    this.#logs.platform(
      reportLine({ requestId, durationMs, billedMs, memoryMB: spec.memoryMB, maxMemoryMB, initMs, status, errorType }),
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
    this.#resume();
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
      const timer = setTimeout(() => {
        this.#end({ kind: 'timeout' });
        this.kill();
      }, limitMs);
      this.#watch(true);
      this.#finish = (outcome) => {
        this.#finish = undefined;
        clearTimeout(timer);
        this.#watch(false);
        resolve(outcome);
      };
      this.#resume();
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
    if (this.#killed) return;
    this.state = 'idle';
    this.#suspend();
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

  #conclude(
    outcome: Outcome,
    requestId: string,
    timeoutMs: number,
  ): { status: InvokeStatus; payload: Buffer; errorType?: string; contentType?: string } {
    switch (outcome.kind) {
      case 'response':
        return { status: 'ok', payload: outcome.body, contentType: outcome.contentType };
      case 'error':
        return {
          status: outcome.fatal ? 'unhandled-error' : 'handled-error',
          payload: outcome.body,
          errorType: errorTypeOf(outcome.body),
        };
      case 'init-error':
        return { status: 'init-error', payload: outcome.body, errorType: errorTypeOf(outcome.body) };
      case 'too-large': {
        const message = `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`;
        const errorType = 'Function.ResponseSizeTooLarge';
        return { status: 'unhandled-error', payload: errorJson(errorType, message), errorType };
      }
      case 'timeout': {
        const line = timeoutLine(requestId, this.#host!.now(), timeoutMs);
        this.#logs.platform(`${line}\n`);
        return {
          status: 'timeout',
          payload: errorJson('Sandbox.Timedout', line.trim()),
          errorType: 'Sandbox.Timedout',
        };
      }
      case 'out-of-memory':
        return this.#exitOutcome('out-of-memory', 'Runtime.OutOfMemory', exitReason(137), requestId);
      case 'exit': {
        const heap = this.#logs.lastWords.includes('JavaScript heap out of memory');
        if (this.#outOfMemory || heap) {
          return this.#exitOutcome(
            'out-of-memory',
            'Runtime.OutOfMemory',
            exitReason(heap ? outcome.code : 137),
            requestId,
          );
        }
        return this.#exitOutcome('exited', 'Runtime.ExitError', exitReason(outcome.code), requestId);
      }
    }
  }

  #exitOutcome(status: InvokeStatus, errorType: string, reason: string, requestId: string) {
    const message = `RequestId: ${requestId} Error: ${reason}`;
    this.#logs.platform(`${message}\n${errorType}`);
    return { status, payload: errorJson(errorType, message), errorType };
  }

  // --- memory, freezing, death ---

  #watch(on: boolean): void {
    clearInterval(this.#watcher);
    if (!on) return;
    this.#watcher = setInterval(() => {
      this.#sampleMemory();
      if (this.#maxMemory > this.#spec!.memoryMB * MB && !this.#outOfMemory) {
        this.#outOfMemory = true;
        this.#end({ kind: 'out-of-memory' });
        this.kill();
      }
    }, MEMORY_CHECK_MS);
    this.#watcher.unref();
  }

  #sampleMemory(): void {
    if (this.state === 'dead') return;
    const { group, process: child } = this.sandbox;
    const bytes = this.#tools.memoryGroups ? group.anonymousBytes() : treeMemory(child.pid ?? 0);
    if (bytes !== undefined && bytes > this.#maxMemory) this.#maxMemory = bytes;
  }

  #suspend(): void {
    if (!this.#thawed) return;
    this.#thawed = false;
    if (this.#tools.freezer) this.sandbox.group.freeze();
    else signalTree(this.sandbox.process.pid ?? 0, 'SIGSTOP');
  }

  #resume(): void {
    if (this.#thawed) return;
    this.#thawed = true;
    if (this.#tools.freezer) this.sandbox.group.thaw();
    else signalTree(this.sandbox.process.pid ?? 0, 'SIGCONT');
  }

  #died(code: number): void {
    if (this.sandbox.group.outOfMemoryKills() > 0) this.#outOfMemory = true;
    this.state = 'dead';
    clearTimeout(this.#settleTimer);
    this.#finish?.({ kind: 'exit', code });
    this.#egress.close();
    for (const server of [this.sandbox.runtimeApi, this.sandbox.extension, ...this.sandbox.relayed]) {
      if (server.listening) server.close();
    }
    try {
      this.sandbox.dns.close();
    } catch {
      // Closed with its namespace.
    }
    this.#announce();
  }
}

function errorTypeOf(body: Buffer): string {
  try {
    const { errorType } = JSON.parse(body.toString('utf8')) as { errorType?: unknown };
    return typeof errorType === 'string' ? errorType.slice(0, 200) : 'Runtime.Unknown';
  } catch {
    return 'Runtime.Unknown';
  }
}
