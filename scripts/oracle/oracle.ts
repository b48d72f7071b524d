import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { OracleCase } from './case.ts';

/** AGPL-3.0: it is installed into a temporary folder, runs as a process of its own and never becomes a dependency. */
const PACKAGE = '@cloud-copilot/iam-simulate@0.1.173';
/** It compiles wildcards into regular expressions, which can take for ever. */
const LIMIT_MS = 5_000;

/** What the oracle says of a case: its answer, or why it has none. */
export interface Reply {
  answer?: 'allowed' | 'implicitDeny' | 'explicitDeny';
  error?: string;
  /** Condition keys that it took out as not belonging to the action. */
  ignored?: string[];
}

/** The oracle: installed, asked line by line, removed by `close`. */
export class Oracle {
  readonly #folder: string;
  #child: ChildProcessWithoutNullStreams | undefined;
  #lines: AsyncIterator<string> | undefined;
  #reader: Interface | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Installs the oracle with npm. */
  static async install(): Promise<Oracle> {
    const folder = await mkdtemp(join(tmpdir(), 'lambda-range-oracle-'));
    await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}');
    await copyFile(fileURLToPath(new URL('answerer.mjs', import.meta.url)), join(folder, 'answerer.mjs'));
    const run = promisify(execFile);
    await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', PACKAGE], { cwd: folder });
    return new Oracle(folder);
  }

  /** Asks one case; a process that does not answer in time is ended and started again for the next. */
  async ask({ request, unchecked }: OracleCase): Promise<Reply> {
    const lines = this.#start();
    this.#child!.stdin.write(`${JSON.stringify({ request, unchecked: unchecked === true })}\n`);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), LIMIT_MS);
    });
    const line = await Promise.race([lines.next(), late]);
    clearTimeout(timer);
    if (line && !line.done) return JSON.parse(line.value) as Reply;
    this.#stop();
    return { error: line ? 'the oracle ended' : `no answer in ${LIMIT_MS} ms` };
  }

  /** Ends the process and removes the folder. */
  async close(): Promise<void> {
    this.#stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #start(): AsyncIterator<string> {
    if (!this.#lines) {
      this.#child = spawn(process.execPath, ['answerer.mjs'], { cwd: this.#folder });
      this.#child.stderr.resume();
      this.#reader = createInterface({ input: this.#child.stdout });
      this.#lines = this.#reader[Symbol.asyncIterator]();
    }
    return this.#lines;
  }

  #stop(): void {
    this.#child?.kill('SIGKILL');
    this.#reader?.close();
    this.#child = undefined;
    this.#lines = undefined;
  }
}
