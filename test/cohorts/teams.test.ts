import { beforeEach, describe, expect, it } from 'vitest';
import { Cohorts } from '../../server/cohorts/cohorts.ts';
import { newJoinCode } from '../../server/cohorts/join-codes.ts';
import type { Actor } from '../../server/cohorts/rights.ts';
import type { TeamView } from '../../server/cohorts/types.ts';
import { openStore, type Store } from '../../server/store/index.ts';
import { audited, person } from './people.ts';

let store: Store;
let cohorts: Cohorts;
let ines: Actor;
let ivan: Actor;
let ada: Actor;
let ben: Actor;
let cem: Actor;
let eve: Actor;
let cohort: string;
let red: TeamView;

beforeEach(() => {
  store = openStore(':memory:');
  let at = 1000;
  cohorts = new Cohorts({ store, now: () => ++at });
  ines = person(store, 'Ines', 'instructor');
  ivan = person(store, 'Ivan', 'instructor');
  cohort = cohorts.make(ines, { name: 'Spring' }).id;
  [ada, ben, cem] = ['Ada', 'Ben', 'Cem'].map((name) => {
    const member = person(store, name);
    cohorts.addMember(ines, cohort, member.email);
    return member;
  }) as unknown as [Actor, Actor, Actor];
  eve = person(store, 'Eve');
  red = cohorts.teams.make(ines, cohort, { name: 'Red', seats: 2 });
});

const status = (act: () => unknown): number => {
  try {
    act();
  } catch (error) {
    return (error as { status?: number }).status ?? -1;
  }
  return 200;
};
const members = (team: string): string[] => cohorts.teams.view(ines, team).members.map(({ name }) => name);

describe('a team', () => {
  it('is the owner of attempts, by the same id and name', () => {
    const learner = store.database.prepare('select kind, name from learners where id = ?');
    expect(learner.get(red.id)).toEqual({ kind: 'team', name: 'Red' });
    cohorts.teams.edit(ines, red.id, { name: 'Crimson', seats: 2, bracket: 'Students', version: red.version });
    expect(learner.get(red.id)).toEqual({ kind: 'team', name: 'Crimson' });
    expect(cohorts.teams.nameOf(red.id)).toBe('Crimson');
    expect(cohorts.teams.nameOf(ada.id)).toBeUndefined();
  });

  it('has a name of its own in the cohort, also when it only reads alike', () => {
    for (const name of ['Red', 'red', ' RED ', 'Ｒｅｄ'])
      expect(
        status(() => cohorts.teams.make(ines, cohort, { name })),
        name,
      ).toBe(409);
    const other = cohorts.make(ines, { name: 'Autumn' });
    expect(cohorts.teams.make(ines, other.id, { name: 'Red' }).seats).toBe(5);
  });

  it('has 1 to 20 seats, and not fewer than are taken', () => {
    for (const seats of [0, -1, 21, 1.5, Number.NaN, 1e9])
      expect(
        status(() => cohorts.teams.make(ines, cohort, { name: `T${seats}`, seats })),
        String(seats),
      ).toBe(400);
    cohorts.teams.move(ines, cohort, ada.id, red.id);
    cohorts.teams.move(ines, cohort, ben.id, red.id);
    expect(
      status(() => cohorts.teams.edit(ines, red.id, { name: 'Red', seats: 1, bracket: undefined, version: 1 })),
    ).toBe(409);
  });

  it('tells the later of two edits, with both texts', () => {
    const edit = { name: 'Red', seats: 3, bracket: undefined, version: 1 };
    cohorts.teams.edit(ines, red.id, edit);
    expect(() => cohorts.teams.edit(ines, red.id, { ...edit, name: 'Rouge', seats: 4 })).toThrow(/"Rouge".*"Red"/);
    expect(cohorts.teams.view(ines, red.id)).toMatchObject({ name: 'Red', seats: 3, version: 2 });
  });

  it('is seen by its members and its instructors alone', () => {
    cohorts.teams.join(ada, red.joinCode);
    expect(cohorts.teams.view(ada, red.id)).toMatchObject({ mine: true, cohortName: 'Spring' });
    expect(cohorts.teams.view(ines, red.id)).toMatchObject({ mine: false });
    for (const other of [ben, eve, ivan]) {
      expect(status(() => cohorts.teams.view(other, red.id))).toBe(404);
      expect(status(() => cohorts.teams.rotate(other, red.id))).toBe(404);
      expect(status(() => cohorts.teams.leave(other, red.id))).toBe(404);
    }
    expect(
      status(() => cohorts.teams.edit(ada, red.id, { name: 'Mine', seats: 9, bracket: undefined, version: 1 })),
    ).toBe(403);
    expect(status(() => cohorts.teams.leave(ines, red.id))).toBe(409);
  });
});

