import { beforeEach, describe, expect, it } from 'vitest';
import { Cohorts } from '../../server/cohorts/cohorts.ts';
import { EditConflict } from '../../server/cohorts/edit-conflict.ts';
import type { Actor } from '../../server/cohorts/rights.ts';
import { openStore, type Store } from '../../server/store/index.ts';
import { audited, person } from './people.ts';

type Someone = Actor & { email: string };

let store: Store;
let cohorts: Cohorts;
let ines: Someone;
let ivan: Someone;
let root: Someone;
let ada: Someone;
let ben: Someone;

beforeEach(() => {
  store = openStore(':memory:');
  let at = 1000;
  cohorts = new Cohorts({ store, now: () => ++at });
  ines = person(store, 'Ines', 'instructor');
  ivan = person(store, 'Ivan', 'instructor');
  root = person(store, 'Root', 'administrator');
  ada = person(store, 'Ada');
  ben = person(store, 'Ben');
});

const status = (act: () => unknown): number => {
  try {
    act();
  } catch (error) {
    return (error as { status?: number }).status ?? -1;
  }
  return 200;
};

describe('a cohort', () => {
  it('is made by an instructor, who becomes its first one', () => {
    const cohort = cohorts.make(ines, { name: '  Spring  ' });
    expect(cohort).toMatchObject({ name: 'Spring', version: 1, members: [], teams: [] });
    expect(cohort.instructors.map(({ id }) => id)).toEqual([ines.id]);
    expect(status(() => cohorts.make(ada, { name: 'Mine' }))).toBe(403);
    expect(audited(store)).toMatchObject([{ actor: ines.id, event: 'cohort-made', details: { cohort: cohort.id } }]);
  });

  it('is there for its instructors and for administrators alone', () => {
    const { id } = cohorts.make(ines, { name: 'Spring' });
    cohorts.addMember(ines, id, ada.email);
    expect(cohorts.view(root, id).name).toBe('Spring');
    for (const other of [ivan, ada, ben]) {
      expect(status(() => cohorts.view(other, id))).toBe(404);
      expect(status(() => cohorts.rename(other, id, { name: 'X', version: 1 }))).toBe(404);
      expect(status(() => cohorts.archive(other, id))).toBe(404);
      expect(status(() => cohorts.addMember(other, id, ben.email))).toBe(404);
      expect(status(() => cohorts.removeMember(other, id, ada.id))).toBe(404);
      expect(status(() => cohorts.addInstructor(other, id, ivan.email))).toBe(404);
      expect(status(() => cohorts.removeInstructor(other, id, ines.id))).toBe(404);
      expect(status(() => cohorts.teams.make(other, id, { name: 'T' }))).toBe(404);
      expect(status(() => cohorts.teams.move(other, id, ada.id, undefined))).toBe(404);
      expect(cohorts.list(other)).toEqual([]);
    }
    expect(cohorts.list(ines)).toMatchObject([{ id, members: 1, teams: 0 }]);
    expect(cohorts.list(root)).toHaveLength(1);
  });

  it('a learner who was an instructor before manages nothing', () => {
    const { id } = cohorts.make(ines, { name: 'Spring' });
    expect(status(() => cohorts.view({ ...ines, role: 'learner' }, id))).toBe(404);
    expect(cohorts.list({ ...ines, role: 'learner' })).toEqual([]);
  });

  it('tells the later of two edits what is stored, and loses neither text', () => {
    const { id, version } = cohorts.make(ines, { name: 'Spring' });
    cohorts.addInstructor(ines, id, ivan.email);
    cohorts.rename(ivan, id, { name: 'Spring 2027', version });
    const conflict = (): unknown => cohorts.rename(ines, id, { name: 'Spring term', version });
    expect(conflict).toThrow(EditConflict);
    try {
      conflict();
    } catch (error) {
      expect(error).toMatchObject({
        status: 409,
        own: { name: 'Spring term' },
        stored: { name: 'Spring 2027', version: 2 },
      });
      expect(String(error)).toMatch(/Spring term.*Spring 2027/);
    }
    expect(cohorts.view(ines, id).name).toBe('Spring 2027');
    expect(cohorts.rename(ines, id, { name: 'Spring term', version: 2 })).toMatchObject({
      name: 'Spring term',
      version: 3,
    });
    // The same text twice is one edit: a form that was sent twice is no conflict.
    expect(cohorts.rename(ines, id, { name: 'Spring term', version: 2 }).version).toBe(3);
  });

  it('keeps its last instructor', () => {
    const { id } = cohorts.make(ines, { name: 'Spring' });
    expect(status(() => cohorts.removeInstructor(ines, id, ines.id))).toBe(409);
    expect(status(() => cohorts.addInstructor(ines, id, ada.email))).toBe(409);
    cohorts.addInstructor(ines, id, ivan.email);
    cohorts.removeInstructor(ines, id, ines.id);
    expect(status(() => cohorts.view(ines, id))).toBe(404);
    expect(status(() => cohorts.removeInstructor(ivan, id, ivan.id))).toBe(409);
    expect(status(() => cohorts.removeInstructor(ivan, id, ines.id))).toBe(404);
  });

  it('takes members by e-mail in any case, once', () => {
    const { id } = cohorts.make(ines, { name: 'Spring' });
    cohorts.addMember(ines, id, ' ADA@example.org ');
    cohorts.addMember(ines, id, ada.email);
    expect(cohorts.view(ines, id).members).toMatchObject([{ id: ada.id, name: 'Ada', team: undefined }]);
    expect(status(() => cohorts.addMember(ines, id, 'nobody@example.org'))).toBe(404);
    expect(audited(store).filter(({ event }) => event === 'member-added')).toHaveLength(1);
  });

  it('takes a removed member out of the team too, and says that they left', () => {
    const left: string[] = [];
    cohorts.onLeft((who) => left.push(who));
    const { id } = cohorts.make(ines, { name: 'Spring' });
    cohorts.addMember(ines, id, ada.email);
    const team = cohorts.teams.make(ines, id, { name: 'Red' });
    cohorts.teams.move(ines, id, ada.id, team.id);
    expect(cohorts.memberships(ada.id)).toEqual([
      { cohort: { id, name: 'Spring', archived: false }, team: { id: team.id, name: 'Red' } },
    ]);
    cohorts.removeMember(ines, id, ada.id);
    expect(cohorts.teams.of(ada.id)).toEqual([]);
    expect(left).toEqual([ada.id]);
    expect(status(() => cohorts.removeMember(ines, id, ada.id))).toBe(404);
  });

  it('stays as it is while it is archived', () => {
    const { id } = cohorts.make(ines, { name: 'Spring' });
    cohorts.addMember(ines, id, ada.email);
    const team = cohorts.teams.make(ines, id, { name: 'Red' });
    cohorts.teams.join(ada, team.joinCode);
    expect(cohorts.archive(ines, id).archivedAt).toBeGreaterThan(0);
    for (const act of [
      () => cohorts.addMember(ines, id, ben.email),
      () => cohorts.removeMember(ines, id, ada.id),
      () => cohorts.teams.make(ines, id, { name: 'Blue' }),
      () => cohorts.teams.leave(ada, team.id),
      () => cohorts.teams.move(ines, id, ada.id, undefined),
      () => cohorts.teams.edit(ines, team.id, { name: 'Blue', seats: 5, bracket: undefined, version: 1 }),
    ])
      expect(status(act)).toBe(409);
    expect(cohorts.archive(ines, id, false).archivedAt).toBeUndefined();
    cohorts.addMember(ines, id, ben.email);
  });
});

