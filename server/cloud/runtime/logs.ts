import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { LogLine } from './types.ts';

/** CloudWatch's limit for one event: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */
const MAX_LINE_BYTES = 256 * 1024;
/** differs from AWS: an invocation's log ends after 1 MB; AWS keeps all of it. */
const MAX_INVOCATION_BYTES = 1024 * 1024;
/** What is read and thrown away beyond that before the function's writes block. */
const MAX_READ_BYTES = 16 * 1024 * 1024;
const TAIL_BYTES = 4_096;
const FRAME = 0xa55a0003;

/** Collects what one environment prints and hands it on in batches; bounded whatever the function prints. */
export class LogCollector {
  readonly #streams: Readable[];
  readonly #now: () => number;
  readonly #emit: (lines: LogLine[]) => void;
  #pending: LogLine[] = [];
  #scheduled = false;
  #kept = 0;
  #read = 0;
  #dropped = 0;
  #tail: string[] = [];
  #tailBytes = 0;
  #flushers: (() => void)[] = [];
  /** What stderr said last: V8 names its own heap limit there. */
  lastWords = '';

  constructor(
    streams: { stdout: Readable; stderr: Readable; telemetry: Readable },
    now: () => number,
    emit: (lines: LogLine[]) => void,
  ) {
    this.#now = now;
    this.#emit = emit;
    this.#streams = [streams.stdout, streams.stderr, streams.telemetry];
    this.#lines(streams.stdout, false);
    this.#lines(streams.stderr, true);
    this.#frames(streams.telemetry);
    for (const stream of this.#streams) stream.on('error', () => {});
  }

  /** A new invocation: counts start again, and a function that was held back may print again. */
  begin(): void {
    this.#kept = 0;
    this.#read = 0;
    this.#dropped = 0;
    this.#tail = [];
    this.#tailBytes = 0;
    for (const stream of this.#streams) stream.resume();
  }

  /** Waits until what was printed before now has been read, then completes unfinished lines. */
  async drain(): Promise<void> {
    // Bytes that were in the pipes when the answer came are read in this turn of the event loop or the next.
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    for (const flush of this.#flushers) flush();
    if (this.#dropped > 0)
      this.platform(`Log output over ${MAX_INVOCATION_BYTES} bytes was dropped: ${this.#dropped} bytes`);
    this.#dropped = 0;
  }

  /** A line of the platform itself (START, END, REPORT …): never dropped. */
  platform(message: string): void {
    this.#push(message.endsWith('\n') ? message : `${message}\n`);
  }

  /** Hands everything on now. */
  flush(): void {
    this.#scheduled = false;
    if (this.#pending.length === 0) return;
    const lines = this.#pending;
    this.#pending = [];
    this.#emit(lines);
  }

  tail(): string {
    const text = Buffer.from(this.#tail.join(''), 'utf8');
    return text.subarray(Math.max(0, text.length - TAIL_BYTES)).toString('utf8');
  }

  #user(message: string): void {
    const bytes = Buffer.byteLength(message);
    if (this.#kept + bytes > MAX_INVOCATION_BYTES) {
      this.#dropped += bytes;
      return;
    }
    this.#kept += bytes;
    this.#push(message);
  }

  #push(message: string): void {
    this.#pending.push({ timestamp: this.#now(), message });
    this.#tail.push(message);
    this.#tailBytes += message.length;
    while (this.#tail.length > 1 && this.#tailBytes - this.#tail[0]!.length > TAIL_BYTES) {
      this.#tailBytes -= this.#tail.shift()!.length;
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }

  #count(bytes: number): boolean {
    this.#read += bytes;
    if (this.#read > MAX_READ_BYTES) for (const stream of this.#streams) stream.pause();
    return this.#kept < MAX_INVOCATION_BYTES;
  }

  #lines(stream: Readable, remember: boolean): void {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    stream.on('data', (chunk: Buffer) => {
      if (!this.#count(chunk.length)) {
        this.#dropped += chunk.length;
        rest = '';
        return;
      }
      const text = rest + decoder.write(chunk);
      if (remember) this.lastWords = (this.lastWords + text).slice(-2_000);
      const lines = text.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#user(`${line}\n`);
      if (rest.length > MAX_LINE_BYTES) {
        this.#user(rest);
        rest = '';
      }
    });
    this.#flushers.push(() => {
      if (rest !== '') this.#user(rest);
      rest = '';
    });
  }

  #frames(stream: Readable): void {
    let rest: Buffer = Buffer.alloc(0);
    let skip = 0;
    stream.on('data', (chunk: Buffer) => {
      if (!this.#count(chunk.length)) {
        this.#dropped += chunk.length;
        rest = Buffer.alloc(0);
        return; // what follows is found by its magic number
      }
      if (skip > 0) {
        const skipped = Math.min(skip, chunk.length);
        skip -= skipped;
        chunk = chunk.subarray(skipped);
      }
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      while (rest.length >= 8) {
        if (rest.readUInt32BE(0) !== FRAME) {
          // Whoever writes garbage here loses only his own log.
          const next = rest.indexOf(Buffer.from([0xa5, 0x5a, 0x00, 0x03]), 1);
          rest = next < 0 ? Buffer.alloc(0) : rest.subarray(next);
          continue;
        }
        const length = rest.readUInt32BE(4);
        const kept = Math.min(length, MAX_LINE_BYTES);
        if (rest.length < 8 + kept) break;
        this.#user(`${rest.toString('utf8', 8, 8 + kept)}\n`);
        skip = Math.max(0, 8 + length - rest.length);
        rest = rest.subarray(Math.min(rest.length, 8 + length));
      }
    });
  }
}
