import type { Duplex } from 'node:stream';
import type { Interpreter, Language } from './interpreters.ts';
import type { LogSettings } from './platform-log.ts';

/**
 * One Lambda execution environment as the Lambda service describes it. Two invocations with the same `key` may share a
 * warm environment; everything that changes what a function is (code, variables, role, VPC, layers) must change the key.
 */
export interface EnvironmentSpec {
  /** Identity for warm reuse: function ARN + version + configuration hash (and the fork, where there is one). */
  key: string;
  functionName: string;
  functionArn: string;
  version: string;
  region: string;
  accountId: string;
  /** `nodejs22.x`, `python3.13` and siblings. */
  runtime: string;
  /** Its patch level, as INIT_START names it. */
  runtimeVersion?: { name: string; arn: string };
  /** `index.handler`, `src/app.routes.get`. */
  handler: string;
  /** The deployment package, a zip. */
  code: Uint8Array | (() => Uint8Array);
  /** Any digest of the package that is unique to its bytes (AWS's base64 CodeSha256 will do). */
  codeSha256: string;
  layers: LayerSpec[];
  memoryMB: number;
  /** The function's configured timeout in milliseconds of real time. */
  timeoutMs: number;
  /** The function's own variables; the runtime adds Lambda's. */
  variables: Record<string, string>;
  logGroup: string;
  logStream: string;
  /** Format and levels of its log; absent: text. */
  logging?: LogSettings;
  /** Size of `/tmp` (EphemeralStorage); 512 when absent. */
  tmpMB?: number;
  /** Whether the AWS Parameters and Secrets extension answers on localhost:2773; derived from the layers when absent. */
  secretsExtension?: boolean;
}

export interface LayerSpec {
  arn: string;
  sha256: string;
  zip: () => Uint8Array;
}

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/** What the cloud gives to one environment. Called on the server's side only; the function never sees these objects. */
export interface HostServices {
  /** The execution role's session, asked for when an environment starts. */
  credentials(): Credentials;
  /** The cloud's clock in milliseconds since the epoch. */
  now(): number;
  /** The clock may be moved while an environment lives; default: it may not, and a function sees the machine's. */
  clockMoves?: boolean;
  /** Does this DNS name exist for this function? `false` is NXDOMAIN. Names arrive in lower case, without a final dot. */
  resolve(name: string): boolean | Promise<boolean>;
  /** Asked once for every TCP connection that leaves the environment. */
  connect(destination: Destination): Connection | Promise<Connection>;
  /** Lines for the environment's log stream, in order, already in Lambda's format. A warm environment keeps its stream. */
  log(lines: LogLine[], logStream: string): void;
  /**
   * Answers the Parameters and Secrets extension's misses with the function's own role. `path` is
   * `/secretsmanager/get` or `/systemsmanager/parameters/get`. Absent: the extension answers 500.
   */
  extension?(path: string, query: URLSearchParams): Promise<ExtensionAnswer>;
}

export interface ExtensionAnswer {
  status: number;
  body: string | Uint8Array;
  contentType?: string;
}

export interface LogLine {
  /** Milliseconds of the cloud's clock. */
  timestamp: number;
  message: string;
}

/** `host` is the name that was looked up, or the literal address; `ip` is set only for literal addresses. */
export interface Destination {
  host: string;
  ip?: string;
  port: number;
}

export interface HttpRequest {
  method: string;
  /** Origin form: path and query as sent. */
  url: string;
  /** Name and value pairs in the order and spelling sent. */
  headers: [string, string][];
  body: Buffer;
  /** The connection's destination name (not the Host header, which the function chooses freely). */
  host: string;
  port: number;
  tls: boolean;
}

export interface HttpResponse {
  status: number;
  headers: Record<string, string | string[]> | [string, string][];
  body?: Uint8Array | string;
}

/** What the cloud decided about one connection. */
export type Connection =
  /** HTTP is parsed here (TLS, where the client speaks it, is terminated here too) and each request is handed over. */
  | { kind: 'http'; handle(request: HttpRequest): Promise<HttpResponse> | HttpResponse }
  /** Raw bytes for a simulated host; with `tls` the runtime terminates TLS first. */
  | { kind: 'tcp'; attach(socket: Duplex): void; tls?: boolean }
  /** `timeout`: the SYN is dropped in silence · `refused`: ECONNREFUSED · `unreachable`: EHOSTUNREACH. */
  | { kind: 'refused' | 'timeout' | 'unreachable'; because: string };

