import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FunctionRuntime } from '../../../server/cloud/runtime/index.ts';
import { call, fn, host, sandboxed, startRuntime } from './kit.ts';

const GET = `const get = async (path, headers = { 'X-Aws-Parameters-Secrets-Token': process.env.AWS_SESSION_TOKEN }) => {
  const r = await fetch('http://localhost:2773' + path, { headers }); return [r.status, await r.text()] };`;

// https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-integration-lambda-extensions.html
describe.skipIf(!sandboxed)('the Parameters and Secrets extension (needs bubblewrap)', () => {
  let runtime: FunctionRuntime;
  let dispose: () => Promise<void>;
  beforeAll(async () => {
    ({ runtime, dispose } = await startRuntime());
  });
  afterAll(() => dispose());

  function cloud() {
    const asked: string[] = [];
    const services = host();
    let offset = 0;
    services.now = () => Date.now() + offset;
    services.extension = async (path, query) => {
      asked.push(`${path}?${query}`);
      const denied = query.get('secretId') === 'denied';
      return { status: denied ? 400 : 200, body: denied ? 'AccessDeniedException' : `value ${asked.length}` };
    };
    return { services, asked, wait: (seconds: number) => void (offset += seconds * 1_000) };
  }
  const attached = (source: string, variables: Record<string, string> = {}) =>
    fn(`${GET} ${source}`, { secretsExtension: true, variables });
  const one = `export const handler = async (e) => get(e.path)`;

  test('answers with the role’s rights and caches for 300 seconds of the function’s clock', async () => {
    const { services, asked, wait } = cloud();
    const spec = attached(one);
    const ask = async () => (await call(runtime, spec, services, { path: '/secretsmanager/get?secretId=db' })).json;
    expect(await ask()).toEqual([200, 'value 1']);
    expect(await ask()).toEqual([200, 'value 1']);
    wait(299);
    expect(await ask()).toEqual([200, 'value 1']);
    wait(2);
    expect(await ask()).toEqual([200, 'value 2']);
    expect(asked).toEqual(Array(2).fill('/secretsmanager/get?secretId=db'));
  });

  test('parameters too; a longer TTL is cut to 300 seconds, 0 goes past the cache', async () => {
    const { services, asked, wait } = cloud();
    const path = '/systemsmanager/parameters/get?name=%2Fa%2Fb&withDecryption=true';
    const long = attached(one, { SSM_PARAMETER_STORE_TTL: '86400' });
    expect((await call(runtime, long, services, { path })).json).toEqual([200, 'value 1']);
    wait(301);
    expect((await call(runtime, long, services, { path })).json).toEqual([200, 'value 2']);
    const none = attached(one, { SSM_PARAMETER_STORE_TTL: '0' });
    await call(runtime, none, services, { path });
    expect((await call(runtime, none, services, { path })).json).toEqual([200, 'value 4']);
    expect(asked[0]).toBe('/systemsmanager/parameters/get?name=%2Fa%2Fb&withDecryption=true');
  });

  test('a refusal is passed on and not cached', async () => {
    const { services, asked } = cloud();
    const spec = attached(one);
    for (let i = 0; i < 2; i++) {
      const { json } = await call(runtime, spec, services, { path: '/secretsmanager/get?secretId=denied' });
      expect(json).toEqual([400, 'AccessDeniedException']);
    }
    expect(asked).toHaveLength(2);
  });

  test('needs the token header, which plain server-side request forgery cannot send', async () => {
    const { services, asked } = cloud();
    const spec = attached(
      `export const handler = async () => [await get('/secretsmanager/get?secretId=db', {}), await get('/secretsmanager/get?secretId=db', { 'X-Aws-Parameters-Secrets-Token': 'wrong' })]`,
    );
    const { json } = await call(runtime, spec, services);
    expect(json.map((r: [number]) => r[0])).toEqual([401, 401]);
    expect(asked).toEqual([]);
  });

  test('is not ready during init', async () => {
    const { services } = cloud();
    const spec = attached(
      `const early = await get('/secretsmanager/get?secretId=db'); export const handler = async () => early`,
    );
    expect((await call(runtime, spec, services)).json).toEqual([400, 'not ready to serve traffic, please wait']);
  });

  test('is there by its layer’s ARN, and not without', async () => {
    const { services } = cloud();
    const source = `${GET} export const handler = async () => { try { return await get('/secretsmanager/get?secretId=db') } catch (e) { return e.cause.code } }`;
    const arn = 'arn:aws:lambda:us-east-1:177933569100:layer:AWS-Parameters-and-Secrets-Lambda-Extension:24';
    // The layer's content is AWS's; an empty zip stands for it.
    const empty = Buffer.from(`504b0506${'00'.repeat(18)}`, 'hex');
    const layered = fn(source, { layers: [{ arn, sha256: 'empty', zip: () => empty }] });
    expect((await call(runtime, layered, services)).json).toEqual([200, 'value 1']);
    expect((await call(runtime, fn(source), services)).json).toBe('ECONNREFUSED');
  });
});
