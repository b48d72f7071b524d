import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  contains,
  formatAddress,
  formatCidr,
  isPrivate,
  overlaps,
  parseAddress,
  parseCidr,
  rangeOf,
  sizeOf,
} from '../../../server/cloud/network/cidr.ts';

const ipv4 = fc.ipV4();
const ipv6 = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((value) => ({ version: 6 as const, value }));

describe('addresses', () => {
  test('are read back as they are written', () => {
    fc.assert(fc.property(ipv4, (text) => formatAddress(parseAddress(text)!) === text));
    fc.assert(fc.property(ipv6, (address) => parseAddress(formatAddress(address))!.value === address.value));
  });

  test('of version 6 are shortened as RFC 5952 says', () => {
    const short = (text: string) => formatAddress(parseAddress(text)!);
    expect(short('2001:0DB8:0:0:0:0:0:1')).toBe('2001:db8::1');
    expect(short('0:0:0:0:0:0:0:0')).toBe('::');
    expect(short('1:0:2:0:0:3:0:4')).toBe('1:0:2::3:0:4');
    expect(short('1:0:2:3:4:5:6:7')).toBe('1:0:2:3:4:5:6:7');
  });

  test('that are none are undefined', () => {
    for (const text of [
      '',
      '1.2.3',
      '1.2.3.4.5',
      '256.1.1.1',
      '01.2.3.4',
      '1.2.3.x',
      ':',
      ':::',
      '1::2::3',
      '12345::',
      '1:2:3:4:5:6:7:8:9',
      'x'.repeat(9999),
    ])
      expect(parseAddress(text), text).toBeUndefined();
    fc.assert(
      fc.property(
        fc.string(),
        (text) => parseAddress(text) === undefined || typeof parseAddress(text)!.value === 'bigint',
      ),
    );
  });

  test('are private or public', () => {
    expect(
      ['10.0.0.1', '172.31.0.1', '192.168.1.1', '169.254.169.254', '127.0.0.1', 'fd00::1', '::1'].map((text) =>
        isPrivate(parseAddress(text)!),
      ),
    ).toEqual(Array(7).fill(true));
    expect(['172.32.0.1', '8.8.8.8', '203.0.113.80', '2600::1'].map((text) => isPrivate(parseAddress(text)!))).toEqual(
      Array(4).fill(false),
    );
  });
});

describe('blocks', () => {
  test('hold as many addresses as their prefix says, and drop host bits', () => {
    expect(formatCidr(parseCidr('10.1.2.3/16')!)).toBe('10.1.0.0/16');
    fc.assert(
      fc.property(ipv4, fc.integer({ min: 0, max: 32 }), (text, prefix) => {
        const cidr = parseCidr(`${text}/${prefix}`)!;
        return sizeOf(cidr) === 1n << BigInt(32 - prefix) && contains(cidr, rangeOf(parseAddress(text)!));
      }),
    );
    for (const text of ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '/8', '10.0.0.0/08', '::/129', '10.0.0.0/8/8'])
      expect(parseCidr(text), text).toBeUndefined();
  });

  test('of two versions have nothing in common', () => {
    expect(overlaps(parseCidr('0.0.0.0/0')!, parseCidr('::/0')!)).toBe(false);
    expect(contains(parseCidr('::/0')!, parseCidr('0.0.0.0/0')!)).toBe(false);
  });
});
