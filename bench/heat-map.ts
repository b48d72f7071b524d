import { performance } from 'node:perf_hooks';
import { Progress } from '../server/progress/progress.ts';
import { openStore } from '../server/store/index.ts';
import type { Group } from '../server/store/progress.ts';
import type { ProgressHead } from '../server/web/models/progress.ts';
import { heatMapModel, heatQuery } from '../server/web/pages/progress/heat-map.ts';
import { html } from '../server/web/render.ts';
import { endOfEvent, generate, labsOf } from '../test/progress/generated.ts';

// `npx tsx bench/heat-map.ts [people] [labs]`: the heat map of 1,000 × 32, from the rows to the page.
const people = Number(process.argv[2] ?? 1000);
const count = Number(process.argv[3] ?? 32);
const store = openStore(':memory:');
const catalogue = labsOf(count);
const labs = catalogue.labs.map(({ id, definition }) => ({ id, checks: Object.keys(definition.checks) }));
const { cohort } = generate(store, { people, labs, startBytes: 8000 });
const progress = new Progress({ store, catalogue, now: () => endOfEvent });
const group: Group = { cohort, of: 'people' };
const head: ProgressHead = { cohort, name: 'Generated', here: 'progress', search: '', groups: [] };
const { attempts, grades } = store.database
  .prepare('select (select count(*) from attempts) as attempts, (select count(*) from grades) as grades')
  .get() as { attempts: number; grades: number };
process.stdout.write(`${people} people, ${count} labs, ${attempts} attempts, ${grades} grades\n`);
const middle = (times: number[], share = 0.5): string =>
  `${[...times].sort((a, b) => a - b)[Math.floor(times.length * share)]!.toFixed(0)} ms`;
for (const size of [100, 1000]) {
  const computing: number[] = [];
  const rendering: number[] = [];
  const both: number[] = [];
  let bytes = 0;
  for (let run = 0; run < 25; run++) {
    const began = performance.now();
    const model = heatMapModel(progress, head, group, heatQuery.parse({ size }));
    const computed = performance.now();
    bytes = (await html('progress/heat-map', model)).length;
    const done = performance.now();
    if (run < 5) continue;
    computing.push(computed - began);
    rendering.push(done - computed);
    both.push(done - began);
  }
  process.stdout.write(
    `${size} rows a page: computed p50 ${middle(computing)}, rendered p50 ${middle(rendering)}, together p50 ${middle(both)}, p95 ${middle(both, 0.95)} (${(bytes / 1e6).toFixed(1)} MB)\n`,
  );
}
store.close();
