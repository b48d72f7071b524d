import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Endpoint, startMiniStack, startMoto, startOurs } from './endpoints.ts';
import { type Asked, writePeersPage } from './page.ts';
import { runProwler } from './prowler.ts';
import { install } from './python.ts';

/**
 * `npm run peers [questions|prowler]`: asks this server, MiniStack and moto's server the same small questions, runs Prowler
 * over lab accounts, and writes docs/peers.md, docs/peers.json and docs/prowler.md. `--only sqs,iam.role-absent` asks a
 * part, prints it and writes nothing. It installs 3 GB from PyPI once, and is no part of CI.
 */

const run = promisify(execFile);

/** What an endpoint answers to every question, by id. */
async function ask(bin: string, endpoint: Endpoint, only: string[]): Promise<Asked[]> {
  const script = join(import.meta.dirname, 'ask.py');
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', LANG: 'C.UTF-8', ...endpoint.env };
  const { stdout } = await run(join(bin, 'python'), [script, ...only], { env, maxBuffer: 1e8 });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Asked);
}

async function questions(only: string[]): Promise<void> {
  const python = install('emulators');
  if ('missing' in python) return void process.stderr.write(`The questions are skipped: ${python.missing}.\n`);
  const peers: { endpoint: Endpoint; asked: Asked[] }[] = [];
  for (const start of [() => startOurs(), () => startMiniStack(python.bin), () => startMoto(python.bin)]) {
    const endpoint = await start();
    try {
      peers.push({ endpoint, asked: await ask(python.bin, endpoint, only) });
    } finally {
      await endpoint.stop();
    }
  }
  if (only.length === 0) return writePeersPage(peers);
  for (const [at, one] of peers[0]!.asked.entries())
    process.stdout.write(
      `${one.id}\n  AWS          ${JSON.stringify(one.expected)}\n${peers
        .map(({ endpoint, asked }) => `  ${endpoint.name.padEnd(12)} ${JSON.stringify(asked[at]?.answer)}\n`)
        .join('')}`,
    );
}

const only = process.argv.indexOf('--only');
const part = process.argv[2];
if (part !== 'prowler') await questions(only > 0 ? process.argv[only + 1]!.split(',') : []);
if (part !== 'questions' && only < 0) await runProwler();
