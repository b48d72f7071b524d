import { LearnerError } from '../training/errors.ts';
import type { AttemptRules } from '../training/rules.ts';
import type { Desk } from './desk.ts';
import { drawnOf } from './sittings.ts';

/**
 * A lab that somebody sits in an assessment is closed to them everywhere else while their time runs: a self-paced attempt
 * at it would give grades without a limit, free hints, and the solution for giving up.
 * @param owner a person or a team; everybody who could tell the other is asked about
 * @returns why it is closed; undefined where it is open
 */
export function closedBecause(desk: Desk, owner: string, lab: string): string | undefined {
  for (const entry of desk.store.entries.unfinishedAround(owner)) {
    if (!drawnOf(entry).some((drawn) => drawn.lab === lab)) continue;
    const assessment = desk.find(entry.assessment);
    if (assessment?.state !== 'published' || desk.standing(assessment, entry).over) continue;
    return `This lab is part of the assessment "${assessment.name}", which is being sat: outside of it the lab is closed until its time is over.`;
  }
  return undefined;
}

/** The rules of a self-paced attempt at a lab that is closed: nothing may be done. */
export class ClosedLab implements AttemptRules {
  private readonly because: string;

  constructor(because: string) {
    this.because = because;
  }

  demand(): void {
    throw new LearnerError(409, this.because);
  }

  never(): [] {
    return [];
  }

  hintCost(_number: number, labsPrice: number): number {
    return labsPrice;
  }

  showsSolution(): 'no' {
    return 'no';
  }

  showsMessages(): boolean {
    return true;
  }

  showsScores(): boolean {
    return true;
  }

  refuses(): string {
    return this.because;
  }

  graded(): void {}
}
