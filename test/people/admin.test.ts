import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../server/config.ts';
import { projectRoot } from '../../server/paths.ts';
import { startRange } from '../../server/range.ts';
import { newClient, signIn } from './kit.ts';

const run = promisify(execFile);

describe('the admin command', () => {
  let dataDir: string;
  beforeAll(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'lambda-range-admin-'));
  });
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  const admin = (...args: string[]) =>
    run(process.execPath, ['--import', 'tsx', 'server/admin.ts', ...args], {
      cwd: projectRoot,
      env: { ...process.env, DATA_DIR: dataDir, ACCOUNTS: 'on', PUBLIC_URL: 'https://range.example.org' },
    });

  it('makes the first administrator before the server has ever run, and resets while it runs', async () => {
    const { stdout } = await admin('create', 'Root@example.org', '--name', 'Ruth Ottoman');
    expect(stdout).toMatch(/^https:\/\/range\.example\.org\/reset\/[\w-]{43}\n$/);
    const range = await startRange({
      port: 0,
      awsPort: 0,
      dataDir,
      logLevel: 'silent',
      poolSize: 0,
      sandbox: 'auto',
      host: '127.0.0.1',
      accounts: true,
    });
    try {
      const set = (url: string, password: string) => newClient(range).post(new URL(url.trim()).pathname, { password });
      expect((await set(stdout, 'a few words in a row')).status).toBe(303);
      const client = await signIn(range, 'root@example.org', 'a few words in a row');
      expect((await client.get('/admin')).status).toBe(200);
      const again = await admin('reset', 'root@example.org');
      expect((await set(again.stdout, 'other words in a row')).status).toBe(303);
      expect((await client.get('/admin')).status).toBe(303);
    } finally {
      await range.close();
    }
  });

  it('says what is wrong, with a status of its own', async () => {
    for (const [args, said] of [
      [['create', 'root@example.org'], 'There is an account of root@example.org already.'],
      [['create', 'no address'], 'this is no e-mail address'],
      [['reset', 'nobody@example.org'], 'There is no account of nobody@example.org.'],
    ] as const)
      await expect(admin(...args)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(said) });
  });
});

describe('settings of remote use', () => {
  it.each([
    [{ BIND: '0.0.0.0' }, 'set ACCOUNTS=on'],
    [{ PUBLIC_URL: 'https://range.example.org' }, 'set ACCOUNTS=on'],
    [{ AWS_PUBLIC_URL: 'https://aws.example.org' }, 'set ACCOUNTS=on'],
    [{ ACCOUNTS: 'on', BIND: '10.0.0.5' }, 'needs PUBLIC_URL and AWS_PUBLIC_URL'],
    [{ ACCOUNTS: 'on', BIND: '10.0.0.5', PUBLIC_URL: 'https://a.example' }, 'needs PUBLIC_URL and AWS_PUBLIC_URL'],
    [{ PUBLIC_URL: 'https://a.example/path' }, 'PUBLIC_URL: is no origin'],
    [{ PUBLIC_URL: 'javascript:alert(1)' }, 'PUBLIC_URL: is no origin'],
    [{ PUBLIC_URL: 'https://user@a.example' }, 'PUBLIC_URL: is no origin'],
    [{ BIND: 'a b' }, 'BIND: is no address'],
    [{ TRUST_PROXY: 'true' }, 'TRUST_PROXY: is neither'],
    [{ ACCOUNTS: 'yes' }, 'ACCOUNTS'],
  ])('refuses %j', (variables, said) => {
    expect(() => readConfig(variables as Record<string, string>)).toThrow(said);
  });

  it('takes what is safe', () => {
    expect(readConfig({})).toMatchObject({ host: '127.0.0.1', accounts: false });
    expect(readConfig({ PUBLIC_URL: 'http://localhost:9000/', BIND: '::1' })).toMatchObject({
      publicUrl: 'http://localhost:9000',
    });
    expect(
      readConfig({
        ACCOUNTS: 'on',
        BIND: '0.0.0.0',
        PUBLIC_URL: 'https://a.example',
        AWS_PUBLIC_URL: 'https://aws.a.example',
        TRUST_PROXY: '10.0.0.0/8, loopback',
      }),
    ).toMatchObject({ accounts: true, trustProxy: ['10.0.0.0/8', 'loopback'] });
    expect(readConfig({ TRUST_PROXY: '1' }).trustProxy).toBe(1);
  });

  it('lets nobody in where functions are not contained', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'lambda-range-bind-'));
    try {
      await expect(
        startRange({
          port: 0,
          awsPort: 0,
          dataDir,
          logLevel: 'silent',
          poolSize: 0,
          sandbox: 'none',
          host: '0.0.0.0',
          accounts: true,
          publicUrl: 'https://a.example',
          awsPublicUrl: 'https://aws.a.example',
        }),
      ).rejects.toThrow('BIND=0.0.0.0 lets others in, and functions are not contained here');
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});
