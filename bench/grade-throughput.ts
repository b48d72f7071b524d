import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSubmissions } from '../server/catalogue/catalogue.ts';
import { applySubmission } from '../server/catalogue/submit.ts';
import { readConfig } from '../server/config.ts';
import { type Range, startRange } from '../server/range.ts';
import { percentile } from './measure.ts';

// `npx tsx bench/grade-throughput.ts [--grades N] [--per-minute N] [--lab ID]`: how many grades a minute this machine
// does, when all are asked for at once; and how long each takes, its wait in the queue included, when they come at an
// even pace. The mix is every lab as it starts and after its reference fix.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const grades = option('--grades', 60);
const perMinute = option('--per-minute', 60);
const labAt = process.argv.indexOf('--lab');

interface Entrant {
  owner: string;
  attempt: string;
  lab: string;
}

/** Two attempts a lab: one as it starts, one fixed. */
async function entrants(range: Range, fixed: boolean): Promise<Entrant[]> {
  const out: Entrant[] = [];
  for (const { id: lab } of range.training.catalogue('local')) {
    if (labAt > 0 && lab !== process.argv[labAt + 1]) continue;
    for (const copy of ['a', 'b']) {
      const owner = `${lab}-${fixed ? 'fixed' : 'start'}-${copy}`;
      range.training.enrol(owner, owner);
      const { id: attempt } = await range.training.start(owner, lab);
      if (fixed) {
        const reference = (await loadSubmissions(lab)).find(({ name }) => name === 'reference')!;
        await applySubmission(range.training.cloud(owner, attempt)!, range.training.lab(lab), reference);
      }
      out.push({ owner, attempt, lab });
    }
  }
  return out;
}

async function gradeOnce(range: Range, { owner, attempt }: Entrant): Promise<number> {
  const began = performance.now();
  await range.training.grade(owner, attempt);
  return performance.now() - began;
}

/** Everybody grades again and again. @returns grades a minute */
async function flatOut(range: Range, all: readonly Entrant[]): Promise<number> {
  const began = performance.now();
  let left = grades;
  await Promise.all(
    all.map(async (entrant) => {
      while (left-- > 0) await gradeOnce(range, entrant);
    }),
  );
  return (grades / (performance.now() - began)) * 60_000;
}

/** Grades come at an even pace, each of whoever has waited longest for one. @returns milliseconds of each */
async function paced(range: Range, all: readonly Entrant[]): Promise<Map<string, number[]>> {
  const took = new Map<string, number[]>();
  const running: Promise<void>[] = [];
  const free = [...all];
  const began = performance.now();
  for (let i = 0; i < grades; i++) {
    const wait = began + (i * 60_000) / perMinute - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    while (free.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const entrant = free.shift()!;
    running.push(
      gradeOnce(range, entrant).then((ms) => {
        took.set(entrant.lab, [...(took.get(entrant.lab) ?? []), ms]);
        free.push(entrant);
      }),
    );
  }
  await Promise.all(running);
  return took;
}

const folder = mkdtempSync(join(tmpdir(), 'lambda-range-throughput-'));
const range = await startRange(readConfig({ PORT: '0', AWS_PORT: '0', DATA_DIR: folder, LOG_LEVEL: 'error' }));
try {
  const started = await entrants(range, false);
  const fixed = await entrants(range, true);
  for (const [what, all] of [
    ['at the start', started],
    ['fixed', fixed],
    ['both', [...started, ...fixed]],
  ] as const) {
    await range.rested();
    const cpu = process.cpuUsage();
    const rate = await flatOut(range, all);
    const { user, system } = process.cpuUsage(cpu);
    await range.rested();
    const took = await paced(range, all);
    const every = [...took.values()].flat();
    const show = (samples: number[]): string =>
      `p50 ${percentile(samples, 0.5).toFixed(0)} ms, p95 ${percentile(samples, 0.95).toFixed(0)} ms, most ${Math.max(...samples).toFixed(0)} ms`;
    process.stdout.write(
      `${what}: ${rate.toFixed(0)} grades a minute flat out on ${availableParallelism()} processors (the server's own processor time a grade: ${((user + system) / 1000 / grades).toFixed(0)} ms); at ${perMinute} a minute: ${show(every)}\n`,
    );
    for (const [lab, samples] of took) process.stdout.write(`  ${lab}: ${show(samples)}\n`);
  }
} finally {
  await range.close();
  rmSync(folder, { recursive: true, force: true });
}
