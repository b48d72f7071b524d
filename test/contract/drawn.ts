import { createHash } from 'node:crypto';
import type { Lab } from '../../server/catalogue/catalogue.ts';
import type { Submission } from '../../server/catalogue/definition.ts';

/** `all`, or how many submissions of each kind besides the reference; their grades are most of what a test run takes. */
const wanted = process.env.CONTRACT ?? '3';
if (wanted !== 'all' && !/^[1-9]\d*$/.test(wanted)) throw new Error(`CONTRACT is "all" or a number, not ${wanted}`);

/** The submissions that this run judges: the reference and a draw of each kind, which is the same for the same version of the lab. */
export function drawn(lab: Lab, submissions: readonly Submission[]): Submission[] {
  if (wanted === 'all') return [...submissions];
  const reference = submissions.filter(({ name }) => name === 'reference');
  const others = inOrder(
    lab,
    submissions.filter(({ name }) => name !== 'reference'),
    ({ name }) => name,
  );
  const right = others.filter(({ fails }) => fails.length === 0).slice(0, Number(wanted));
  const nearMisses = others.filter(({ fails }) => fails.length > 0).slice(0, Number(wanted));
  return [...reference, ...right, ...nearMisses];
}

/** For what is no matter of single labs: a few of them, the same as long as their versions are. */
export function fewLabs(labs: readonly Lab[]): readonly Lab[] {
  if (wanted === 'all') return labs;
  return [...labs].sort((a, b) => (placeOf(a, '') < placeOf(b, '') ? -1 : 1)).slice(0, 5);
}

/** In an order that looks random and is the same for the same version of the lab. */
export function inOrder<T>(lab: Lab, things: readonly T[], nameOf: (thing: T) => string): T[] {
  return [...things].sort((a, b) => (placeOf(lab, nameOf(a)) < placeOf(lab, nameOf(b)) ? -1 : 1));
}

const placeOf = (lab: Lab, name: string): string =>
  createHash('sha256').update(`${lab.id} ${lab.metadata.version} ${name}`).digest('hex');
