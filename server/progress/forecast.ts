/** What is left of one lab for somebody. */
export interface LabLeft {
  spentMs: number;
  /** Median time on task of those of the group who solved it; undefined where too few did. */
  medianMs: number | undefined;
  /** What the lab's author expects. */
  expectedMs: number;
}

/** The formula as it is written for people. */
export const forecastText =
  'Predicted finish: now, plus for each lab that is not solved the median time on task of those who solved it (the lab’s own estimate while fewer than 3 did), less the time already spent on it, and never less than a quarter of that median.';

/** When somebody is done who goes on at the pace of the group without a break. Undefined when nothing is left. */
export function predictedFinish(left: readonly LabLeft[], now: number): number | undefined {
  if (left.length === 0) return undefined;
  return left.reduce((at, { spentMs, medianMs, expectedMs }) => {
    const pace = medianMs ?? expectedMs;
    return at + Math.max(pace - spentMs, pace / 4);
  }, now);
}
