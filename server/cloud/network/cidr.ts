/** IP addresses and blocks as numbers. Input is a learner's: nothing here throws, nothing is a regular expression. */

export interface Address {
  version: 4 | 6;
  value: bigint;
}

/** Every address from `first` to `last`. */
export interface AddressRange {
  version: 4 | 6;
  first: bigint;
  last: bigint;
}

export interface Cidr extends AddressRange {
  prefix: number;
}

/** Reads an IPv4 or IPv6 address; undefined when the text is none. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > 45) return undefined;
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    const byte = decimal(part, 255);
    if (byte === undefined) return undefined;
    value = value * 256n + BigInt(byte);
  }
  return { version: 4, value };
}

function parseIpv6(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = (half: string): string[] => (half === '' ? [] : half.split(':'));
  const head = groups(halves[0]!);
  const tail = halves.length === 2 ? groups(halves[1]!) : [];
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let value = 0n;
  for (const group of [...head, ...Array<string>(missing).fill('0'), ...tail]) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    value = value * 65536n + BigInt(Number.parseInt(group, 16));
  }
  return { version: 6, value };
}

function decimal(text: string, most: number): number | undefined {
  if (!/^\d{1,3}$/.test(text) || (text.length > 1 && text.startsWith('0'))) return undefined;
  const value = Number(text);
  return value <= most ? value : undefined;
}

/** Reads `10.0.0.0/16`; host bits may be set, as EC2 drops them. Undefined when the text is no block. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const address = parseAddress(text.slice(0, slash));
  const prefix = address && decimal(text.slice(slash + 1), address.version === 4 ? 32 : 128);
  if (!address || prefix === undefined) return undefined;
  const size = 1n << BigInt((address.version === 4 ? 32 : 128) - prefix);
  const first = address.value - (address.value % size);
  return { version: address.version, prefix, first, last: first + size - 1n };
}

/** A single address as a range. */
export function rangeOf(address: Address): AddressRange {
  return { version: address.version, first: address.value, last: address.value };
}

export function contains(outer: AddressRange, inner: AddressRange): boolean {
  return outer.version === inner.version && outer.first <= inner.first && inner.last <= outer.last;
}

export function overlaps(a: AddressRange, b: AddressRange): boolean {
  return a.version === b.version && a.first <= b.last && b.first <= a.last;
}

/** How many addresses a range has. */
export function sizeOf(range: AddressRange): bigint {
  return range.last - range.first + 1n;
}

export function formatAddress({ version, value }: Address): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  return compressZeros(groups);
}

/** The longest run of two or more zero groups becomes `::` (RFC 5952). */
function compressZeros(groups: string[]): string {
  let start = -1;
  let length = 1;
  for (let i = 0; i < groups.length; i++) {
    let end = i;
    while (groups[end] === '0') end++;
    if (end - i > length) {
      start = i;
      length = end - i;
    }
    i = Math.max(i, end - 1);
  }
  if (start < 0) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

/** The block in its canonical form: host bits cleared. */
export function formatCidr(cidr: Cidr): string {
  return `${formatAddress({ version: cidr.version, value: cidr.first })}/${cidr.prefix}`;
}

/** A range for a sentence: one address, or the block that it is. */
export function formatRange(range: AddressRange): string {
  const first = formatAddress({ version: range.version, value: range.first });
  if (range.first === range.last) return first;
  return `${first}–${formatAddress({ version: range.version, value: range.last })}`;
}

const privateBlocks = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/3',
  'fc00::/7',
  'fe80::/10',
  '::/127',
].map((block) => parseCidr(block)!);

/** Is this an address of no host on the internet? Documentation ranges count as public: labs use them for simulated hosts. */
export function isPrivate(address: Address): boolean {
  return privateBlocks.some((block) => contains(block, rangeOf(address)));
}
