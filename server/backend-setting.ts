import { isIP } from 'node:net';
import { isLoopback } from './loopback.ts';

/**
 * Where attempts live, from `BACKEND`: `embedded`, `localstack`, or `<name>=<endpoint>`.
 * @param localstack the endpoint that `localstack` means
 * @param awsPort our own endpoint's, which is LocalStack's usual one too
 * @returns undefined for the embedded cloud
 * @throws Error that names what is wrong
 */
export function readBackend(
  text: string,
  localstack: string,
  awsPort: number,
): { name: string; endpoint: string } | undefined {
  if (text === 'embedded') return undefined;
  const parts = text === 'localstack' ? ['', 'localstack', localstack] : /^([a-z][a-z0-9-]{0,30})=(.+)$/.exec(text);
  if (!parts || parts[1] === 'embedded')
    throw new Error(`Wrong settings: BACKEND: "${text}" is none of embedded, localstack, <name>=<endpoint>`);
  const variable = text === 'localstack' ? 'LOCALSTACK_ENDPOINT' : 'BACKEND';
  return { name: parts[1]!, endpoint: readEndpoint(variable, parts[2]!, awsPort) };
}

function readEndpoint(variable: string, text: string, awsPort: number): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Error(`Wrong settings: ${variable}: "${text}" is no URL such as http://127.0.0.1:4566`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if ((url.protocol !== 'http:' && url.protocol !== 'https:') || url.pathname !== '/' || url.search || url.username)
    throw new Error(`Wrong settings: ${variable}: "${text}" is more than scheme, host and port`);
  // Whoever holds the endpoint's address is believed whichever account they name; nothing is ever sent to AWS itself.
  if (!isNear(host))
    throw new Error(
      `Wrong settings: ${variable}: ${host} is neither this machine nor a private network's: an emulator behind the range must be out of everybody else's reach`,
    );
  if (isLoopback(host) && Number(url.port || (url.protocol === 'https:' ? 443 : 80)) === awsPort && awsPort !== 0)
    throw new Error(
      `Wrong settings: ${variable}: ${url.origin} is this server's own AWS endpoint: set AWS_PORT, or start the emulator on another port`,
    );
  return url.origin;
}

/** Loopback, a private address, or a name that only a private network resolves (a container's). */
function isNear(host: string): boolean {
  if (isLoopback(host)) return true;
  if (isIP(host) === 4) return /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(host);
  if (isIP(host) === 6) return /^f[cd]/i.test(host);
  return /^[a-z0-9][a-z0-9-]*(?:\.(?:internal|local|test))?$/i.test(host);
}