export interface NetworkEvent {
  host: string;
  port: number;
  outcome: Connection['kind'] | 'name-not-found';
  because?: string;
}

export type InvokeStatus =
  | 'ok'
  | 'handled-error'
  | 'unhandled-error'
  | 'timeout'
  | 'out-of-memory'
  | 'init-error'
  | 'exited';

export interface InvokeResult {
  status: InvokeStatus;
  /** The handler's JSON, or Lambda's error JSON `{errorType, errorMessage, trace}`. */
  payload: Buffer;
  /** Set for everything but `ok`: the X-Amz-Function-Error header. */
  functionError?: 'Unhandled';
  /** The last 4 KB of this invocation's log, plain text (X-Amz-Log-Result is its base64). */
  logTail: string;
  durationMs: number;
  billedMs: number;
  /** Set when this invocation was a cold start. */
  initMs?: number;
  maxMemoryMB: number;
  cold: boolean;
  /** Every connection tried since the environment's previous invocation ended. */
  network: NetworkEvent[];
  /** What a streaming handler set as prelude (status code, headers, cookies), for function URLs. */
  contentType?: string;
}

export interface InvokeOptions {
  requestId: string;
  /** `Root=…;Parent=…;Sampled=…`, as `_X_AMZN_TRACE_ID` will show it. */
  traceId?: string;
  /** The caller takes a streamed answer, which may be longer. */
  streaming?: boolean;
  /** Base64-decoded client context JSON. */
  clientContext?: string;
  /** The ARN the caller used: with alias or version. */
  invokedArn: string;
  /** A tighter limit than the function's timeout, in milliseconds of real time from now. */
  deadlineMs?: number;
}

export interface RuntimeStats {
  live: number;
  busy: number;
  pooled: number;
  queued: number;
  coldStarts: number;
  pooledStarts: number;
  warmStarts: number;
}

export interface Capabilities {
  /** Hostile code is contained: no file, process or socket of this machine is in reach. */
  containment: boolean;
  /** Every connection of a function passes through `HostServices.connect`: "no route" is true. */
  network: boolean;
  /** Python functions run. */
  python: boolean;
  /** Node.js functions have npm beside node, as on Lambda. */
  npm: boolean;
  /** Why functions are not contained. */
  because?: string;
}

export interface FunctionRuntime {
  invoke(spec: EnvironmentSpec, host: HostServices, event: Uint8Array, options: InvokeOptions): Promise<InvokeResult>;
  /**
   * Kills environments whose key starts so (update, delete, reset, a fork dropped), but for those of the key `except`.
   * Busy ones answer `exited`.
   */
  discard(keyPrefix: string, except?: string): Promise<void>;
  /**
   * What really runs this runtime: `{language: 'nodejs', version: '20', exact: false}` for nodejs22.x where only Node 20
   * is here. Undefined: nothing on this machine does.
   */
  interpreterFor(runtime: string): { language: Language; version: string; exact: boolean } | undefined;
  /** Resolves when the pool is as full as it will be (benchmarks and tests). */
  rested(): Promise<void>;
  capabilities(): Capabilities;
  stats(): RuntimeStats;
  close(): Promise<void>;
}

export interface RuntimeConfig {
  /** Where extracted packages and the certificate authority are kept. */
  dataDir: string;
  /** Sandboxes started ahead; 0 turns the pool off. */
  poolSize: number;
  /** `auto` probes bubblewrap and falls back to Node's permission model with a warning. */
  sandbox: 'auto' | 'bubblewrap' | 'none';
  /** Node binaries by major, `{ 22: '/…/bin/node' }`; this process's own is always known. */
  nodeMajors?: Record<number, string>;
  /** Pythons; default: those that are found on this machine. */
  pythons?: readonly Interpreter[];
  /** Live environments over all keys; idle ones are reaped, least recently used first. */
  maxEnvironments?: number;
  /** Lambda gives init ten seconds; tests may give less. */
  initLimitMs?: number;
  /** For sandbox `none`: the endpoint functions reach AWS by. */
  awsEndpointUrl?: string;
  log?: (level: 'info' | 'warn' | 'error', message: string) => void;
}
