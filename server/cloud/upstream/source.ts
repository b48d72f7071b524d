import type { ClientClass } from '../clients.ts';
import type { Scope } from '../state/table.ts';
import type { Source } from './types.ts';

/** The endpoint did not answer: nothing can be said about the account. */
export class UpstreamUnavailable extends Error {}

/** What could not be read, and why. */
export interface Unread {
  what: string;
  because: string;
  /** The endpoint does not have the operation: what it would tell lives in the mirror alone. */
  lacking: boolean;
}

const AT_ONCE = 12;
const MOST_PAGES = 200;

/** Reads of one account through the SDK's clients. @param unread is added to */
export function createSource(scope: Scope, client: <C>(Client: ClientClass<C>) => C, unread: Unread[] = []): Source {
  const free = new Gate(AT_ONCE);
  const source: Source = {
    scope,
    client,
    async read(what, ask, absent = []) {
      try {
        return await free.run(() => patiently(ask));
      } catch (error) {
        if (isUnavailable(error)) throw unavailable(error);
        const { name, message } = error as Error;
        if (!absent.includes(name))
          unread.push({ what, because: `${name}: ${String(message).slice(0, 300)}`, lacking: isLacking(error) });
        return undefined;
      }
    },
    async pages<P, T>(
      what: string,
      ask: (token: string | undefined) => Promise<P>,
      part: (page: P) => { items: readonly T[] | undefined; next: string | undefined },
    ) {
      const all: T[] = [];
      let token: string | undefined;
      for (let page = 0; page < MOST_PAGES; page++) {
        const answer = await source.read(what, () => ask(token));
        if (answer === undefined) return all;
        const { items, next } = part(answer);
        all.push(...(items ?? []));
        if (!next || next === token) return all;
        token = next;
      }
      unread.push({ what, because: `more than ${MOST_PAGES} pages`, lacking: false });
      return all;
    },
    // The gate is around single calls, so that works within works cannot wait for one another.
    each: (items, work) => Promise.all(items.map(work)),
    async attempt(_what, ask) {
      try {
        await free.run(() => patiently(ask));
        return true;
      } catch (error) {
        if (isUnavailable(error)) throw unavailable(error);
        return false;
      }
    },
  };
  return source;
}

/** Lets so many through at once. */
class Gate {
  private readonly waiting: (() => void)[] = [];
  private free: number;

  constructor(free: number) {
    this.free = free;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    }
  }
}

/** Asks once more where a kept connection was closed just when it was used again, as AWS's own clients do. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!/^(?:ECONNRESET|EPIPE)$/.test((error as { code?: string }).code ?? '')) throw error;
    return ask();
  }
}

/** No answer of AWS's kind: a connection that failed, a time-out, or bytes that are no answer. */
export function isUnavailable(error: unknown): boolean {
  const { name, code, $response, $metadata } = error as Error & {
    code?: string;
    $response?: { statusCode?: number };
    $metadata?: { httpStatusCode?: number };
  };
  if (error instanceof UpstreamUnavailable) return true;
  if (/^(?:ECONN|EPIPE|ENOTFOUND|EHOSTUNREACH|ETIMEDOUT|EAI_)/.test(code ?? '')) return true;
  if (name === 'TimeoutError' || name === 'AbortError' || name === 'SyntaxError') return true;
  const status = statusOf({ $metadata, $response });
  // A 500 with a code is about one call; one without is a server that has fallen over.
  return status === 502 || status === 503 || status === 504 || (status === 500 && /^Unknown/.test(name));
}

interface Answered {
  $response?: { statusCode?: number } | undefined;
  $metadata?: { httpStatusCode?: number } | undefined;
}

const statusOf = ({ $metadata, $response }: Answered): number | undefined =>
  $metadata?.httpStatusCode ?? $response?.statusCode;

/** The endpoint does not know the operation; the names are those that emulators use. */
export function isLacking(error: unknown): boolean {
  const { message, code } = codeOf(error);
  return (
    statusOf(error as Answered) === 501 ||
    /NotImplemented|UnknownOperation|InvalidAction|NotSupported|UnsupportedOperation$/.test(code) ||
    /not (?:yet )?(?:been )?implemented/i.test(message)
  );
}

/** AWS's code, message and status of an error that the SDK made of an answer. */
export function codeOf(error: unknown): { code: string; message: string; status: number | undefined } {
  const { name, message, Code, Error: inner } = error as Error & { Code?: string; Error?: { Code?: string } };
  return { code: Code ?? inner?.Code ?? name, message, status: statusOf(error as Answered) };
}

export function unavailable(error: unknown): UpstreamUnavailable {
  if (error instanceof UpstreamUnavailable) return error;
  const { message, code } = error as Error & { code?: string };
  return new UpstreamUnavailable(`the AWS endpoint behind this lab does not answer (${code ?? message})`, {
    cause: error,
  });
}
