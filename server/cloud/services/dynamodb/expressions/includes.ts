/** Below this length the engine's own search is fast enough whatever it is given. */
const short = 8;

/**
 * Does `text` contain `part`? In linear time for long parts: the engine's own search takes half a minute for some texts of
 * 400 KB, and both come from learners (Knuth, Morris and Pratt).
 */
export function includesText(text: string, part: string): boolean {
  if (part.length <= short) return text.includes(part);
  return search(
    text.length,
    (i) => text.charCodeAt(i),
    part.length,
    (i) => part.charCodeAt(i),
  );
}

export function includesBytes(text: Buffer, part: Buffer): boolean {
  if (part.length <= short) return text.includes(part);
  return search(
    text.length,
    (i) => text[i]!,
    part.length,
    (i) => part[i]!,
  );
}

function search(length: number, at: (i: number) => number, partLength: number, partAt: (i: number) => number): boolean {
  if (partLength > length) return false;
  const back = new Int32Array(partLength);
  for (let i = 1, k = 0; i < partLength; i++) {
    while (k > 0 && partAt(i) !== partAt(k)) k = back[k - 1]!;
    if (partAt(i) === partAt(k)) k++;
    back[i] = k;
  }
  for (let i = 0, k = 0; i < length; i++) {
    while (k > 0 && at(i) !== partAt(k)) k = back[k - 1]!;
    if (at(i) === partAt(k)) k++;
    if (k === partLength) return true;
  }
  return false;
}
