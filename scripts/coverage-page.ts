import type { Lab } from '../server/catalogue/catalogue.ts';
import { guideSentences } from '../server/catalogue/types.ts';

/** `docs/coverage.md`: what the guide says × the labs about it × the controls that they show. */
export function coveragePage(all: readonly Lab[]): string {
  const labs = all.filter(({ metadata }) => metadata.status === 'active');
  const rows = guideSentences.map(({ id, section, says, planned, page }) => {
    const about = labs.filter(({ metadata }) => metadata.guide.includes(id));
    const controls = new Set(about.flatMap(({ metadata }) => Object.values(metadata.controls).flat()));
    const where = about.map((lab) => lab.id).join(', ') || page || (planned ? 'planned' : 'no lab yet');
    return `| ${section} | ${says} | ${where} | ${[...controls].join(', ')} |`;
  });
  const list = labs.map(
    ({ id, metadata: { track, difficulty, minutes, summary } }) =>
      `| \`${id}\` | ${track} | ${difficulty} | ${minutes} | ${summary} |`,
  );
  return `# What the labs cover

Generated from the labs by \`npm run lab:coverage\`. The sentences are ours; what they say is the guide's that the curriculum
follows.

| section | what it says | labs | controls |
|---|---|---|---|
${rows.join('\n')}

## The labs

| lab | track | difficulty | minutes | what it is |
|---|---|---|---|---|
${list.join('\n')}
`;
}
