import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccountsRange, newClient, passwordOf, signIn, startAccountsRange } from './kit.ts';

let range: AccountsRange;

beforeAll(async () => {
  range = await startAccountsRange();
  await range.person('ada@example.org');
});

afterAll(() => range?.close());

describe('signing in', () => {
  it('leads there first, and back afterwards', async () => {
    const client = newClient(range);
    const first = await client.get('/progress?x=1');
    expect([first.status, first.location]).toEqual([303, '/sign-in?then=%2Fprogress%3Fx%3D1']);
    const page = await client.get(first.location!);
    expect(page.status).toBe(200);
    const done = await client.post('/sign-in', {
      email: ' ADA@example.org',
      password: passwordOf('ada@example.org'),
      next: '/progress?x=1',
    });
    expect([done.status, done.location]).toEqual([303, '/progress?x=1']);
    expect(done.headers.get('set-cookie')).toMatch(
      /^range_session=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect((await client.get('/progress')).text).toContain('ada');
  });

  it('starts labs of one’s own', async () => {
    const client = await signIn(range, 'ada@example.org');
    const { status, location } = await client.post('/labs/thumbnailer-owns-s3/start');
    expect(status).toBe(303);
    expect((await client.get(location!)).status).toBe(200);
    await range.person('bob@example.org');
    const bob = await signIn(range, 'bob@example.org');
    expect((await bob.get(location!)).status).toBe(404);
  });
});
