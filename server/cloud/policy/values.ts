/**
 * Readers of typed condition values: numbers, dates, booleans, addresses. Each returns undefined for a text that is
 * not of its type; such a value matches nothing.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */

const NUMBER = /^[+-]?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?$/;
const DATE =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[Tt](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?([Zz]|[+-]\d{2}:?\d{2})?)?)?)?$/;
const EPOCH = /^-?\d{5,15}(?:\.\d{1,9})?$/;

/** An integer or decimal. */
export function readNumber(text: string): number | undefined {
  return NUMBER.test(text) ? Number(text) : undefined;
}

/**
 * A W3C profile of ISO 8601 (`2026`, `2026-11`, `2026-11-22`, `2026-11-22T17:00Z` …; without a zone: UTC) or seconds
 * since 1970; in milliseconds. Four digits are a year.
 */
export function readDate(text: string): number | undefined {
  if (EPOCH.test(text)) return Number(text) * 1000;
  const m = DATE.exec(text);
  if (!m) return undefined;
  const [month, day, hour, minute, second] = [m[2] ?? '01', m[3] ?? '01', m[4] ?? '0', m[5] ?? '0', m[6] ?? '0'].map(
    Number,
  ) as [number, number, number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60) return undefined;
  const millis = m[7] ? Number(`0.${m[7]}`) * 1000 : 0;
  const zone = m[8];
  let offset = 0;
  if (zone && zone !== 'Z' && zone !== 'z') {
    const digits = zone.replace(':', '');
    offset = (Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5))) * (zone.startsWith('-') ? -1 : 1);
  }
  return Date.UTC(Number(m[1]), month - 1, day, hour, minute, second) + millis - offset * 60_000;
}

/** `true` or `false` in any case. */
export function readBoolean(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : undefined;
}

/** An address as 16-bit groups: two for IPv4, eight for IPv6. */
export function readAddress(text: string): number[] | undefined {
  return text.includes(':') ? readIpv6(text) : readIpv4(text);
}

function readIpv4(text: string): number[] | undefined {
  if (text.length > 15) return undefined;
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes: number[] = [];
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    bytes.push(Number(part));
  }
  return [bytes[0]! * 256 + bytes[1]!, bytes[2]! * 256 + bytes[3]!];
}

function readIpv6(text: string): number[] | undefined {
  if (text.length > 45) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groups(halves[0]!);
  const tail = halves.length === 2 ? groups(halves[1]!) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** Groups of hex digits; the last may be a dotted IPv4 address. */
function groups(text: string): number[] | undefined {
  if (text === '') return [];
  const found: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (i === parts.length - 1 && part.includes('.')) {
      const v4 = readIpv4(part);
      if (!v4) return undefined;
      found.push(...v4);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) found.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return found;
}

/** A range of addresses. */
export interface Cidr {
  readonly base: number[];
  readonly bits: number;
}

/** `203.0.113.0/24`, `2001:db8::/32`; without a prefix one address. */
export function readCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const base = readAddress(slash < 0 ? text : text.slice(0, slash));
  if (!base) return undefined;
  const most = base.length * 16;
  if (slash < 0) return { base, bits: most };
  const prefix = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > most) return undefined;
  return { base, bits: Number(prefix) };
}

/** Is the address, or the whole of a smaller range, in the range? Families do not mix. */
export function cidrContains(range: Cidr, address: Cidr): boolean {
  if (range.base.length !== address.base.length || address.bits < range.bits) return false;
  let left = range.bits;
  for (let i = 0; left > 0; i++, left -= 16) {
    const mask = left >= 16 ? 0xffff : (0xffff << (16 - left)) & 0xffff;
    if (((range.base[i]! ^ address.base[i]!) & mask) !== 0) return false;
  }
  return true;
}
