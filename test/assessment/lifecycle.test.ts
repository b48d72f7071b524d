import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TwoEdits } from '../../server/assessment/drafts.ts';
import { ann, ben, eve, hour, ivy, minute, onPaper, opening, other, type Paper, settingsWith, team } from './kit.ts';

let paper: Paper;
beforeEach(() => (paper = onPaper()));
afterEach(() => paper.store.close());

const audit = (): string[] =>
  paper.store.database.prepare('select event from audit order by seq').pluck().all() as string[];

describe('an assessment from draft to archive', () => {
  it('is seen by its cohort once it is published, by nobody else ever', () => {
    const { drafts, desk } = paper.assessments;
    const draft = drafts.create(ivy, 'c1', 'Check', settingsWith());
    expect(() => desk.visible(ann, draft.id)).toThrow(/There is no assessment/);
    expect(() => desk.managed(other, draft.id)).toThrow(/There is no assessment/);
    drafts.publish(ivy, draft.id, 1);
    expect(desk.visible(ann, draft.id).state).toBe('published');
    for (const nobody of [eve, other]) expect(() => desk.visible(nobody, draft.id)).toThrow(/There is no assessment/);
    expect(() => desk.managed(ann, draft.id)).toThrow(/There is no assessment/);
    expect(paper.assessments.overview.invited(ann).map(({ phase }) => phase)).toEqual(['upcoming']);
    expect(paper.assessments.overview.invited(eve)).toEqual([]);
    expect(audit()).toEqual(['assessment-made', 'assessment-published']);
  });

  it('is made for own cohorts alone', () => {
    expect(() => paper.assessments.drafts.create(ivy, 'c2', 'Check', settingsWith())).toThrow(
      /cohort: choose one of yours?|cohort: /,
    );
    expect(() => paper.assessments.drafts.create(ann, 'c1', 'Check', settingsWith())).toThrow(/cohort: /);
    expect(
      paper.assessments.drafts.create({ id: 'root', role: 'administrator' }, 'c2', 'Check', settingsWith()).cohort,
    ).toBe('c2');
  });

  it('tells the later of two edits, and shows both', () => {
    const { drafts } = paper.assessments;
    const draft = drafts.create(ivy, 'c1', 'Check', settingsWith());
    drafts.edit(ivy, draft.id, 1, 'First', settingsWith());
    let refusal: unknown;
    try {
      drafts.edit(ivy, draft.id, 1, 'Second', settingsWith());
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(TwoEdits);
    expect((refusal as TwoEdits).status).toBe(409);
    expect((refusal as TwoEdits).stored.name).toBe('First');
    expect(drafts.edit(ivy, draft.id, 2, 'Second', settingsWith()).name).toBe('Second');
    for (const act of ['publish', 'archive'] as const) expect(() => drafts[act](ivy, draft.id, 2)).toThrow(TwoEdits);
  });

  it('changes only what is safe once it is published', () => {
    const { drafts } = paper.assessments;
    const { id } = paper.published({ minutes: 60 });
    const edit = (changes: object, version: number) =>
      drafts.edit(ivy, id, version, 'Check', settingsWith({ minutes: 60, ...changes }));
    expect(() => edit({ minutes: 90 }, 2)).toThrow(/minutes: cannot change any more/);
    expect(() => edit({ labs: [{ lab: 'lab-a', weight: 5 }] }, 2)).toThrow(/labs: cannot change any more/);
    expect(() => edit({ to: '2026-12-01T11:00' }, 2)).toThrow(/to: can only be later/);
    expect(() => edit({ policy: 'last', tries: 1 }, 2)).toThrow(/tries: .*policy: |policy: .*tries: /);
    expect(edit({ to: '2026-12-01T13:00', lateMembers: false }, 2).version).toBe(3);
  });

  it('is not published when nobody could begin, and taken back only while nobody has', () => {
    const { drafts, sittings } = paper.assessments;
    const draft = drafts.create(ivy, 'c1', 'Check', settingsWith());
    paper.now.at = opening + 3 * hour;
    expect(() => drafts.publish(ivy, draft.id, 1)).toThrow(/to: is over already/);
    paper.now.at = opening;
    drafts.publish(ivy, draft.id, 1);
    drafts.withdraw(ivy, draft.id, 2);
    drafts.publish(ivy, draft.id, 3);
    sittings.begin(ann, draft.id, true);
    expect(() => drafts.withdraw(ivy, draft.id, 4)).toThrow(/Somebody has begun/);
    expect(() => drafts.archive(ivy, draft.id, 4)).toThrow(/still working/);
    expect(() => drafts.release(ivy, draft.id, 4)).toThrow(/1 entry is still being worked on/);
  });
});

describe('beginning', () => {
  it('is possible in the window, by members, and once', () => {
    const { sittings } = paper.assessments;
    const { id } = paper.published();
    expect(() => sittings.begin(ann, id, true)).toThrow(/opens in 1 h/);
    paper.now.at = opening;
    const entry = sittings.begin(ann, id, true);
    expect(sittings.begin(ann, id, true).id).toBe(entry.id);
    expect(() => sittings.begin(ivy, id, true)).toThrow(/Only members/);
    expect(() => sittings.begin(eve, id, true)).toThrow(/There is no assessment/);
    paper.now.at = opening + 3 * hour;
    expect(() => sittings.begin(ben, id, true)).toThrow(/window of this assessment has closed/);
    expect(audit().filter((event) => event === 'entry-begun')).toHaveLength(1);
  });

  it('asks each member for the honour statement', () => {
    const { sittings, overview } = paper.assessments;
    const { id } = paper.published({ party: 'team', honour: 'I work with my team alone.' });
    paper.now.at = opening;
    expect(() => sittings.begin(ann, id, false)).toThrow(/Accept the honour statement/);
    const entry = sittings.begin(ann, id, true);
    const rules = sittings.rulesOf({ learner: entry.id, lab: 'lab-a' })!;
    expect(() => rules.demand('work', 'ann')).not.toThrow();
    expect(() => rules.demand('work', 'ben')).toThrow(/honour statement/);
    expect(overview.sitting(ben, id).accepted).toBe(false);
    expect(sittings.begin(ben, id, true).id).toBe(entry.id);
    expect(() => rules.demand('work', 'ben')).not.toThrow();
  });

  it('is of teams where teams sit it', () => {
    const { sittings } = paper.assessments;
    paper.store.database.exec("insert into cohort_members (cohort, user, joined_at) values ('c1', 'eve', 1)");
    const { id } = paper.published({ party: 'team' });
    paper.now.at = opening;
    expect(() => sittings.begin(eve, id, true)).toThrow(/you are in none/);
    const red = sittings.begin(ann, id, true);
    team(paper.store, 'blue', 'Blue', ['eve']);
    const blue = sittings.begin(eve, id, true);
    expect(blue.id).not.toBe(red.id);
    expect(sittings.begin(ben, id, true).id).toBe(red.id);
  });

  it('of a late member is as the organiser wants it', () => {
    const { sittings } = paper.assessments;
    const { id, version } = paper.published({ party: 'team', lateMembers: false });
    paper.now.at = opening;
    const entry = sittings.begin(ann, id, true);
    paper.store.database.exec(`update team_members set joined_at = ${opening + minute} where user = 'ben'`);
    paper.now.at = opening + 2 * minute;
    const demand = () => sittings.rulesOf({ learner: entry.id, lab: 'lab-a' })!.demand('work', 'ben');
    expect(demand).toThrow(/takes no late members/);
    paper.assessments.drafts.edit(ivy, id, version, 'Check', settingsWith({ party: 'team', lateMembers: true }));
    expect(demand).not.toThrow();
    paper.store.database.exec("delete from cohort_members where user = 'ben'");
    expect(demand).toThrow(/not a member of the cohort/);
  });

  it('of a dry run is the organiser’s, knows no window, and counts nowhere', async () => {
    const { sittings, results, scoreboard } = paper.assessments;
    const { id } = paper.published({ minutes: 30 });
    const dry = await sittings.beginDryRun(ivy, id);
    paper.grade(dry.id, 'lab-a', 100, { actor: 'ivy' });
    expect(results.review(ivy, id).results).toEqual([]);
    expect(scoreboard.board(ivy, id, 'live').rows).toEqual([]);
    await expect(sittings.beginDryRun(ann, id)).rejects.toThrow(/There is no assessment/);
    expect(paper.assessments.desk.standing(paper.assessments.desk.find(id)!, dry).leftMs).toBe(30 * minute);
    expect((await sittings.beginDryRun(ivy, id)).id).not.toBe(dry.id);
    expect(paper.store.entries.find(dry.id)).toBeUndefined();
  });
});

describe('rules', () => {
  const begin = (changes: Parameters<Paper['published']>[0]) => {
    const assessment = paper.published(changes);
    paper.now.at = opening;
    const entry = paper.assessments.sittings.begin(ann, assessment.id, true);
    const demand = (deed: Parameters<ReturnType<typeof rules>['demand']>[0]) => () => rules().demand(deed, 'ann');
    const rules = () => paper.assessments.sittings.rulesOf({ learner: entry.id, lab: 'lab-a' })!;
    return { assessment, entry, demand, rules };
  };

  it('count tries; void grades use none, what the range grades uses none', () => {
    const { entry, demand, rules } = begin({ tries: 2 });
    paper.grade(entry.id, 'lab-a', 0, { verdict: 'void' });
    paper.grade(entry.id, 'lab-a', 10, { actor: entry.id });
    expect(rules().triesLeft()).toBe(2);
    paper.grade(entry.id, 'lab-a', 10);
    expect(demand('grade')).not.toThrow();
    const last = paper.grade(entry.id, 'lab-a', 20);
    expect(demand('grade')).toThrow('All 2 tries at this lab are used.');
    expect(demand('work')).not.toThrow();
    paper.store.scores.voidGrade(last, 'ivy', 'our fault', paper.now.at);
    expect(demand('grade')).not.toThrow();
  });

  it('cool down, and say how long', () => {
    const { entry, demand } = begin({ cooldown: 5 });
    paper.grade(entry.id, 'lab-a', 10);
    paper.now.at += 50_000;
    expect(demand('grade')).toThrow('The next try at this lab is possible in 4 min 10 s.');
    paper.now.at = opening + 5 * minute;
    expect(demand('grade')).not.toThrow();
  });

  it('refuse everything when time is over, while it is paused, after handing in, and when the entry is voided', () => {
    const { assessment, entry, demand, rules } = begin({ minutes: 60 });
    const deeds = ['work', 'attack', 'grade', 'hint', 'reset'] as const;
    const { control, sittings, results } = paper.assessments;
    control.pause(ivy, assessment.id, null);
    for (const deed of deeds) expect(demand(deed)).toThrow(/paused: time stands still/);
    expect(rules().refuses(undefined)).toMatch(/paused/);
    paper.now.at += 30 * minute;
    control.resume(ivy, assessment.id, null);
    for (const deed of deeds) expect(demand(deed)).not.toThrow();
    expect(rules().refuses('ann')).toBeUndefined();
    results.void(ivy, assessment.id, entry.id, 'worked with others');
    for (const deed of deeds) expect(demand(deed)).toThrow(/voided by the organiser: worked with others/);
    results.void(ivy, assessment.id, entry.id, undefined);
    paper.now.at = opening + 90 * minute - 1;
    expect(demand('work')).not.toThrow();
    paper.now.at++;
    for (const deed of deeds) expect(demand(deed)).toThrow(/time of this assessment is over/);
    expect(rules().refuses('ann')).toMatch(/time of this assessment is over/);
    control.extend(ivy, assessment.id, entry.id, 10 * minute, 'a broken chair');
    expect(demand('work')).not.toThrow();
    sittings.finish(ann, assessment.id);
    for (const deed of deeds) expect(demand(deed)).toThrow(/handed in/);
    for (const deed of ['end', 'give-up'] as const) expect(demand(deed)).toThrow();
  });

  it('price hints, or refuse them, and attacks', () => {
    expect(begin({ hints: 'priced', hintPrice: 7 }).rules().hintCost(1, 5)).toBe(7);
    paper.now.at = opening - 1;
    const off = begin({ hints: 'off', attacks: false });
    expect(off.demand('hint')).toThrow(/Hints are off/);
    expect(off.demand('attack')).toThrow(/Attack runs are off/);
    expect(off.rules().never()).toEqual(['end', 'give-up', 'export', 'import', 'attack', 'hint']);
    expect(begin({ hints: 'free' }).rules().hintCost(1, 5)).toBe(0);
    expect(begin({ hints: 'priced' }).rules().hintCost(1, 5)).toBe(5);
  });

  it('tell what is told during, after the own end, after release, never', () => {
    const { assessment, rules } = begin({
      minutes: 60,
      show: { scores: 'during', messages: 'after-end', ranks: 'after-release', solutions: 'after-release' },
    });
    const told = () => [
      rules().showsScores(),
      rules().showsMessages(),
      rules().shows('after-release'),
      rules().showsSolution(),
    ];
    expect(told()).toEqual([true, false, false, 'no']);
    paper.now.at += hour;
    expect(told()).toEqual([true, true, false, 'no']);
    paper.store.entries.finish(rules().entry.id, paper.now.at, 'time');
    paper.store.entries.settle(rules().entry.id, paper.now.at);
    paper.assessments.drafts.release(ivy, assessment.id, 2);
    expect(told()).toEqual([true, true, true, 'yes']);
    expect(rules().shows('never')).toBe(false);
  });
});
