import type { IncomingMessage } from 'node:http';
import proxyAddress from 'proxy-addr';

/**
 * From where a request comes, when proxies stand before the server: the last address in `X-Forwarded-For` that none of
 * them has. As Express reads it for the pages.
 * @param trust how many proxies, or their addresses
 */
export function clientAddress(trust: number | string[]): (message: IncomingMessage) => string {
  const trusted =
    typeof trust === 'number' ? (_address: string, hop: number) => hop < trust : proxyAddress.compile(trust);
  return (message) => proxyAddress(message, trusted);
}
