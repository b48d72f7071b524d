import { beforeEach, describe, expect, it } from 'vitest';
import { Cohorts } from '../../server/cohorts/cohorts.ts';
import { People, type Person } from '../../server/people/people.ts';
import { openStore, type Store } from '../../server/store/index.ts';
import type { Role } from '../../server/store/users.ts';

let store: Store;
let people: People;
let cohorts: Cohorts;
let ines: Person;
let ivan: Person;
let root: Person;
let ada: Person;
let ben: Person;
let spring: string;
let autumn: string;
let red: string;

const make = (email: string, role: Role = 'learner'): Person =>
  people.create('test', { email, name: email.split('@')[0]!, role, password: 'set' });

beforeEach(() => {
  store = openStore(':memory:');
  people = new People({ store, now: () => 1000 });
  cohorts = new Cohorts({ store, now: () => 1000 });
  [ines, ivan] = [make('ines@example.org', 'instructor'), make('ivan@example.org', 'instructor')];
  root = make('root@example.org', 'administrator');
  [ada, ben] = [make('ada@example.org'), make('ben@example.org')];
  spring = cohorts.make(ines, { name: 'Spring' }).id;
  autumn = cohorts.make(ivan, { name: 'Autumn' }).id;
  cohorts.addMember(ines, spring, 'ada@example.org');
  red = cohorts.teams.make(ines, spring, { name: 'Red' }).id;
  cohorts.teams.move(ines, spring, ada.id, red);
});

/** An entry of an assessment of the spring cohort. */
function entry(id: string, party: string): string {
  store.database
    .prepare(
      "insert into assessments (id, cohort, name, settings, state, created_at, created_by) values ('x1', ?, 'A', '{}', 'draft', 1, 'x') on conflict do nothing",
    )
    .run(spring);
  store.ensureLearner(id, 'entry', 1, 'entry');
  store.entries.insert({
    id,
    assessment: 'x1',
    party,
    dry_run: 0,
    seed: 's',
    drawn: '[]',
    started_at: 1,
    started_by: party,
    extra_ms: 0,
  });
  return id;
}

describe('who acts for whom', () => {
  it('is oneself, one’s team, one’s entry and the team’s', () => {
    const own = entry('e1', ada.id);
    const teams = entry('e2', red);
    for (const owner of [ada.id, red, own, teams]) {
      expect(people.actsFor(ada.id, owner), owner).toBe(true);
      for (const other of [ben, ines, root]) expect(people.actsFor(other.id, owner), owner).toBe(false);
    }
    expect(people.actsFor(ada.id, 'nobody')).toBe(false);
    cohorts.teams.leave(ada, red);
    expect([people.actsFor(ada.id, red), people.actsFor(ada.id, teams), people.actsFor(ada.id, own)]).toEqual([
      false,
      false,
      true,
    ]);
  });
});

describe('who may see what', () => {
  it('is an instructor in their own cohorts, an administrator everywhere', () => {
    const owners = [ada.id, red, entry('e1', ada.id), entry('e2', red)];
    for (const owner of owners) {
      expect(people.maySee(ines, owner), owner).toBe(true);
      expect(people.maySee(root, owner), owner).toBe(true);
      expect(people.maySee(ivan, owner), owner).toBe(false);
      expect(people.maySee(ben, owner), owner).toBe(false);
    }
    expect(people.maySee(ines, ben.id)).toBe(false);
    expect(people.maySee(root, 'nobody')).toBe(false);
  });

  it('ends with the role', () => {
    people.setRole(root.id, ines.id, 'learner');
    const demoted = people.get(ines.id);
    expect(people.maySee(demoted, ada.id)).toBe(false);
    expect(people.mayInstruct(demoted, spring)).toBe(false);
  });

  it('runs a cohort: its instructors and administrators', () => {
    expect([ines, ivan, root, ada].map((who) => people.mayInstruct(who, spring))).toEqual([true, false, true, false]);
    expect(people.mayInstruct(root, 'nowhere')).toBe(false);
  });
});

describe('who makes a reset link', () => {
  it('is the instructor of all cohorts of a learner, or an administrator', () => {
    expect(people.resetLink(ines, ada.id).expiresAt).toBe(1000 + 86_400_000);
    expect(() => people.resetLink(ivan, ada.id)).toThrow('There is no such person.');
    expect(() => people.resetLink(ines, ben.id)).toThrow('There is no such person.');
    cohorts.addMember(ivan, autumn, 'ada@example.org');
    // Taking somebody into one's cohort does not give their account away.
    expect(() => people.resetLink(ivan, ada.id)).toThrow('other instructors too');
    expect(people.resetLink(root, ada.id).secret).toHaveLength(43);
    people.setRole(root.id, ada.id, 'instructor');
    expect(() => people.resetLink(ines, ada.id)).toThrow('is no learner');
  });
});

describe('who is disabled', () => {
  it('acts for nobody any more, themselves included: their AWS credentials are refused with it', () => {
    const ada = people.create('test', { email: 'gone@example.org', name: 'Gone', role: 'learner' });
    expect(people.actsFor(ada.id, ada.id)).toBe(true);
    people.setDisabled(root.id, ada.id, true);
    expect(people.actsFor(ada.id, ada.id)).toBe(false);
    people.setDisabled(root.id, ada.id, false);
    expect(people.actsFor(ada.id, ada.id)).toBe(true);
  });
});

describe('the last administrator', () => {
  it('stays', async () => {
    expect(() => people.setRole(root.id, root.id, 'learner')).toThrow('cannot be demoted');
    expect(() => people.setDisabled(root.id, root.id, true)).toThrow('cannot be disabled');
    // Who never chose a password cannot administer.
    const next = people.create('test', { email: 'next@example.org', name: 'Next', role: 'administrator' });
    expect(() => people.setRole(root.id, root.id, 'learner')).toThrow('cannot be demoted');
    await people.resets.use(people.resetLink(root, next.id).secret, 'a few words in a row', {
      address: '',
      userAgent: '',
    });
    people.setRole(root.id, root.id, 'learner');
    expect(() => people.setDisabled(next.id, next.id, true)).toThrow('cannot be disabled');
  });
});

describe('going', () => {
  it('leaves a cohort and its team', () => {
    people.departures.leaveCohort(ada.id, spring);
    expect([people.actsFor(ada.id, red), people.maySee(ines, ada.id)]).toEqual([false, false]);
    expect(() => people.departures.leaveCohort(ada.id, spring)).toThrow('no such cohort');
  });
});
