import { resolve } from 'node:path';
import { type Lab, loadCatalogue, loadSubmissions } from '../server/catalogue/catalogue.ts';
import { readConfig } from '../server/config.ts';
import { Harness } from '../test/contract/harness.ts';
import { judgeMutants } from '../test/contract/judge-mutants.ts';
import { pointsOf } from '../test/contract/points.ts';

// npm run lab:verify -- <id> [mutants]: the contract of one lab, told to its author. Exits with 1 where it does not hold.
const [id, mutants] = process.argv.slice(2);
if (id === undefined || (mutants !== undefined && !/^\d+$/.test(mutants))) {
  process.stderr.write('Usage: npm run lab:verify -- <lab> [how many mutants; all by default]\n');
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
  try {
    for (const { title, run } of pointsOf(() => harness, lab, submissions)) await timed(title, run);
    await timed('9: every weakened right fix changes the verdict, or is listed as indifferent', async () => {
      const share = mutants === undefined ? Number.POSITIVE_INFINITY : Number(mutants);
      const { survivors, judged, listed } = await judgeMutants(harness, lab, share);
      process.stdout.write(`  ${judged} mutants, ${listed} of them listed as indifferent\n`);
      return survivors.map((name) => `no check minds this weaker fix: ${name}`);
    });
  } finally {
    await harness.close();
  }
  process.stdout.write(held ? `${lab.id} holds its contract.\n` : `${lab.id} does not hold its contract.\n`);
  return held;
}
