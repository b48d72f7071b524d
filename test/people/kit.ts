import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../server/config.ts';
import { hashPassword } from '../../server/people/passwords.ts';
import { type Range, startRange } from '../../server/range.ts';
import type { Role } from '../../server/store/users.ts';
import type { Answer } from '../web/kit.ts';

/** A browser of somebody: keeps cookies, follows nothing. */
export interface Client {
  cookies: Map<string, string>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** A form; with `hx-request` where it is asked for. */
  post(path: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
}

export interface AccountsRange extends Range {
  /** Where its store lies. */
  dataDir: string;
  /** Makes an account with the password `passwordOf(email)`; answers its id. */
  person(email: string, role?: Role, name?: string): Promise<string>;
  /** A call of the JSON API as a person. */
  // biome-ignore lint/suspicious/noExplicitAny: each test looks into the answer as it needs
  api(person: string, method: string, path: string, body?: unknown): Promise<{ status: number; body: any }>;
}

export const passwordOf = (email: string): string => `secret words of ${email}`;

/** A whole installation with accounts, on free ports, with its data in a temporary folder. */
export async function startAccountsRange(
  settings: Partial<Config> = {},
  options: Parameters<typeof startRange>[1] = {},
): Promise<AccountsRange> {
  const dataDir = mkdtempSync(join(tmpdir(), 'lambda-range-people-'));
  const range = await startRange(
    {
      port: 0,
      awsPort: 0,
      dataDir,
      logLevel: 'silent',
      poolSize: 0,
      sandbox: 'auto',
      host: '127.0.0.1',
      accounts: true,
      ...settings,
    },
    options,
  );
  const tokens = new Map<string, string>();
  return {
    ...range,
    dataDir,
    async person(email, role = 'learner', name = email.split('@')[0]!) {
      const password = await hashPassword(passwordOf(email));
      return range.people.create('test', { email, name, role, password }).id;
    },
    async api(person, method, path, body) {
      const token = tokens.get(person) ?? range.people.tokens.make(person, 'test', undefined).token;
      tokens.set(person, token);
      const response = await fetch(`${range.url}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        body: response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text,
      };
    },
    async close() {
      await range.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A browser that nobody is signed in with. */
export function newClient(range: { url: string }): Client {
  const cookies = new Map<string, string>();
  const send = async (path: string, init: RequestInit & { headers: Record<string, string> }): Promise<Answer> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(range.url + path, {
      redirect: 'manual',
      ...init,
      headers: { ...init.headers, ...(cookie ? { cookie } : {}) },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (/max-age=0\b/i.test(line)) cookies.delete(name!);
      else cookies.set(name!, value!);
    }
    return {
      status: response.status,
      location: response.headers.get('location'),
      headers: response.headers,
      text: await response.text(),
    };
  };
  return {
    cookies,
    get: (path, headers = {}) => send(path, { headers }),
    post: (path, fields = {}, headers = {}) =>
      send(path, { method: 'POST', body: new URLSearchParams(fields), headers }),
  };
}

/** A browser in which this person is signed in. */
export async function signIn(range: { url: string }, email: string, password = passwordOf(email)): Promise<Client> {
  const client = newClient(range);
  const { status, text } = await client.post('/sign-in', { email, password });
  if (status !== 303) throw new Error(`${email} could not sign in: ${status} ${text.slice(0, 2000)}`);
  return client;
}
