import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';

const buffer = Buffer.alloc(16_384);

/** A control file that is used at every invocation: kept open, so that each use is one system call instead of four. */
export class ControlFile {
  readonly #path: string;
  #descriptor: number | undefined;
  #closed = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** What it says, from its beginning; empty where it is not there. */
  read(): string {
    try {
      return buffer.toString('utf8', 0, readSync(this.#open(constants.O_RDONLY), buffer, 0, buffer.length, 0));
    } catch {
      return '';
    }
  }

  /** A controller that cannot be set is missing: the caller's watcher is the second line. */
  write(value: string): void {
    try {
      writeSync(this.#open(constants.O_WRONLY), value, 0);
    } catch {
      // As above.
    }
  }

  close(): void {
    this.#closed = true;
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open(flags: number): number {
    if (this.#closed) throw new Error('closed');
    this.#descriptor ??= openSync(this.#path, flags);
    return this.#descriptor;
  }
}
