import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Lab, loadCatalogue, loadSubmissions } from '../server/catalogue/catalogue.ts';
import { readConfig } from '../server/config.ts';
import { Harness } from '../test/contract/harness.ts';
import { judgeMutants } from '../test/contract/judge-mutants.ts';
import { pointsOf } from '../test/contract/points.ts';

// npm run lab:verify -- <id> [--only <part of a title>] [--mutants <n>]: the contract of one lab, told to its author. Exits
// with 1 where it does not hold.
const usage = 'Usage: npm run lab:verify -- <lab> [--only <part of a title>] [--mutants <how many; all by default>]\n';
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', default: '' }, mutants: { type: 'string' } },
});
const [id, ...more] = positionals;
if (id === undefined || more.length > 0 || !/^\d*$/.test(values.mutants ?? '')) {
  process.stderr.write(usage);
  process.exit(2);
}
const folders = (readConfig(process.env).labFolders ?? []).map((folder) => resolve(folder));
const { broken, find } = await loadCatalogue(folders);
const half = broken.find((lab) => lab.id === id);
const lab = find(id);
if (!lab) {
  process.stderr.write(`${half ? half.problem : `There is no lab ${id}.`}\n`);
  process.exit(1);
}
process.exitCode = (await verify(lab)) ? 0 : 1;

async function verify(lab: Lab): Promise<boolean> {
  const submissions = await loadSubmissions(lab);
  const harness = await Harness.open();
  let held = true;
  const tell = (title: string, problems: readonly string[], ms: number): void => {
    process.stdout.write(`${problems.length === 0 ? '✓' : '✗'} ${title} (${Math.round(ms)} ms)\n`);
    for (const problem of problems) process.stdout.write(`    ${problem}\n`);
    if (problems.length > 0) held = false;
  };
  const timed = async (title: string, run: () => Promise<string[]>): Promise<void> => {
    const started = performance.now();
    let problems: string[];
    try {
      problems = await run();
    } catch (error) {
      problems = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
    }
    tell(title, problems, performance.now() - started);
  };
  const mutants = {
    title: '9: every weakened right fix changes the verdict, or is listed as indifferent',
    run: async () => {
      const share = values.mutants === undefined ? Number.POSITIVE_INFINITY : Number(values.mutants);
      const { survivors, judged, listed } = await judgeMutants(harness, lab, share);
      process.stdout.write(`  ${judged} mutants, ${listed} of them listed as indifferent\n`);
      return survivors.map((name) => `no check minds this weaker fix: ${name}`);
    },
  };
  try {
    for (const { title, run } of [...pointsOf(() => harness, lab, submissions), mutants])
      if (title.includes(values.only)) await timed(title, run);
  } finally {
    await harness.close();
  }
  process.stdout.write(held ? `${lab.id} holds its contract.\n` : `${lab.id} does not hold its contract.\n`);
  return held;
}
