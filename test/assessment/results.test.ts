import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bigEvent } from './big-event.ts';
import { ann, ben, eve, hour, ivy, minute, onPaper, opening, other, type Paper, team } from './kit.ts';

let paper: Paper;
beforeEach(() => (paper = onPaper()));
afterEach(() => paper.store.close());

const audit = (): string[] =>
  paper.store.database.prepare('select event from audit order by seq').pluck().all() as string[];

describe('control', () => {
  it('pauses and extends one or all', () => {
    const { control, sittings, desk } = paper.assessments;
    const { id } = paper.published({ minutes: 60 });
    paper.now.at = opening;
    const [a, b] = [sittings.begin(ann, id, true), sittings.begin(ben, id, true)];
    const ends = () => [a, b].map((entry) => (desk.standing(desk.find(id)!, entry).endsAt - opening) / minute);
    control.pause(ivy, id, a.id);
    expect(() => control.pause(ivy, id, a.id)).toThrow(/paused already/);
    paper.now.at += 5 * minute;
    control.resume(ivy, id, a.id);
    expect(ends()).toEqual([65, 60]);
    control.extend(ivy, id, null, 10 * minute, 'fire alarm');
    control.extend(ivy, id, b.id, 3 * minute, 'a question');
    expect(ends()).toEqual([75, 73]);
    expect(() => control.extend(ivy, id, null, -1, 'no')).toThrow(/more than 0/);
    expect(() => control.pause(other, id, null)).toThrow(/There is no assessment/);
    expect(() => control.pause(ivy, id, 'e-of-others')).toThrow(/There is no entry/);
    expect(() => control.resume(ivy, id, null)).toThrow(/not paused/);
  });

  it('gives extra time to people, before and while; a team has the most of its members’', () => {
    const { control, sittings, desk } = paper.assessments;
    const { id } = paper.published({ minutes: 60, party: 'team' });
    control.setExtra(ivy, id, 'ann', 10 * minute);
    control.setExtra(ivy, id, 'ben', 20 * minute);
    paper.now.at = opening;
    const entry = sittings.begin(ann, id, true);
    const left = () => desk.standing(desk.find(id)!, paper.store.entries.find(entry.id)!).leftMs / minute;
    expect(left()).toBe(80);
    control.setExtra(ivy, id, 'ann', 30 * minute);
    expect(left()).toBe(90);
    expect(() => control.setExtra(ivy, id, 'eve', minute)).toThrow(/no member/);
  });

  it('announces', () => {
    const { id } = paper.published();
    const heard: string[] = [];
    paper.assessments.desk.subscribe(id, (event) => heard.push(event));
    paper.assessments.control.announce(ivy, id, 'Lunch at noon');
    expect(paper.assessments.overview.sitting(ann, id).announcements.map(({ text }) => text)).toEqual([
      'Lunch at noon',
    ]);
    expect(heard).toEqual(['announcement']);
  });
});

describe('results', () => {
  it('are reviewed, adjusted, voided and released, with everything in the audit trail', () => {
    const { results, sittings, drafts } = paper.assessments;
    const { id } = paper.published({ labs: [{ lab: 'lab-a', weight: 2 }] });
    paper.now.at = opening;
    const [a, b] = [sittings.begin(ann, id, true), sittings.begin(ben, id, true)];
    paper.grade(a.id, 'lab-a', 60, { at: opening + minute });
    paper.grade(b.id, 'lab-a', 50, { at: opening + 2 * minute, actor: 'ben' });
    const table = () => results.review(ivy, id).results.map(({ rank, name, points }) => [rank, name, points]);
    expect(table()).toEqual([
      [1, 'Ann', 120],
      [2, 'Ben', 100],
    ]);
    results.adjust(ivy, id, b.id, 'lab-a', 30, 'the check was wrong');
    expect(table()).toEqual([
      [1, 'Ben', 130],
      [2, 'Ann', 120],
    ]);
    results.void(ivy, id, b.id, 'two people');
    expect(table()).toEqual([
      [1, 'Ann', 120],
      [undefined, 'Ben', 130],
    ]);
    expect(() => results.adjust(ivy, id, a.id, 'lab-b', 5, 'no')).toThrow(/lab: is not one/);
    expect(() => results.adjust(other, id, a.id, null, 5, 'no')).toThrow(/There is no assessment/);
    for (const { id: entry } of [a, b]) {
      paper.store.entries.finish(entry, opening + hour, 'time');
      paper.store.entries.settle(entry, opening + hour);
    }
    drafts.release(ivy, id, 2);
    expect(() => drafts.release(ivy, id, 3)).toThrow(/released already/);
    expect(audit()).toEqual(expect.arrayContaining(['adjusted', 'entry-voided', 'results-released']));
  });
});

