import { type ServerProcess, startServer } from '../durability/server-process.ts';
import type { Person } from './people.ts';

/** An answer of the JSON API. */
export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: each caller looks into the answer as it needs
  body: any;
}

/** The server was gone in the middle of a request: nothing was acknowledged. */
export class Lost extends Error {}

const settings = { ACCOUNTS: 'on', POOL_SIZE: '2' };

/** The place of an event: one server, which may be killed in the middle and started again over the same data. */
export class Place {
  readonly dataDir: string;
  private server: Promise<ServerProcess>;

  constructor(dataDir: string) {
    this.dataDir = dataDir;
    this.server = startServer(dataDir, settings);
  }

  /** A call of the JSON API; waits for a server that is being started again. @throws Lost */
  async api(person: Person, method: string, path: string, body?: object, signal?: AbortSignal): Promise<Answer> {
    const { url } = await this.server;
    try {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${person.token}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        ...(signal ? { signal } : {}),
      });
      const text = await response.text();
      return { status: response.status, body: text ? JSON.parse(text) : undefined };
    } catch (error) {
      throw new Lost(String(error));
    }
  }

  async awsUrl(): Promise<string> {
    return (await this.server).awsUrl;
  }

  /** kill -9, then the same ports over the same data, as a supervisor would. */
  killAndRestart(): Promise<unknown> {
    this.server = this.server.then(async ({ url, awsUrl, kill }) => {
      await kill('SIGKILL');
      return startServer(this.dataDir, { ...settings, PORT: new URL(url).port, AWS_PORT: new URL(awsUrl).port });
    });
    return this.server;
  }

  async close(): Promise<void> {
    await (await this.server).kill('SIGKILL');
  }
}
