import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { learnerRole } from '../../server/catalogue/deploy.ts';
import { accounts, cloudScope, cloudSettings } from '../../server/cloud/accounts.ts';
import { Cloud } from '../../server/cloud/cloud.ts';
import type { Caller } from '../../server/cloud/context.ts';
import { handle } from '../../server/cloud/gateway/handle.ts';
import { seededRandom } from '../../server/cloud/random.ts';
import type { FunctionRuntime } from '../../server/cloud/runtime/types.ts';
import { roles } from '../../server/cloud/services/iam/tables.ts';
import { AccountState } from '../../server/cloud/state/account-state.ts';
import { MemoryBlobs } from '../../server/cloud/state/blobs.ts';

/** How an endpoint may be: well, answering 500 to all, talking nonsense, silent, or hanging up. */
export type Mood = 'well' | 'broken' | 'nonsense' | 'silent' | 'gone';

/**
 * An emulator as the open ones are, over real HTTP: the access key id is the account, whoever it is may do everything,
 * and no signature is looked at. Behind it is an embedded cloud.
 */
export class LooseEndpoint {
  readonly endpoint: string;
  /** What was asked since `calls` was emptied: `s3 PutObject`-like, by method and target. */
  calls: { account: string; service: string; what: string }[] = [];
  mood: Mood = 'well';
  /** Becomes the mood after so many more requests. */
  turns: { after: number; mood: Mood } | undefined;
  cloud: Cloud;
  private readonly runtime: FunctionRuntime | undefined;
  private readonly server: ReturnType<typeof createServer>;
  private lives = 0;

  private constructor(server: ReturnType<typeof createServer>, runtime: FunctionRuntime | undefined) {
    this.server = server;
    this.runtime = runtime;
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.cloud = this.empty();
  }

  static async open(runtime?: FunctionRuntime): Promise<LooseEndpoint> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const loose = new LooseEndpoint(server, runtime);
    server.on('request', (message, response) => {
      const chunks: Buffer[] = [];
      message.on('data', (chunk: Buffer) => chunks.push(chunk));
      message.on('end', () => {
        const headers = Object.fromEntries(
          Object.entries(message.headers).map(([name, value]) => [name, String(value)]),
        );
        void loose.answer(message.method ?? 'GET', message.url ?? '/', headers, Buffer.concat(chunks), response);
      });
    });
    return loose;
  }

  /** As if the process had been started anew and had kept nothing. */
  async restartEmpty(): Promise<void> {
    await this.cloud.close();
    this.cloud = this.empty();
  }

  /** Names of what an account holds, by table. */
  holds(account: string): string[] {
    return [...this.cloud.state.records()]
      .filter(({ scope }) => scope.startsWith(account))
      .map(({ table, id }) => `${table} ${id}`);
  }

  async close(): Promise<void> {
    this.mood = 'gone';
    await this.cloud.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private empty(): Cloud {
    const state = new AccountState();
    const cloud = new Cloud({
      id: `loose${this.lives++}`,
      state,
      blobs: new MemoryBlobs(),
      endpoint: this.endpoint,
      ...(this.runtime ? { runtime: this.runtime } : {}),
    });
    cloud.transact((change) =>
      change.put(cloudSettings, cloudScope, 'settings', { secret: 'cd'.repeat(32), region: 'us-east-1' }),
    );
    return cloud;
  }

  private async answer(
    method: string,
    url: string,
    headers: Record<string, string>,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    if (this.turns && this.turns.after-- <= 0) {
      this.mood = this.turns.mood;
      this.turns = undefined;
    }
    if (this.mood === 'gone') return void response.destroy();
    if (this.mood === 'silent') return;
    if (this.mood === 'broken') return void response.writeHead(500).end('<html>Internal Server Error</html>');
    if (this.mood === 'nonsense') return void response.writeHead(200).end('}{ nonsense');
    const scope = /Credential=(\d{12})\/\d+\/([a-z0-9-]+)\/([a-z0-9-]+)\//.exec(headers.authorization ?? '');
    if (!scope) return void response.writeHead(404).end('{}');
    const [, account, , service] = scope as unknown as [string, string, string, string];
    this.calls.push({
      account,
      service,
      what: headers['x-amz-target'] ?? `${method} ${url} ${body.toString('latin1', 0, 60)}`,
    });
    if (!this.cloud.accounts().some(({ id }) => id === account))
      this.cloud.transact((state) =>
        state.put(accounts, cloudScope, account, { id: account, kind: 'own', name: account }),
      );
    const source = { ip: '127.0.0.1', secure: true };
    const caller: Caller = {
      principal: { type: 'root', account, arn: `arn:aws:iam::${account}:root` },
      context: {},
      source,
    };
    // Emulators take paths that AWS keeps to itself, and let go of what lies there.
    const form = new URLSearchParams(service === 'iam' ? body.toString() : '');
    const name = form.get('RoleName') ?? '';
    if (form.get('Action') === 'CreateRole' && form.get('Path')?.startsWith('/aws-reserved/')) {
      const record = { ...learnerRole.record(account, seededRandom(account), 0), roleName: name, attached: [] };
      this.cloud.transact((state) => state.put(roles, { account, region: '' }, name, record));
      return void response.end('<CreateRoleResponse><CreateRoleResult/></CreateRoleResponse>');
    }
    if (form.get('Action') === 'DeleteRole' && name.startsWith('AWSReserved')) {
      this.cloud.transact((state) => state.delete(roles, { account, region: '' }, name));
      return void response.end('<DeleteRoleResponse/>');
    }
    const { host = '', ...rest } = headers;
    const request = {
      method,
      url,
      host: host.replace(/:\d+$/, ''),
      headers: { host, ...rest },
      body,
      sourceIp: '127.0.0.1',
    };
    const answer = await handle(this.cloud, request, source, { caller, service });
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  }
}