describe('a join code', () => {
  it('has 8 characters that are not mistaken for one another', () => {
    for (let count = 0; count < 200; count++) expect(newJoinCode()).toMatch(/^[2-9A-HJKMNP-TW-Z]{8}$/);
    expect(red.joinCode).toMatch(/^.{4}-.{4}$/);
  });

  it('opens its team however it was typed, and once more to who is in it', () => {
    expect(cohorts.teams.join(ada, ` ${red.joinCode.toLowerCase()} `).id).toBe(red.id);
    expect(cohorts.teams.join(ada, cohorts.teams.view(ada, red.id).joinCode).id).toBe(red.id);
    expect(members(red.id)).toEqual(['Ada']);
    expect(audited(store).filter(({ event }) => event === 'team-joined')).toHaveLength(1);
  });

  it('says the same to an outsider as a code that is not there', () => {
    const told = (code: string): string => {
      try {
        cohorts.teams.join(eve, code);
      } catch (error) {
        return `${(error as { status: number }).status} ${(error as Error).message}`.replace(/"[^"]*"/, '"…"');
      }
      return '';
    };
    expect(told(red.joinCode)).toBe(told('AAAA-AAAA'));
    expect(told(red.joinCode)).toMatch(/^404/);
    expect(status(() => cohorts.teams.join(ines, red.joinCode))).toBe(404);
    for (const odd of ['', '\0', '%', "' or 1=1 --", 'x'.repeat(10_000)]) expect(told(odd)).toMatch(/^404/);
  });

  it('is another one after a rotation, and after it let in as many as there are seats', () => {
    const rotated = cohorts.teams.rotate(ines, red.id).joinCode;
    expect(rotated).not.toBe(red.joinCode);
    expect(status(() => cohorts.teams.join(ada, red.joinCode))).toBe(404);
    cohorts.teams.join(ada, rotated);
    cohorts.teams.leave(ada, red.id);
    cohorts.teams.join(ben, rotated);
    expect(status(() => cohorts.teams.join(cem, rotated))).toBe(404);
    expect(cohorts.teams.join(cem, cohorts.teams.view(ines, red.id).joinCode).members).toHaveLength(2);
  });

  it('may be rotated by a member', () => {
    cohorts.teams.join(ada, red.joinCode);
    expect(cohorts.teams.rotate(ada, red.id).joinCode).not.toBe(red.joinCode);
  });
});

describe('one seat', () => {
  it('is for one person: the last one goes to the first who comes', () => {
    cohorts.teams.join(ada, red.joinCode);
    const outcomes = [ben, cem].map((who) => status(() => cohorts.teams.join(who, red.joinCode)));
    // The code that filled the team is replaced, so that the second is told of no such code.
    expect(outcomes).toEqual([200, 404]);
    expect(status(() => cohorts.teams.join(cem, cohorts.teams.view(ines, red.id).joinCode))).toBe(409);
    expect(members(red.id)).toEqual(['Ada', 'Ben']);
    expect(status(() => cohorts.teams.move(ines, cohort, cem.id, red.id))).toBe(409);
  });

  it('leaves nothing of a join that failed', () => {
    cohorts.teams.join(ada, red.joinCode);
    cohorts.teams.move(ines, cohort, ben.id, red.id);
    const before = audited(store).length;
    expect(status(() => cohorts.teams.join(cem, cohorts.teams.view(ines, red.id).joinCode))).toBe(409);
    expect(audited(store)).toHaveLength(before);
    expect(store.teams.find(red.id)?.code_uses).toBe(1);
  });

  it('and one team a person in a cohort', () => {
    const blue = cohorts.teams.make(ines, cohort, { name: 'Blue' });
    cohorts.teams.join(ada, red.joinCode);
    expect(status(() => cohorts.teams.join(ada, blue.joinCode))).toBe(409);
    cohorts.teams.leave(ada, red.id);
    cohorts.teams.join(ada, blue.joinCode);
    expect(cohorts.teams.of(ada.id).map(({ name }) => name)).toEqual(['Blue']);
  });
});

describe('an instructor moves', () => {
  it('members between teams of the cohort, and out of them', () => {
    const left: string[] = [];
    cohorts.onLeft((who) => left.push(who));
    const blue = cohorts.teams.make(ines, cohort, { name: 'Blue' });
    cohorts.teams.move(ines, cohort, ada.id, red.id);
    cohorts.teams.move(ines, cohort, ada.id, blue.id);
    expect([members(red.id), members(blue.id)]).toEqual([[], ['Ada']]);
    cohorts.teams.move(ines, cohort, ada.id, undefined);
    cohorts.teams.move(ines, cohort, ada.id, undefined);
    expect(left).toEqual([ada.id, ada.id]);
    expect(audited(store).filter(({ event }) => event === 'member-moved')).toHaveLength(3);
  });

  it('nobody of another cohort, and into no team of another one', () => {
    const autumn = cohorts.make(ivan, { name: 'Autumn' });
    const theirs = cohorts.teams.make(ivan, autumn.id, { name: 'Gold' });
    expect(status(() => cohorts.teams.move(ines, cohort, eve.id, red.id))).toBe(404);
    expect(status(() => cohorts.teams.move(ines, cohort, ada.id, theirs.id))).toBe(404);
    expect(status(() => cohorts.teams.move(ivan, cohort, ada.id, red.id))).toBe(404);
    expect(
      status(() => cohorts.teams.edit(ivan, red.id, { name: 'X', seats: 5, bracket: undefined, version: 1 })),
    ).toBe(404);
  });
});