describe('names', () => {
  it.each([
    ['nothing', ''],
    ['spaces', '  \u00a0 '],
    ['what cannot be seen', '\u200b\u200d'],
    ['101 characters', 'x'.repeat(101)],
    ['10,000 characters', '😀'.repeat(5000)],
    ['a null byte', 'a\0b'],
    ['a line break', 'a\nb'],
    ['a mark of direction', 'evil \u202etxt.exe'],
    ['an isolate', '\u2066x\u2069'],
    ['half a character', 'a\ud800'],
  ])('are refused where they are %s', (_what, name) => {
    expect(status(() => cohorts.make(ines, { name }))).toBe(400);
    const { id } = cohorts.make(ines, { name: 'Spring' });
    expect(status(() => cohorts.teams.make(ines, id, { name }))).toBe(400);
    expect(status(() => cohorts.rename(ines, id, { name, version: 1 }))).toBe(400);
  });

  it.each([
    '<script>alert(1)</script>',
    '😀'.repeat(100),
    'שלום',
    "Robert'); drop table cohorts;--",
    '${7*7}',
    '__proto__',
  ])('are kept as they were typed: %s', (name) => {
    const { id } = cohorts.make(ines, { name });
    expect(cohorts.view(ines, id).name).toBe(name);
    expect(cohorts.teams.make(ines, id, { name }).name).toBe(name);
  });
});
