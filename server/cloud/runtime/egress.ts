import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { CertificateAuthority } from './certificates.ts';
import { AddressBook, type NameServer, type Preview } from './dns.ts';
import type { Connection, Destination, HostServices, HttpRequest, HttpResponse, NetworkEvent } from './types.ts';

const MAX_CONNECTIONS = 256;
const MAX_EVENTS = 200;
const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** How long a verdict that a function's socket asked for is kept for the connection that follows. */
const MAX_TICKETS = 64;

type HttpConnection = Extract<Connection, { kind: 'http' }>;

/** Whose socket it is, and what was decided about it in which invocation. */
interface HttpOwner {
  egress: Egress;
  connection: HttpConnection;
  destination: Destination;
  tls: boolean;
  round: number;
}

/** Terminates HTTP (and TLS) for all environments; which environment a socket belongs to is known by who accepted it. */
export class EgressServer {
  readonly #authority: CertificateAuthority;
  readonly #http: HttpServer;
  readonly #owners = new WeakMap<object, HttpOwner>();

  constructor(authority: CertificateAuthority) {
    this.#authority = authority;
    this.#http = createServer({ keepAliveTimeout: 0, requestTimeout: 300_000, headersTimeout: 60_000 });
    this.#http.maxRequestsPerSocket = 0;
    this.#http.on('request', (request, response) => this.#serve(request, response));
    this.#http.on('clientError', (_error, socket) => socket.destroy());
  }

  /** Wraps a socket whose client speaks TLS; the certificate is for the name that the client asks for. */
  terminateTls(socket: Socket, host: string): TLSSocket {
    const secure = new TLSSocket(socket, {
      isServer: true,
      ALPNProtocols: ['http/1.1'],
      secureContext: this.#authority.contextFor(host),
      SNICallback: (name, callback) => callback(null, this.#authority.contextFor(name || host)),
    });
    secure.on('error', () => secure.destroy());
    return secure;
  }

  attachHttp(socket: Socket, owner: HttpOwner): void {
    this.#owners.set(socket, owner);
    this.#http.emit('connection', socket);
  }

  close(): void {
    this.#http.close();
    this.#http.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const owner = this.#owners.get(request.socket);
    if (owner === undefined) return void request.socket.destroy();
    try {
      if (owner.round !== owner.egress.round) {
        const connection = await owner.egress.ask(owner.destination);
        if (connection.kind === 'timeout') return; // packets are dropped from now on
        if (connection.kind !== 'http') return void request.socket.destroy();
        owner.connection = connection;
        owner.round = owner.egress.round;
      }
      const body = await readBody(request);
      if (body === undefined) {
        response.writeHead(413, { connection: 'close', 'content-length': 0 }).end();
        return;
      }
      const answer = await owner.connection.handle({
        method: request.method ?? 'GET',
        url: request.url ?? '/',
        headers: pairs(request.rawHeaders),
        body,
        host: owner.destination.host,
        port: owner.destination.port,
        tls: owner.tls,
      } satisfies HttpRequest);
      send(response, request.method, answer);
    } catch {
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { 'content-length': 0 }).end();
    }
  }
}

/** Everything that leaves one environment: its names, its connections, and what became of them. */
export class Egress implements NameServer {
  readonly addresses = new AddressBook();
  readonly #server: EgressServer;
  readonly #sockets = new Set<Socket>();
  readonly #tickets = new Map<string, Connection[]>();
  #events: NetworkEvent[] = [];
  round = 0;
  #host: HostServices | undefined;

