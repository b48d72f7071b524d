import { Progress } from '../../server/progress/progress.ts';
import { openStore } from '../../server/store/index.ts';
import type { Group } from '../../server/store/progress-rows.ts';
import type { ProgressHead } from '../../server/web/models/progress.ts';
import { heatMapModel, heatQuery } from '../../server/web/pages/progress/heat-map.ts';
import { html } from '../../server/web/render.ts';
import { bigEvent } from '../../test/assessment/big-event.ts';
import { endOfEvent, generate, labsOf } from '../../test/progress/generated.ts';
import { type Figure, figure, time } from '../measure.ts';

const runs = 50;

/** The heat map of 1,000 people × 32 labs, from the rows to the page: all on one page, and the usual page of 100. */
export async function heatMaps(): Promise<Figure[]> {
  const store = openStore(':memory:');
  const catalogue = labsOf(32);
  const labs = catalogue.labs.map(({ id, definition }) => ({ id, checks: Object.keys(definition.checks) }));
  const { cohort } = generate(store, { people: 1000, labs, startBytes: 8000 });
  const progress = new Progress({ store, catalogue, now: () => endOfEvent });
  const group: Group = { cohort, of: 'people' };
  const head: ProgressHead = { cohort, name: 'Generated', here: 'progress', search: '', groups: [] };
  const figures: Figure[] = [];
  for (const size of [1000, 100]) {
    const samples = await time(
      runs,
      () => html('progress/heat-map', heatMapModel(progress, head, group, heatQuery.parse({ size }))),
      { warmUp: 5 },
    );
    figures.push(figure(`heat map of 1,000 × 32, ${size} rows a page`, '≤ 200 ms', samples));
  }
  store.close();
  return figures;
}

/** The scoreboard of 500 teams with 15,000 grades: computed anew, as after each grade, and as it is asked for between. */
export async function scoreboards(): Promise<Figure[]> {
  const { board, change, close } = bigEvent(500);
  const anew = await time(runs, async () => board(), { before: async () => change(), warmUp: 5 });
  const again = await time(runs, async () => board());
  close();
  return [
    figure('scoreboard of 500 teams, after a grade', '≤ 100 ms', anew),
    figure('scoreboard of 500 teams, nothing new', '≤ 100 ms', again),
  ];
}
