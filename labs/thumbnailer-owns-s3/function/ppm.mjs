// Binary PPM (P6): a header of text, then three bytes for each pixel.

const MAX_EDGE = 4096;

export function decode(bytes) {
  let at = 0;
  let caption;
  const token = () => {
    for (;;) {
      while (/\s/.test(String.fromCharCode(bytes[at]))) at++;
      if (bytes[at] !== 0x23) break;
      const end = bytes.indexOf(0x0a, at);
      const comment = bytes.toString('utf8', at + 1, end).trim();
      if (comment.startsWith('caption:')) caption = comment.slice(8).trim();
      at = end + 1;
    }
    const start = at;
    while (at < bytes.length && !/\s/.test(String.fromCharCode(bytes[at]))) at++;
    return bytes.toString('latin1', start, at);
  };
  if (token() !== 'P6') throw new Error('not a binary PPM picture');
  const width = Number(token());
  const height = Number(token());
  token();
  at++;
  if (!(width > 0 && height > 0 && width <= MAX_EDGE && height <= MAX_EDGE)) throw new Error('a picture of impossible size');
  return { width, height, caption, pixels: bytes.subarray(at, at + width * height * 3) };
}

export function shrink({ width, height, pixels }, edge) {
  const scale = Math.min(1, edge / Math.max(width, height));
  const w = Math.max(1, Math.round(width * scale));
  const h = Math.max(1, Math.round(height * scale));
  const out = Buffer.alloc(w * h * 3);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      const from = (Math.floor((y / h) * height) * width + Math.floor((x / w) * width)) * 3;
      pixels.copy(out, (y * w + x) * 3, from, from + 3);
    }
  return { width: w, height: h, pixels: out };
}

export function encode({ width, height, pixels }, caption) {
  const comment = caption === undefined ? '' : `# caption: ${caption.replace(/\s+/g, ' ')}\n`;
  return Buffer.concat([Buffer.from(`P6\n${comment}${width} ${height}\n255\n`), pixels]);
}
