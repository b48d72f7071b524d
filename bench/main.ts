import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateRoleCommand, GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { loadSubmissions } from '../server/catalogue/catalogue.ts';
import { applySubmission } from '../server/catalogue/submit.ts';
import { zipFiles } from '../server/catalogue/zip.ts';
import { seededRandom } from '../server/cloud/random.ts';
import { readConfig } from '../server/config.ts';
import { projectRoot } from '../server/paths.ts';
import { localLearner, type Range, startRange } from '../server/range.ts';
import { type Figure, figure, table, time } from './measure.ts';
import { peers } from './peers.ts';
import { startProcess } from './server-process.ts';

// `npm run bench`: prints the figures that the README shows. `--json FILE` also writes them. `--quick` is for trying it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const runs = process.argv.includes('--quick') ? 5 : 50;
const figures: Figure[] = [];
const note = (entry: Figure): void => {
  figures.push(entry);
  process.stderr.write(
    `${entry.name}: p50 ${entry.p50.toFixed(1)} ${entry.unit}, p95 ${entry.p95.toFixed(1)} ${entry.unit}\n`,
  );
};

async function withRange(poolSize: number, work: (range: Range) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lambda-range-bench-'));
  const range = await startRange(
    readConfig({ PORT: '0', AWS_PORT: '0', DATA_DIR: folder, LOG_LEVEL: 'error', POOL_SIZE: String(poolSize) }),
  );
  try {
    await work(range);
  } finally {
    await range.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function clients(range: Range, attempt: string) {
  const config = {
    region: 'us-east-1',
    endpoint: range.awsUrl,
    credentials: range.training.credentials(localLearner, attempt),
    requestHandler: { httpAgent: new Agent({ keepAlive: true }) },
  };
  return { iam: new IAMClient(config), lambda: new LambdaClient(config) };
}

async function starts(): Promise<void> {
  await withRange(6, async (range) => {
    for (const { id } of range.training.catalogue(localLearner)) {
      let attempt = '';
      const started = await time(
        runs,
        async () => {
          attempt = (await range.training.start(localLearner, id)).id;
        },
        { before: async () => attempt && (await range.training.end(localLearner, attempt)) },
      );
      note(figure(`start ${id}`, 'p50 ≤ 50, p95 ≤ 150 ms', started));
      await range.training.end(localLearner, attempt);
    }
  });
}

async function labs(): Promise<void> {
  await withRange(6, async (range) => {
    for (const { id } of range.training.catalogue(localLearner)) {
      const attempt = (await range.training.start(localLearner, id)).id;
      const graded = await time(runs, () => range.training.grade(localLearner, attempt), {
        before: () => range.rested(),
      });
      note(figure(`grade ${id}, rested pool`, 'p50 ≤ 400, p95 ≤ 1,500 ms', graded));
      const lab = range.training.lab(id);
      await applySubmission(
        range.training.cloud(localLearner, attempt)!,
        lab,
        (await loadSubmissions(id)).find(({ name }) => name === 'reference')!,
      );
      const solved = await time(runs, () => range.training.grade(localLearner, attempt), {
        before: () => range.rested(),
      });
      note(figure(`grade ${id}, fixed, rested pool`, 'p50 ≤ 400, p95 ≤ 1,500 ms', solved));
      await range.training.end(localLearner, attempt);
    }
  });
  await withRange(0, async (range) => {
    for (const { id } of range.training.catalogue(localLearner)) {
      const attempt = (await range.training.start(localLearner, id)).id;
      note(
        figure(
          `grade ${id}, no pool`,
          'p50 ≤ 900, p95 ≤ 1,500 ms',
          await time(runs, () => range.training.grade(localLearner, attempt), { warmUp: 1 }),
        ),
      );
      await range.training.end(localLearner, attempt);
    }
  });
}

/** Copies of each lab's account, as every check of a grade makes one. */
async function forks(): Promise<void> {
  await withRange(0, async (range) => {
    for (const { id } of range.training.catalogue(localLearner)) {
      const attempt = (await range.training.start(localLearner, id)).id;
      const cloud = range.training.cloud(localLearner, attempt)!;
      const samples: number[] = [];
      for (let run = 0; run < runs * 4; run++) {
        const start = performance.now();
        const fork = cloud.fork({ id: `fork-${run}`, random: seededRandom(String(run)) });
        samples.push(performance.now() - start);
        await fork.close();
      }
      note(figure(`fork of ${id}`, 'p50 ≤ 5 ms', samples));
      await range.training.end(localLearner, attempt);
    }
  });
}

const plain = 'export const handler = async () => ({ ok: true });\n';
const withSdk =
  "import { S3Client } from '@aws-sdk/client-s3';\nconst client = new S3Client({});\nexport const handler = async () => ({ ok: Boolean(client) });\n";

async function functions(poolSize: number): Promise<void> {
  await withRange(poolSize, async (range) => {
    const attempt = (await range.training.start(localLearner, 'thumbnailer-owns-s3')).id;
    const { iam, lambda } = clients(range, attempt);
    const role = await iam.send(
      new CreateRoleCommand({
        RoleName: 'bench',
        AssumeRolePolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        }),
      }),
    );
    for (const [name, code, cold] of [
      ['plain', plain, 'p50 ≤ 120 ms'],
      ['sdk', withSdk, 'p50 ≤ 300 ms'],
    ] as const) {
      await lambda.send(
        new CreateFunctionCommand({
          FunctionName: name,
          Runtime: 'nodejs22.x',
          Handler: 'index.handler',
          Role: role.Role!.Arn!,
          MemorySize: 256,
          Code: { ZipFile: zipFiles({ 'index.mjs': code }) },
        }),
      );
      let change = 0;
      const invoke = () => lambda.send(new InvokeCommand({ FunctionName: name }));
      const what = name === 'sdk' ? 'with one SDK client' : 'without SDK';
      const samples = await time(runs, invoke, {
        before: async () => {
          await lambda.send(
            new UpdateFunctionConfigurationCommand({
              FunctionName: name,
              Environment: { Variables: { CHANGE: String(change++) } },
            }),
          );
          await range.rested();
        },
      });
      note(
        figure(
          `cold invoke over HTTP, ${what}, ${poolSize ? 'from the pool' : 'no pool'}`,
          poolSize ? 'p50 ≤ 20 ms' : cold,
          samples,
        ),
      );
      if (name === 'plain' && poolSize)
        note(figure('warm invoke over HTTP', 'p50 ≤ 6 ms', await time(runs * 4, invoke, { warmUp: 20 })));
    }
    if (poolSize)
      note(
        figure(
          'GetRole, signed and authorised',
          'p50 ≤ 3 ms',
          await time(runs * 10, () => iam.send(new GetRoleCommand({ RoleName: 'bench' })), { warmUp: 50 }),
        ),
      );
  });
}

