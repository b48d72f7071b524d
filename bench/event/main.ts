import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Figure, table } from '../measure.ts';
import { startProcess } from '../server-process.ts';
import { heatMaps, scoreboards } from './boards.ts';
import { gather, openAssessment, sitDown } from './crowd.ts';
import { flatOut, work } from './load.ts';

// `npm run bench:event`: an event of 200 people on this machine, the crowd itself included. `--people N`, `--seconds N`,
// `--grades N` (a minute), `--pause N` (seconds between two deeds of one person), `--json FILE`, `--only boards,crowd`.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const option = (name: string, otherwise: string): string => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : process.argv[at + 1]!;
};
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const figures: Figure[] = [];
const only = option('--only', 'boards,crowd').split(',');

if (only.includes('boards')) {
  figures.push(...(await heatMaps()));
  figures.push(...(await scoreboards()));
}

if (only.includes('crowd')) {
  const people = Number(option('--people', '200'));
  const folder = mkdtempSync(join(tmpdir(), 'lambda-range-event-bench-'));
  const { organiser, learners } = await gather(folder, people);
  const server = await startProcess(folder, { ACCOUNTS: 'on' });
  try {
    const { assessment, cohort, labs } = await openAssessment(server, organiser, learners);
    const entrants = await sitDown(server, assessment, labs, learners);
    say(`${people} people sit at ${labs.length} labs, on ${availableParallelism()} processors`);
    const common = { server, organiser, entrants, assessment, cohort, pause: Number(option('--pause', '10')) };
    const gradesPerMinute = Number(option('--grades', '60'));
    // Once to warm up: the first grades of a server are slower than any that follow.
    await work({ ...common, seconds: 20, gradesPerMinute });
    const report = await work({ ...common, seconds: Number(option('--seconds', '180')), gradesPerMinute });
    figures.push(...report.figures);
    say(`${report.deeds} deeds, ${report.errors.length} errors, ${report.wrong.length} wrong verdicts`);
    say(`a place in the queue was told ${report.queued} times`);
    for (const line of [...new Set([...report.errors, ...report.wrong])].slice(0, 20)) say(`  ${line}`);
    say(`flat out: ${(await flatOut(server, entrants, 60)).toFixed(0)} grades a minute`);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

process.stdout.write(`${table(figures)}\n`);
const file = option('--json', '');
if (file) writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
