/** Below this length the engine's own search is fast enough whatever it is given. */
const short = 8;

/** How far a search goes back in what it looks for (Knuth, Morris and Pratt); kept as long as the operand is. */
const tables = new WeakMap<object, Int32Array>();

/**
 * Does `text` contain `part`? In linear time for long parts: the engine's own search takes half a minute for some texts of
 * 400 KB, and both come from learners.
 * @param owner the operand that `part` is of
 */
export function includesText(text: string, part: string, owner: object): boolean {
  if (part.length > text.length) return false;
  if (part.length <= short) return text.includes(part);
  const back = tableOf(owner, part);
  for (let i = 0, k = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    while (k > 0 && code !== part.charCodeAt(k)) k = back[k - 1]!;
    if (code === part.charCodeAt(k)) k++;
    if (k === part.length) return true;
  }
  return false;
}

/** As `includesText`, for bytes in base64. */
export function includesBytes(text: string, part: string, owner: object): boolean {
  const decoded = (base64: string): string => Buffer.from(base64, 'base64').toString('latin1');
  return includesText(decoded(text), decoded(part), owner);
}

function tableOf(owner: object, part: string): Int32Array {
  const known = tables.get(owner);
  if (known) return known;
  const back = new Int32Array(part.length);
  for (let i = 1, k = 0; i < part.length; i++) {
    while (k > 0 && part.charCodeAt(i) !== part.charCodeAt(k)) k = back[k - 1]!;
    if (part.charCodeAt(i) === part.charCodeAt(k)) k++;
    back[i] = k;
  }
  tables.set(owner, back);
  return back;
}
