/**
 * Wildcards of IAM: `*` is any run of characters (also none, also `/` and `:`), `?` is exactly one.
 * No regular expressions: patterns are learner input. A pattern is cut at its stars; the first piece is anchored at the
 * start, the last at the end, every piece between takes its leftmost place, which never has to be taken back.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */

/** A run of literal characters and single-character wildcards. */
interface Piece {
  readonly text: string;
  /** `any[i] === 1`: position i takes any character. Absent when the piece is literal. */
  readonly any?: Uint8Array;
}

/** A compiled pattern. `pieces` has one element when the pattern has no star. */
export interface Glob {
  readonly pieces: readonly Piece[];
}

/** A part of a pattern: text taken literally, or text in which `*` and `?` are wildcards. */
export type GlobPart = { readonly literal: string } | { readonly pattern: string };

/** Pieces longer than this, on long texts, are searched bit-parallel: 32 pattern positions a step. */
const SLOW_PIECE = 48;

/** Compiles a pattern once; `matchGlob` then runs in time bounded by the product of piece and text length / 32. */
export function compileGlob(pattern: string): Glob {
  return compileParts([{ pattern }]);
}

/** Compiles a pattern some parts of which (values of policy variables) are literal even where they hold `*` or `?`. */
export function compileParts(parts: readonly GlobPart[]): Glob {
  const pieces: Piece[] = [];
  let text = '';
  let marks: number[] = [];
  const close = () => {
    let any: Uint8Array | undefined;
    if (marks.length > 0) {
      any = new Uint8Array(text.length);
      for (const at of marks) any[at] = 1;
    }
    pieces.push(any ? { text, any } : { text });
    text = '';
    marks = [];
  };
  for (const part of parts) {
    if ('literal' in part) {
      text += part.literal;
      continue;
    }
    let start = 0;
    const { pattern } = part;
    for (let i = 0; i < pattern.length; i++) {
      const c = pattern.charCodeAt(i);
      if (c !== 42 && c !== 63) continue;
      text += pattern.slice(start, i);
      start = i + 1;
      if (c === 63) {
        marks.push(text.length);
        text += '?';
      } else close();
    }
    text += pattern.slice(start);
  }
  close();
  // `**` leaves empty pieces in the middle that match everywhere: dropped, so that they cost nothing.
  const last = pieces.length - 1;
  return { pieces: pieces.filter((piece, i) => i === 0 || i === last || piece.text.length > 0) };
}

/** Does the whole text match? Case-sensitive: fold both sides for a comparison that is not. */
export function matchGlob(glob: Glob, text: string): boolean {
  const { pieces } = glob;
  const first = pieces[0]!;
  if (pieces.length === 1) return text.length === first.text.length && fits(first, text, 0);
  if (first.text.length > text.length || !fits(first, text, 0)) return false;
  const last = pieces[pieces.length - 1]!;
  const end = text.length - last.text.length;
  let at = first.text.length;
  if (end < at || !fits(last, text, end)) return false;
  for (let i = 1; i < pieces.length - 1; i++) {
    const piece = pieces[i]!;
    const found = find(piece, text, at, end);
    if (found < 0) return false;
    at = found + piece.text.length;
  }
  return true;
}

/** `matchGlob` for a pattern that is used once. */
export function globMatch(pattern: string, text: string): boolean {
  return matchGlob(compileGlob(pattern), text);
}

/** Is the pattern nothing but stars, so that it matches every text? */
export function matchesEverything(glob: Glob): boolean {
  return glob.pieces.length === 2 && glob.pieces[0]!.text === '' && glob.pieces[1]!.text === '';
}

function fits(piece: Piece, text: string, at: number): boolean {
  const { text: wanted, any } = piece;
  if (!any) return text.startsWith(wanted, at);
  for (let i = 0; i < wanted.length; i++) {
    if (any[i] === 0 && wanted.charCodeAt(i) !== text.charCodeAt(at + i)) return false;
  }
  return true;
}

/** The leftmost place of the piece that lies within [from, end). */
function find(piece: Piece, text: string, from: number, end: number): number {
  const size = piece.text.length;
  if (from + size > end) return -1;
  if (size > SLOW_PIECE && end - from > SLOW_PIECE * 4) return findLong(piece, text, from, end);
  if (!piece.any) {
    const found = text.indexOf(piece.text, from);
    return found >= 0 && found + size <= end ? found : -1;
  }
  for (let at = from; at + size <= end; at++) if (fits(piece, text, at)) return at;
  return -1;
}

/** Shift-And (Baeza-Yates and Gonnet): a plain search for `aaa…ab` in `aaa…` would cost piece × text. */
function findLong(piece: Piece, text: string, from: number, end: number): number {
  const { text: wanted, any } = piece;
  const size = wanted.length;
  const words = (size + 31) >>> 5;
  const wild = new Uint32Array(words);
  const masks = new Map<number, Uint32Array>();
  for (let i = 0; i < size; i++) {
    if (any?.[i] === 1) wild[i >>> 5]! |= 1 << (i & 31);
    else {
      const c = wanted.charCodeAt(i);
      let mask = masks.get(c);
      if (!mask) {
        mask = new Uint32Array(words);
        masks.set(c, mask);
      }
      mask[i >>> 5]! |= 1 << (i & 31);
    }
  }
  for (const mask of masks.values()) for (let w = 0; w < words; w++) mask[w]! |= wild[w]!;
  const state = new Uint32Array(words);
  const lastWord = words - 1;
  const lastBit = 1 << ((size - 1) & 31);
  for (let at = from; at < end; at++) {
    const mask = masks.get(text.charCodeAt(at)) ?? wild;
    let carry = 1;
    for (let w = 0; w < words; w++) {
      const old = state[w]!;
      state[w] = ((old << 1) | carry) & mask[w]!;
      carry = old >>> 31;
    }
    if ((state[lastWord]! & lastBit) !== 0) return at - size + 1;
  }
  return -1;
}
