import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { coveragePage } from '../../scripts/coverage-page.ts';
import { loadCatalogue, withoutDrafts } from '../../server/catalogue/catalogue.ts';
import { labSchema } from '../../server/catalogue/types.ts';
import { projectRoot } from '../../server/paths.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lambda-range-labs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const whole: Record<string, string> = {
  'lab.json': JSON.stringify({
    title: 'A lab of a test',
    summary: 'One lab, as small as one can be.',
    track: 'identity',
    order: 1,
    difficulty: 'starter',
    minutes: 10,
    version: 1,
    status: 'draft',
    skills: ['testing'],
    guide: ['validate'],
    controls: {},
    references: [],
  }),
  'README.md': '## Situation\n\nA.\n\n## Your task\n\nB.\n\n## What must keep working\n\nC.\n',
  'hints.md': '## 1\n\nLook.\n',
  'solution.md': 'Done.\n',
  'lab.ts': `export default {
    deploy: async () => {},
    exploit: async () => ({ passed: true, because: 'open' }),
    checks: {},
    map: { nodes: [], edges: [] },
  };`,
};

/** A lab folder: a whole lab with some files written otherwise, or not at all. */
function lab(id: string, changes: Record<string, string | undefined> = {}): void {
  mkdirSync(join(folder, id));
  for (const [name, text] of Object.entries({ ...whole, ...changes }))
    if (text !== undefined) writeFileSync(join(folder, id, name), text);
}

const json = (change: object): string => JSON.stringify({ ...JSON.parse(whole['lab.json']!), ...change });

const repository = loadCatalogue();

describe('the catalogue', () => {
  it('of the repository has no broken lab', async () => {
    const { labs, broken } = await repository;
    expect(broken).toEqual([]);
    expect(labs.length).toBeGreaterThan(0);
  });

  it('has a schema for editors that says what the server reads', () => {
    const written: unknown = JSON.parse(readFileSync(join(projectRoot, 'docs/lab.schema.json'), 'utf8'));
    expect(written, 'run npm run lab:schema').toEqual(labSchema());
  });

  it('has prerequisites that are labs, each before the lab that asks for it', async () => {
    const { labs } = await repository;
    const order = labs.map(({ id }) => id);
    for (const { id, metadata } of labs)
      for (const before of metadata.prerequisites) {
        expect(order, `${id} asks for ${before}`).toContain(before);
        // Being earlier in one order, for all of them, is having no cycle.
        expect(order.indexOf(before), `${id} comes before ${before}`).toBeLessThan(order.indexOf(id));
      }
  });

  it('covers the guide, and the page in the docs says how', async () => {
    const { labs } = await repository;
    expect(readFileSync(join(projectRoot, 'docs/coverage.md'), 'utf8'), 'run npm run lab:coverage').toBe(
      coveragePage(labs),
    );
  });

  it('takes labs of other folders, which import the kit by its name, and no second lab of one name', async () => {
    const kit = "import { allow, defineLab, policy } from 'lambda-range/kit';";
    const more = join(folder, 'more');
    mkdirSync(more);
    lab('inside');
    lab('more/outside', {
      'lab.ts': `${kit}\nimport { IAMClient } from '@aws-sdk/client-iam';\nexport default defineLab({ deploy: async () => void IAMClient, exploit: async () => ({ passed: true, because: policy(allow('s3:*', '*')) }), checks: {}, map: { nodes: [], edges: [] } });`,
    });
    lab('more/inside');
    lab('more/nosy', { 'lab.ts': "import { readFileSync } from 'fs-extra';\nexport default readFileSync;" });
    const { labs, broken } = await loadCatalogue([more], folder);
    expect(labs.map(({ id }) => id).sort()).toEqual(['inside', 'outside']);
    const outside = labs.find(({ id }) => id === 'outside')!;
    expect(JSON.parse((await outside.definition.exploit(undefined as never)).because)).toMatchObject({
      Statement: [{ Action: 's3:*' }],
    });
    expect(broken).toEqual([
      { id: 'inside', problem: expect.stringContaining('another folder has a lab of this name') },
      { id: 'nosy', problem: expect.stringContaining('not fs-extra') },
    ]);
  });

  it('offers no draft', async () => {
    lab('finished', { 'lab.json': json({ status: 'active' }) });
    lab('half-done');
    const everything = await loadCatalogue([], folder);
    expect(everything.labs.map(({ id }) => id)).toEqual(['finished', 'half-done']);
    const offered = withoutDrafts(everything);
    expect(offered.labs.map(({ id }) => id)).toEqual(['finished']);
    expect(offered.find('half-done')).toBeUndefined();
  });

  it('reads labs in the order of tracks, and folders without a lab not at all', async () => {
    lab('second', { 'lab.json': json({ order: 2 }) });
    lab('last', { 'lab.json': json({ track: 'logging' }) });
    lab('first');
    mkdirSync(join(folder, 'notes'));
    const { labs, broken, find } = await loadCatalogue([], folder);
    expect(broken).toEqual([]);
    expect(labs.map(({ id }) => id)).toEqual(['first', 'second', 'last']);
    expect(find('first')).toBe(labs[0]);
    expect(labs[0]).toMatchObject({
      metadata: { title: 'A lab of a test', hintCost: 5 },
      texts: { situation: 'A.', task: 'B.', mustKeepWorking: 'C.', hints: ['Look.'], solution: 'Done.\n' },
    });
  });

  it.each<[string, Record<string, string | undefined>, RegExp]>([
    ['lab.json that is no JSON', { 'lab.json': '{' }, /^labs\/half\/lab\.json: .*JSON/],
    ['a misspelt member', { 'lab.json': json({ titel: 'x' }) }, /^labs\/half\/lab\.json: .*titel/],
    ['a track that is none', { 'lab.json': json({ track: 'x' }) }, /^labs\/half\/lab\.json: track: /],
    [
      'an identifier that no catalogue has',
      { 'lab.json': json({ controls: { cwe: ['CWE-79', 'CWE-99999'] } }) },
      /^labs\/half\/lab\.json: controls\.cwe\.1: CWE-99999 is not in cwe 4\.14 /,
    ],
    ['no lab.json yet', { 'lab.json': undefined }, /^labs\/half\/lab\.json: ENOENT/],
    [
      'a section missing',
      { 'README.md': '## Situation\n\nA.\n\n## Your task\n\nB.\n' },
      /^labs\/half\/README\.md has no section "## What must keep working"$/,
    ],
    ['no hints yet', { 'hints.md': undefined }, /ENOENT.*hints\.md/],
    ['code that throws', { 'lab.ts': "throw new Error('half written');" }, /^labs\/half\/lab\.ts: half written$/],
    ['code that cannot be read', { 'lab.ts': 'export default {' }, /^labs\/half\/lab\.ts: ./],
    ['no code yet', { 'lab.ts': undefined }, /^labs\/half\/lab\.ts: ./],
    [
      'an export that is no lab',
      { 'lab.ts': 'export const lab = 1;' },
      /^labs\/half\/lab\.ts: its default export is not made by defineLab$/,
    ],
  ])('leaves out a folder with %s, and says why', async (_name, changes, problem) => {
    lab('whole');
    lab('half', changes);
    const { labs, broken, find } = await loadCatalogue([], folder);
    expect(labs.map(({ id }) => id)).toEqual(['whole']);
    expect(find('half')).toBeUndefined();
    expect(broken).toEqual([{ id: 'half', problem: expect.stringMatching(problem) }]);
  });
});