/** The compiled server over a new data folder. */
async function startFresh(): ReturnType<typeof startProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'lambda-range-bench-'));
  const server = await startProcess(folder);
  return { ...server, stop: () => server.stop().then(() => rmSync(folder, { recursive: true, force: true })) };
}

async function processes(): Promise<void> {
  const samples: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    const server = await startFresh();
    await (await fetch(server.url)).text();
    samples.push(performance.now() - start);
    await server.stop();
  }
  note(figure('process start → catalogue page served', '≤ 1,500 ms', samples));
  const server = await startFresh();
  try {
    await (await fetch(server.url)).text();
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    note(figure('memory of the server, idle', '≤ 220 MB', [residentMB(server.pid)], 'MB'));
  } finally {
    await server.stop();
  }
  const open = spawn(process.execPath, [join(projectRoot, 'dist/bench/open-attempts.js'), '100'], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of open.stdout) text += String(chunk);
  note(figure('memory of the server, 100 attempts open', '≤ 500 MB', [Number(text)], 'MB'));
}

function residentMB(pid: number): number {
  const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1] ?? Number.NaN) / 1024;
}

/** Tables of other forms. */
const besides: string[] = [];

/** `--only functions,processes` measures a part: the whole takes some twenty minutes. */
const parts: Record<string, () => Promise<void>> = {
  forks,
  peers: async () => {
    besides.push(await peers(process.argv.includes('--quick')));
  },
  starts,
  labs,
  functions: async () => {
    await functions(6);
    await functions(0);
  },
  processes,
};
const only = process.argv.indexOf('--only');
const chosen = only > 0 ? process.argv[only + 1]!.split(',') : Object.keys(parts);
for (const name of chosen) await parts[name]!();
process.stdout.write(`${[table(figures), ...besides].join('\n\n')}\n`);
const target = process.argv.indexOf('--json');
const json = JSON.stringify(figures, null, 2);
if (target > 0) writeFileSync(process.argv[target + 1]!, `${json}\n`);
else process.stdout.write(`${json}\n`);