  constructor(server: EgressServer, listeners: Server[]) {
    this.#server = server;
    for (const listener of listeners) {
      listener.on('connection', (socket) => this.#accept(socket));
      listener.on('error', () => {});
    }
  }

  /** Until the environment has a function, nothing is reachable. */
  serve(host: HostServices): void {
    this.#host = host;
  }

  /**
   * A new invocation: connections that were kept alive are decided about once more, because routes and rules may have
   * been changed meanwhile and a verdict must not depend on a socket's age.
   */
  begin(): void {
    this.round++;
    this.#tickets.clear();
  }

  /** The events since the last call. */
  takeEvents(): NetworkEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async resolve(name: string): Promise<boolean> {
    return (await this.#host?.resolve(name)) ?? false;
  }

  missing(name: string): void {
    this.#record({ host: name, port: 0, outcome: 'name-not-found' });
  }

  async preview(host: string, port: number): Promise<Preview> {
    const destination = this.#destination(host, port);
    if (destination.ip === undefined && !(await this.resolve(destination.host))) return 'O'; // DNS will say so
    const connection = await this.ask(destination);
    if (connection.kind === 'refused') return 'R';
    if (connection.kind === 'unreachable') return 'U';
    if (connection.kind === 'timeout') return 'T';
    const key = `${destination.host}:${port}`;
    const tickets = this.#tickets.get(key) ?? [];
    if (tickets.length < MAX_TICKETS) tickets.push(connection);
    this.#tickets.set(key, tickets);
    return 'O';
  }

  #destination(hostOrAddress: string, port: number): Destination {
    const name = this.addresses.nameOf(hostOrAddress);
    if (name !== undefined) return { host: name, port };
    const literal = /^[0-9.]+$/.test(hostOrAddress) || hostOrAddress.includes(':');
    return literal ? { host: hostOrAddress, ip: hostOrAddress, port } : { host: hostOrAddress, port };
  }

  /** Asks the cloud, and notes the answer among the network events. */
  async ask(destination: Destination): Promise<Connection> {
    let connection: Connection;
    try {
      connection = (await this.#host?.connect(destination)) ?? { kind: 'timeout', because: 'nothing is deployed yet' };
    } catch (error) {
      connection = { kind: 'timeout', because: error instanceof Error ? error.message : String(error) };
    }
    this.#record({
      host: destination.host,
      port: destination.port,
      outcome: connection.kind,
      ...('because' in connection ? { because: connection.because } : {}),
    });
    return connection;
  }

  #record(event: NetworkEvent): void {
    if (this.#events.length < MAX_EVENTS) this.#events.push(event);
  }

  async #accept(socket: Socket): Promise<void> {
    socket.on('error', () => socket.destroy());
    const { localAddress, localPort } = socket;
    if (this.#sockets.size >= MAX_CONNECTIONS || localAddress === undefined || localPort === undefined) {
      socket.resetAndDestroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.setNoDelay(true);
    const destination = this.#destination(localAddress, localPort);
    if (destination.ip?.startsWith('127.')) {
      socket.resetAndDestroy(); // its own loopback: nobody listens there
      return;
    }
    const ticket = this.#tickets.get(`${destination.host}:${localPort}`)?.shift();
    const connection = ticket ?? (await this.ask(destination));
    if (socket.destroyed) return;
    switch (connection.kind) {
      case 'http':
        return this.#sniff(socket, (first) => {
          const tls = first === 0x16;
          const stream = tls ? this.#server.terminateTls(socket, destination.host) : socket;
          this.#server.attachHttp(stream, { egress: this, connection, destination, tls, round: this.round });
        });
      case 'tcp':
        connection.attach(connection.tls ? this.#server.terminateTls(socket, destination.host) : socket);
        return;
      case 'timeout':
        socket.pause(); // held open and silent until the client gives up: its TLS or request never gets an answer
        return;
      default:
        socket.resetAndDestroy();
    }
  }

  #sniff(socket: Socket, then: (first: number) => void): void {
    socket.once('readable', () => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null || chunk.length === 0) return void socket.destroy();
      socket.unshift(chunk);
      then(chunk[0]!);
    });
  }
}

function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
      else resolve(undefined);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => reject(new Error('aborted')));
  });
}

function pairs(raw: string[]): [string, string][] {
  const result: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) result.push([raw[i]!, raw[i + 1]!]);
  return result;
}

function send(response: ServerResponse, method: string | undefined, answer: HttpResponse): void {
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : (answer.body ?? Buffer.alloc(0));
  const entries = Array.isArray(answer.headers) ? answer.headers : Object.entries(answer.headers);
  let lengthGiven = false;
  for (const [name, value] of entries) {
    const lower = name.toLowerCase();
    if (lower === 'connection' || lower === 'transfer-encoding' || lower === 'keep-alive') continue;
    if (lower === 'content-length') {
      if (method !== 'HEAD') continue;
      lengthGiven = true;
    }
    response.appendHeader(name, value as string | string[]);
  }
  const bodyless = method === 'HEAD' || answer.status === 204 || answer.status === 304;
  if (!lengthGiven && answer.status !== 204 && answer.status !== 304) response.setHeader('content-length', body.length);
  response.writeHead(answer.status);
  response.end(bodyless ? undefined : body);
}
