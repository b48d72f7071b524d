import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ann, ben, eve, hour, ivy, minute, onPaper, opening, type Paper } from './kit.ts';

describe('a lab that is being sat is closed outside of its assessment', () => {
  let paper: Paper;
  beforeEach(() => {
    paper = onPaper();
    paper.now.at = opening + minute;
  });
  afterEach(() => paper.store.close());
  const closed = (owner: string, lab = 'lab-a') => paper.assessments.closed(owner, lab);
  const attemptOf = (learner: string) => ({ learner, lab: 'lab-a' }) as Parameters<typeof paper.assessments.rulesOf>[0];

  it('to who sits it, their team and its members, and to nobody else', () => {
    const { id } = paper.published();
    expect([ann, ben, eve].map((one) => closed(one.id))).toEqual([undefined, undefined, undefined]);
    paper.assessments.sittings.begin(ann, id, true);
    for (const owner of [ann.id, ben.id, 'red']) expect(closed(owner), owner).toContain('part of the assessment');
    expect(closed(eve.id)).toBeUndefined();
    expect(closed(ann.id, 'lab-b')).toBeUndefined();
  });

  it('for everything: work, grades, hints, the solution; while it is paused, too', () => {
    const { id } = paper.published();
    const entry = paper.assessments.sittings.begin(ann, id, true);
    paper.assessments.control.pause(ivy, id, null);
    const rules = paper.assessments.rulesOf(attemptOf(ann.id))!;
    for (const deed of ['work', 'grade', 'attack', 'hint', 'give-up', 'reset'] as const)
      expect(() => rules.demand(deed, ann.id), deed).toThrow('closed until its time is over');
    expect(rules.showsSolution()).toBe('no');
    expect(rules.refuses(ann.id)).toContain('closed');
    // The entry's own attempt has the assessment's rules.
    expect(paper.assessments.rulesOf(attemptOf(entry.id))!.refuses(ann.id)).toContain('paused');
    expect(paper.assessments.closed(entry.id, 'lab-a')).toBeUndefined();
  });

  it('until the time is over, it is handed in, or the entry is voided', () => {
    const { id } = paper.published();
    const entry = paper.assessments.sittings.begin(ann, id, true);
    paper.now.at = opening + 4 * hour;
    expect(closed(ann.id)).toBeUndefined();
    paper.now.at = opening + hour;
    expect(closed(ann.id)).toBeDefined();
    paper.assessments.results.void(ivy, id, entry.id, 'a test');
    expect(closed(ann.id)).toBeUndefined();
    paper.assessments.results.void(ivy, id, entry.id, undefined);
    paper.assessments.sittings.finish(ann, id);
    expect(closed(ann.id)).toBeUndefined();
    expect(paper.assessments.rulesOf(attemptOf(ann.id))).toBeUndefined();
  });
});
