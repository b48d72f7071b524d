/** Numbers from 0 up to 1, always the same ones for one seed. */
export type Dice = () => number;

/** mulberry32 over the FNV-1a hash of a text. */
export function dice(seed: string): Dice {
  let a = 0x811c9dc5;
  for (let i = 0; i < seed.length; i++) a = Math.imul(a ^ seed.charCodeAt(i), 0x01000193);
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const pick = <T>(roll: Dice, choices: readonly T[]): T => choices[Math.floor(roll() * choices.length)]!;
