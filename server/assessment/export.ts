import type { Assessment, LabChoice } from './desk.ts';
import { labsOf } from './drafts.ts';
import type { Result } from './results.ts';

/** Results as rows for a table: one an entry, three columns a lab. */
export function resultRows(
  assessment: Assessment,
  results: readonly (Result & { rank: number | undefined })[],
  labs: readonly LabChoice[],
): (string | number)[][] {
  const titles = new Map(labs.map(({ id, title }) => [id, title]));
  const columns = labsOf(assessment.settings);
  const head = [
    'rank',
    'name',
    'bracket',
    'points',
    'labs solved',
    'minutes to last improvement',
    'started',
    'finished',
    'voided',
  ];
  const perLab = columns.flatMap((lab) =>
    ['points', 'tries', 'solved'].map((what) => `${titles.get(lab) ?? lab}: ${what}`),
  );
  return [
    [...head, ...perLab, 'adjustments'],
    ...results.map((result) => [
      result.rank ?? '',
      result.name,
      result.bracket ?? '',
      result.points,
      result.solved,
      Math.round(result.elapsedMs / 6000) / 10,
      new Date(result.startedAt).toISOString(),
      result.finishedAt === undefined ? '' : new Date(result.finishedAt).toISOString(),
      result.voided ?? '',
      ...columns.flatMap((lab) => {
        const score = result.labs.find((each) => each.lab === lab);
        return score ? [score.points, score.tries, score.solved ? 'yes' : 'no'] : ['', '', ''];
      }),
      result.adjustments.map(({ points, reason }) => `${points > 0 ? '+' : ''}${points}: ${reason}`).join('; '),
    ]),
  ];
}
