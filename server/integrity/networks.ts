import { isIPv4, isIPv6 } from 'node:net';

const within = 10 * 60_000;
const most = 10_000;

/**
 * From where each session's calls come. A person changes networks now and then; who is in two at a time goes back and
 * forth between them.
 */
export class Networks {
  private readonly trails = new Map<string, { network: string; at: number }[]>();

  /** Notes a call. Answers the two networks when the call comes from one that was left a moment ago for another. */
  see(attempt: string, who: string, address: string, at: number): { one: string; other: string } | undefined {
    const network = networkOf(address);
    if (network === undefined) return undefined;
    const key = `${attempt}/${who}`;
    const trail = (this.trails.get(key) ?? []).filter((step) => at - step.at < within);
    // Who called last is forgotten last.
    this.trails.delete(key);
    this.trails.set(key, trail);
    if (this.trails.size > most) this.trails.delete(this.trails.keys().next().value!);
    const last = trail.at(-1);
    if (last?.network === network) {
      last.at = at;
      return undefined;
    }
    const before = trail.some((step) => step.network === network);
    trail.push({ network, at });
    if (trail.length > 20) trail.shift();
    return before && last ? { one: network, other: last.network } : undefined;
  }
}

/** `203.0.113.0/24`, `2001:db8:1::/48`; undefined for this machine, which says nothing of anybody. */
export function networkOf(address: string): string | undefined {
  if (isIPv4(address))
    return address.startsWith('127.') ? undefined : `${address.split('.').slice(0, 3).join('.')}.0/24`;
  if (!isIPv6(address) || address === '::1') return undefined;
  const [head = ''] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  return `${[...groups, '0', '0', '0'].slice(0, 3).join(':')}::/48`;
}
