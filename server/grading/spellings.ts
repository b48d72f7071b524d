/** Finding a secret in what somebody can read, in the ways that people write it down. */

/**
 * Does a text hold a secret: as it is, reversed, escaped for JSON or a URL, in base64 or hexadecimal (anywhere inside a
 * longer encoded text), or in pieces that are put together in place? Linear in the text.
 * @param secret of 8 characters or more; shorter ones are looked for as they are only
 */
export function holds(text: string, secret: string): boolean {
  if (secret === '') return false;
  if (text.includes(secret)) return true;
  if (secret.length < 8) return false;
  if (spellings(secret).some((spelling) => text.includes(spelling))) return true;
  const plainBase64 = text.replaceAll('-', '+').replaceAll('_', '/');
  if (base64Cores(secret).some((core) => plainBase64.includes(core))) return true;
  if (text.toLowerCase().includes(Buffer.from(secret).toString('hex'))) return true;
  return withoutGlue(text).includes(withoutGlue(secret));
}

/**
 * Which two texts hold a secret between them, its beginning in one and its end in the other?
 * @returns their indexes; undefined when no two do. The pieces must be whole texts
 */
export function heldInPieces(texts: string[], secret: string): [number, number] | undefined {
  if (secret.length < 8) return undefined;
  const first = texts.map((text, i) => ({ text, i })).filter(({ text }) => text.length > 1 && secret.startsWith(text));
  for (const { text, i } of first) {
    const rest = secret.slice(text.length);
    const j = rest.length > 1 ? texts.indexOf(rest) : -1;
    if (j >= 0) return [i, j];
  }
  return undefined;
}

function spellings(secret: string): string[] {
  return [
    [...secret].reverse().join(''),
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    // In JSON within JSON.
    JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    Buffer.from(Buffer.from(secret).toString('base64')).toString('base64'),
  ];
}

/** The secret's base64 wherever it may begin within what was encoded, without the characters that neighbours share. */
function base64Cores(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6)),
  );
}

/** Without quotes, spaces, plus signs and commas: `'ab' + 'cd'` and `['ab', 'cd']` read as `abcd`. */
const withoutGlue = (text: string): string => text.replace(/[\s"'`+,]/g, '');
