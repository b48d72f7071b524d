import type { Socket as DatagramSocket } from 'node:dgram';

const MAX_NAMES = 4_096;
const MAX_WAITING = 256;

/** The names an environment has looked up, and the addresses it was given for them (127.128.0.0/9). */
export class AddressBook {
  readonly #addressOf = new Map<string, string>();
  readonly #nameOf = new Map<string, string>();

  /** The address of a name, the same for the environment's life; undefined when 4,096 names are in use. */
  addressFor(name: string): string | undefined {
    const known = this.#addressOf.get(name);
    if (known !== undefined) return known;
    if (this.#addressOf.size >= MAX_NAMES) return undefined;
    const n = this.#addressOf.size + 1;
    const address = `127.${128 + (n >> 16)}.${(n >> 8) & 0xff}.${n & 0xff}`;
    this.#addressOf.set(name, address);
    this.#nameOf.set(address, name);
    return address;
  }

  nameOf(address: string): string | undefined {
    return this.#nameOf.get(address);
  }
}

/** Verdict letters that the bootstrap's sockets understand: see bootstrap/network.cjs. */
export type Preview = 'O' | 'R' | 'U' | 'T';

export interface NameServer {
  addresses: AddressBook;
  resolve(name: string): boolean | Promise<boolean>;
  /** Asked by the function's own Node sockets before they connect. */
  preview(host: string, port: number): Promise<Preview>;
  missing(name: string): void;
}

/**
 * Answers an environment's DNS queries (RFC 1035: one question, A and AAAA) and its sockets' questions. Anything
 * malformed is dropped, as is everything beyond 256 questions at once.
 */
export function serveNames(socket: DatagramSocket, server: NameServer): void {
  let waiting = 0;
  socket.on('error', () => {});
  socket.on('message', (message, from) => {
    if (waiting >= MAX_WAITING) return;
    waiting++;
    answer(message, server)
      .then((reply) => {
        if (reply !== undefined) socket.send(reply, from.port, from.address, () => {});
      })
      .catch(() => {})
      .finally(() => {
        waiting--;
      });
  });
}

async function answer(message: Buffer, server: NameServer): Promise<Buffer | undefined> {
  if (message.length >= 8 && message.toString('latin1', 0, 4) === 'LRQ1') return answerPreview(message, server);
  const question = readQuestion(message);
  if (question === undefined) return undefined;
  const { name, type, end } = question;
  if (type !== 1 && type !== 28) return reply(message, end, 0);
  if (!(await server.resolve(name))) {
    server.missing(name);
    return reply(message, end, 3);
  }
  if (type === 28) return reply(message, end, 0);
  const address = server.addresses.addressFor(name);
  return address === undefined ? reply(message, end, 2) : reply(message, end, 0, address);
}

async function answerPreview(message: Buffer, server: NameServer): Promise<Buffer | undefined> {
  if (message.length > 1_024) return undefined;
  let question: unknown;
  try {
    question = JSON.parse(message.toString('utf8', 8));
  } catch {
    return undefined;
  }
  const { host, port } = question as { host?: unknown; port?: unknown };
  if (typeof host !== 'string' || host.length > 253 || typeof port !== 'number') return undefined;
  const verdict = await server.preview(host.toLowerCase(), port);
  return Buffer.concat([Buffer.from('LRA1'), message.subarray(4, 8), Buffer.from(verdict)]);
}

function readQuestion(message: Buffer): { name: string; type: number; end: number } | undefined {
  if (message.length < 17 || message.length > 512) return undefined;
  if (message.readUInt16BE(2) & 0x8000 || message.readUInt16BE(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = 12;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > 63) return undefined;
    at++;
    if (length === 0) break;
    if (at + length > message.length) return undefined;
    labels.push(message.toString('latin1', at, at + length));
    at += length;
  }
  if (at + 4 > message.length) return undefined;
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at), end: at + 4 };
}

function reply(message: Buffer, end: number, code: number, address?: string): Buffer {
  const head = Buffer.from(message.subarray(0, end));
  head.writeUInt16BE(0x8580 | code, 2); // answer, authoritative, recursion as asked
  head.writeUInt16BE(address === undefined ? 0 : 1, 6);
  head.writeUInt32BE(0, 8);
  if (address === undefined) return head;
  // A pointer to the question's name, type A, class IN, TTL 5 s, the address.
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, ...address.split('.').map(Number)]);
  return Buffer.concat([head, record]);
}