describe('the scoreboard', () => {
  it('freezes: what was stored later is seen by organisers alone, until it is over', () => {
    const { sittings, scoreboard } = paper.assessments;
    const { id } = paper.published({ scoreboard: { on: true, freeze: 30, brackets: false, anonymous: false } });
    paper.now.at = opening;
    const [a, b] = [sittings.begin(ann, id, true), sittings.begin(ben, id, true)];
    paper.grade(a.id, 'lab-a', 40, { at: opening + hour });
    paper.now.at = opening + 2.75 * hour;
    paper.grade(b.id, 'lab-a', 90, { actor: 'ben' });
    const names = (actor: typeof ann | typeof ivy, view: 'live' | 'public') =>
      scoreboard.board(actor, id, view).rows.map(({ name, points }) => `${name} ${points}`);
    paper.now.at++;
    expect(names(ann, 'live')).toEqual(['Ann 40', 'Ben 0']);
    expect(names(ivy, 'public')).toEqual(['Ann 40', 'Ben 0']);
    expect(names(ivy, 'live')).toEqual(['Ben 90', 'Ann 40']);
    expect(scoreboard.board(ann, id, 'live').frozenAt).toBe(opening + 2.5 * hour);
    paper.now.at = opening + 3 * hour;
    expect(names(ann, 'live')).toEqual(['Ann 40', 'Ben 0']);
    for (const { id: entry } of [a, b]) {
      paper.store.entries.finish(entry, paper.now.at, 'time');
      paper.store.entries.settle(entry, paper.now.at);
    }
    expect(names(ann, 'live')).toEqual(['Ben 90', 'Ann 40']);
  });

  it('hides names, or itself, where the organiser wants it', () => {
    const { sittings, scoreboard } = paper.assessments;
    const hidden = paper.published({ scoreboard: { on: false, freeze: 0, brackets: false, anonymous: false } });
    expect(() => scoreboard.board(ann, hidden.id, 'live')).toThrow(/no scoreboard/);
    expect(scoreboard.board(ivy, hidden.id, 'live').rows).toEqual([]);
    const later = paper.published({
      show: { scores: 'during', messages: 'during', ranks: 'after-release', solutions: 'never' },
    });
    expect(() => scoreboard.board(ann, later.id, 'live')).toThrow(/not shown now/);
    const masked = paper.published({ scoreboard: { on: true, freeze: 0, brackets: false, anonymous: true } });
    paper.now.at = opening;
    sittings.begin(ann, masked.id, true);
    sittings.begin(ben, masked.id, true);
    const rows = scoreboard.board(ann, masked.id, 'live').rows;
    expect(rows.find(({ own }) => own)?.name).toBe('Ann');
    expect(rows.find(({ own }) => !own)?.name).toMatch(/^Entry [0-9A-F]{5}$/);
    expect(
      scoreboard
        .board(ivy, masked.id, 'live')
        .rows.map(({ name }) => name)
        .sort(),
    ).toEqual(['Ann', 'Ben']);
  });

  it('has brackets', () => {
    const { sittings, scoreboard } = paper.assessments;
    paper.store.database.exec("insert into cohort_members (cohort, user, joined_at) values ('c1', 'eve', 1)");
    team(paper.store, 'blue', 'Blue', ['eve'], 'Students');
    const { id } = paper.published({
      party: 'team',
      scoreboard: { on: true, freeze: 0, brackets: true, anonymous: false },
    });
    paper.now.at = opening;
    sittings.begin(ann, id, true);
    sittings.begin(eve, id, true);
    const board = scoreboard.board(eve, id, 'live');
    expect(board.brackets).toEqual(['Students']);
    expect(board.rows.find(({ name }) => name === 'Blue')?.bracket).toBe('Students');
  });

  it('of 60 teams has each of them once, the best first, and follows a grade', () => {
    const event = bigEvent(60);
    const points = (): number[] => event.board().rows.map((row) => row.points);
    const before = points();
    expect(before).toHaveLength(60);
    expect(before).toEqual([...before].sort((a, b) => b - a));
    expect(new Set(event.board().rows.map(({ name }) => name)).size).toBe(60);
    for (let n = 0; n < 10; n++) event.change();
    expect(points()).not.toEqual(before);
    event.close();
  });
});
