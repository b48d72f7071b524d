import { LearnerError } from '../training/errors.ts';

const longest = 100;
/** Controls, line breaks, halves of a character, and marks that turn the direction of what stands around them. */
const forbidden = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const visible = /[\p{L}\p{N}\p{P}\p{S}]/u;

/**
 * A name as it is stored: composed, without spaces around it.
 * @param what starts the sentence of a refusal: `The name of a team`
 * @throws LearnerError 400
 */
export function cleanName(text: string, what: string): string {
  const name = text.normalize('NFC').trim();
  if (!visible.test(name)) throw new LearnerError(400, `${what} is empty.`);
  if ([...name].length > longest) throw new LearnerError(400, `${what} is longer than ${longest} characters.`);
  if (forbidden.test(name))
    throw new LearnerError(400, `${what} has a character in it that cannot be seen: a control or a mark of direction.`);
  return name;
}

/** What names that read alike have in common: `Blue`, `blue`, `Ｂｌｕｅ`. */
export const plainName = (name: string): string => name.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ');

export const sameName = (a: string, b: string): boolean => plainName(a) === plainName(b);
