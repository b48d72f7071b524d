import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { textOf } from '../web/kit.ts';
import { type AccountsRange, type Client, newClient, passwordOf, signIn, startAccountsRange } from './kit.ts';

let range: AccountsRange;
let now = Date.parse('2026-11-26T09:00:00Z');
let root: string;
let ines: string;
let ada: string;
let cohort: string;

const hour = 3_600_000;
const day = 24 * hour;

beforeAll(async () => {
  range = await startAccountsRange({}, { now: () => now });
  root = await range.person('root@example.org', 'administrator');
  ines = await range.person('ines@example.org', 'instructor');
  ada = await range.person('ada@example.org');
  cohort = range.cohorts.make({ id: ines, role: 'instructor' }, { name: 'Spring' }).id;
});

afterAll(() => range?.close());
// Each test is a day of its own: no throttle is left of the one before.
afterEach(() => {
  now += day;
});

const guess = (client: Client, email: string, password = 'not the password') =>
  client.post('/sign-in', { email, password });

describe('signing in', () => {
  it('answers the same for an unknown e-mail as for a wrong password', async () => {
    const [known, unknown] = [
      await guess(newClient(range), 'ada@example.org'),
      await guess(newClient(range), 'xyz@example.org'),
    ];
    expect([known.status, unknown.status]).toEqual([401, 401]);
    expect(known.text.replaceAll('ada@', 'xyz@')).toBe(unknown.text);
  });

  it('slows guessing down, many at once too, and lets the owner in after the wait', async () => {
    const client = newClient(range);
    const many = await Promise.all(Array.from({ length: 12 }, () => guess(client, 'ada@example.org')));
    expect(many.filter(({ status }) => status === 401)).toHaveLength(5);
    const refused = many.find(({ status }) => status === 429)!;
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(textOf(refused.text)).toContain('Wait 1 second');
    now += 1000;
    expect((await guess(client, 'ada@example.org')).status).toBe(401);
    expect((await guess(client, 'ada@example.org')).headers.get('retry-after')).toBe('2');
    expect((await guess(client, 'ADA@example.org ')).status).toBe(429);
    now += 2000;
    await signIn(range, 'ada@example.org');
    expect((await guess(client, 'ada@example.org')).status).toBe(401);
  });

  it.each([
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['https://evil.example/', '/'],
    ['/\t/evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['/..//evil.example', '/'],
    ['/progress?a=1#x', '/progress?a=1'],
    ['/sign-in?then=/x', '/'],
  ])('leads from ?then=%j to %s', async (then, to) => {
    const password = passwordOf('ada@example.org');
    const { location } = await newClient(range).post('/sign-in', { email: 'ada@example.org', password, next: then });
    expect(location).toBe(to);
    const page = await newClient(range).get(`/sign-in?then=${encodeURIComponent(then)}`);
    expect(page.text).toContain(`name="next" value="${to}"`);
  });

  it('tells a fragment and a stream in their own ways', async () => {
    const client = newClient(range);
    const fragment = await client.get('/', { 'hx-request': 'true', 'hx-current-url': `${range.url}/progress` });
    expect([fragment.status, fragment.headers.get('hx-redirect')]).toEqual([204, '/sign-in?then=%2Fprogress']);
    expect((await client.get('/attempts/a1/events', { accept: 'text/event-stream' })).status).toBe(401);
  });

  it('takes no post of another origin', async () => {
    const client = await signIn(range, 'ada@example.org');
    for (const headers of [
      ['origin', 'https://evil.example'],
      ['origin', 'null'],
      ['sec-fetch-site', 'cross-site'],
    ])
      expect((await client.post('/sign-out', {}, Object.fromEntries([headers]))).status).toBe(403);
    expect((await client.get('/settings')).status).toBe(200);
  });

  it.each<Record<string, string>>([
    { email: 'a\u0000@example.org', password: 'x' },
    { email: 'x'.repeat(10_000), password: 'x' },
    { email: 'ada@example.org', password: 'x'.repeat(10_000) },
    { email: "' or 1=1 --", password: '\u202e' },
    {},
  ])('survives %j', async (fields) => {
    const { status } = await newClient(range).post('/sign-in', fields);
    expect([400, 401]).toContain(status);
  });
});

describe('a session', () => {
  it('is a new one at sign-in, and the one that was planted ends', async () => {
    const mine = await signIn(range, 'ada@example.org');
    const planted = mine.cookies.get('range_session')!;
    const victim = newClient(range);
    victim.cookies.set('range_session', planted);
    await victim.post('/sign-in', { email: 'ines@example.org', password: passwordOf('ines@example.org') });
    expect(victim.cookies.get('range_session')).not.toBe(planted);
    expect((await mine.get('/settings')).status).toBe(303);
    victim.cookies.set('range_session', 'x'.repeat(43));
    expect((await victim.get('/settings')).status).toBe(303);
  });

  it('ends after 12 hours unused, and after 7 days at all', async () => {
    const client = await signIn(range, 'ada@example.org');
    now += 12 * hour - 1;
    expect((await client.get('/settings')).status).toBe(200);
    now += 12 * hour;
    expect((await client.get('/settings')).status).toBe(303);
    const busy = await signIn(range, 'ada@example.org');
    for (let hours = 0; hours < 7 * 24 - 6; hours += 6) {
      now += 6 * hour;
      expect((await busy.get('/settings')).status, `${hours}`).toBe(200);
    }
    now += 6 * hour;
    expect((await busy.get('/settings')).status).toBe(303);
  });

  it('ends by signing out, from another device, with the password, and with the account', async () => {
    const [one, two] = [await signIn(range, 'ada@example.org'), await signIn(range, 'ada@example.org')];
    const old = one.cookies.get('range_session')!;
    await one.post('/sign-out');
    one.cookies.set('range_session', old);
    expect((await one.get('/settings')).status).toBe(303);

    const three = await signIn(range, 'ada@example.org');
    expect((await two.post('/settings/sessions/end-others')).status).toBe(303);
    expect((await three.get('/settings')).status).toBe(303);

    const four = await signIn(range, 'ada@example.org');
    const changed = await two.post('/settings/password', {
      old: passwordOf('ada@example.org'),
      password: 'another few words',
    });
    expect([changed.status, changed.location]).toEqual([303, '/settings?saved']);
    expect((await four.get('/settings')).status).toBe(303);
    expect((await two.get('/settings')).status).toBe(200);
    await two.post('/settings/password', { old: 'another few words', password: passwordOf('ada@example.org') });

    const token = range.people.tokens.make(ada, 'script', undefined).token;
    const me = () => fetch(`${range.url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    expect((await me()).status).toBe(200);
    range.people.setDisabled(root, ada, true);
    expect((await two.get('/settings')).status).toBe(303);
    expect((await me()).status).toBe(401);
    expect((await guess(newClient(range), 'ada@example.org', passwordOf('ada@example.org'))).status).toBe(401);
    range.people.setDisabled(root, ada, false);
  });

  it('is nobody else’s to end', async () => {
    const other = await signIn(range, 'ines@example.org');
    const [session] = range.people.sessions.list(ines, other.cookies.get('range_session'));
    const client = await signIn(range, 'ada@example.org');
    expect((await client.post(`/settings/sessions/${session!.id}/end`)).status).toBe(404);
    expect((await other.get('/settings')).status).toBe(200);
  });
});

describe('an invite', () => {
  const invite = (of: { seats?: number; domains?: string[]; days?: number } = {}) =>
    range.people.invites.make(
      { id: ines, role: 'instructor' },
      {
        role: 'learner',
        cohort,
        domains: of.domains ?? [],
        seats: of.seats ?? 5,
        expiresAt: now + (of.days ?? 1) * day,
      },
    );
  const accept = (secret: string, email: string, of: Record<string, string> = {}, client = newClient(range)) =>
    client.post(`/invites/${secret}`, { email, name: 'New', password: passwordOf(email), ...of });
  const used = (id: string): number =>
    range.people.invites.list({ id: root, role: 'administrator' }, cohort).find((each) => each.id === id)!.used;

  it('makes an account, in the cohort, signed in', async () => {
    const { id, secret } = invite();
    const client = newClient(range);
    expect(textOf((await client.get(`/invites/${secret}`)).text)).toContain('Join Spring');
    expect((await accept(secret, 'new1@example.org', {}, client)).location).toBe('/');
    expect(textOf((await client.get('/settings')).text)).toContain('Spring Member.');
    expect(used(id)).toBe(1);
  });

  it('gives its last seat to one of two', async () => {
    const { id, secret } = invite({ seats: 1 });
    const both = await Promise.all(['seat1@example.org', 'seat2@example.org'].map((email) => accept(secret, email)));
    expect(both.map(({ status }) => status).sort()).toEqual([303, 410]);
    expect(textOf(both.find(({ status }) => status === 410)!.text)).toContain('All seats of this invite are taken');
    expect(used(id)).toBe(1);
    const lost = both[0]!.status === 410 ? 'seat1@example.org' : 'seat2@example.org';
    expect((await guess(newClient(range), lost, passwordOf(lost))).status).toBe(401);
  });

  it('pressed twice is one account, one seat, and signed in', async () => {
    const { id, secret } = invite({ seats: 2 });
    const twice = await Promise.all([accept(secret, 'twice@example.org'), accept(secret, 'twice@example.org')]);
    expect(twice.map(({ status, location }) => [status, location])).toEqual([
      [303, '/'],
      [303, '/'],
    ]);
    expect(used(id)).toBe(1);
  });

  it('brings in who is signed in, once', async () => {
    const { id, secret } = invite({ seats: 1 });
    await range.person('joins@example.org');
    const client = await signIn(range, 'joins@example.org');
    expect((await client.get(`/invites/${secret}`)).text).toContain('joins@example.org');
    expect((await client.post(`/invites/${secret}`)).status).toBe(303);
    expect((await client.post(`/invites/${secret}`)).status).toBe(303);
    expect(used(id)).toBe(1);
    expect((await accept(secret, 'late@example.org')).status).toBe(410);
  });

  it('does not let anybody into an account that is there', async () => {
    const { secret } = invite();
    const refused = await accept(secret, 'ada@example.org', { password: 'a password of mine' });
    expect(refused.status).toBe(409);
    expect(refused.headers.get('set-cookie')).toBeNull();
  });

  it('has domains, an end, and can be taken back', async () => {
    const { secret } = invite({ domains: ['example.com'] });
    expect(textOf((await accept(secret, 'x@example.org')).text)).toContain('at example.com');
    expect((await accept(secret, 'x@sub.example.com')).status).toBe(400);
    expect((await accept(secret, 'x@example.com')).status).toBe(303);
    const late = invite({ days: 1 });
    now += day;
    expect((await accept(late.secret, 'late@example.org')).status).toBe(410);
    const back = invite();
    const instructor = await signIn(range, 'ines@example.org');
    expect((await instructor.post(`/cohorts/${cohort}/invites/${back.id}/revoke`)).location).toBe(
      `/cohorts/${cohort}/invites`,
    );
    expect((await accept(back.secret, 'late@example.org')).status).toBe(410);
    expect((await newClient(range).get('/invites/guessed')).status).toBe(404);
  });

  it.each<Record<string, string>>([
    { name: '<script>alert(1)</script>' },
    { name: 'x'.repeat(10_000) },
    { name: '\u202eevil' },
    { name: 'nul\u0000' },
    { name: '   ' },
    { password: 'short' },
    { password: 'aaaaaaaaaaaaaaaa' },
    { password: 'hostile@example.org' },
    { email: 'hostile@@example.org' },
  ])('says what is wrong with %j', async (of) => {
    const { status, text } = await accept(invite().secret, 'hostile@example.org', of);
    if (of.name?.startsWith('<script>')) {
      expect(status).toBe(303);
      const admin = await signIn(range, 'root@example.org');
      const page = await admin.get('/admin?text=hostile');
      expect(page.text).toContain('&lt;script&gt;alert(1)');
      expect(page.text).not.toContain('<script>alert');
    } else {
      expect(status).toBe(400);
      expect(text).toContain('role="alert"');
    }
  });

  it('is made by instructors for learners of their cohorts', async () => {
    const make = (who: string, of: object) =>
      range.api(who, 'POST', '/invites', { cohort, seats: 1, expiresAt: now + day, ...of });
    expect((await make(ada, {})).status).toBe(403);
    expect((await make(ines, { role: 'administrator' })).status).toBe(403);
    expect((await make(ines, { cohort: undefined })).status).toBe(403);
    expect((await make(ines, {})).status).toBe(201);
    const ivan = await range.person('ivan@example.org', 'instructor');
    expect((await make(ivan, {})).status).toBe(404);
    expect((await range.api(ivan, 'GET', `/invites?cohort=${cohort}`)).status).toBe(404);
    const other = await signIn(range, 'ivan@example.org');
    for (const page of ['invites', 'roster']) expect((await other.get(`/cohorts/${cohort}/${page}`)).status).toBe(404);
  });
});

describe('administration', () => {
  it('is for administrators', async () => {
    for (const email of ['ada@example.org', 'ines@example.org']) {
      const client = await signIn(range, email);
      for (const page of ['/admin', '/admin/invites', '/admin/health'])
        expect((await client.get(page)).status, page).toBe(403);
      for (const deed of ['disable', 'role', 'reset'])
        expect((await client.post(`/admin/people/${root}/${deed}`, { role: 'learner' })).status, deed).toBe(403);
    }
    const client = await signIn(range, 'root@example.org');
    expect(textOf((await client.get('/admin/health')).text)).toContain('all of them load');
    expect((await client.post('/admin/people/nobody/disable')).status).toBe(404);
    const last = await client.post(`/admin/people/${root}/role`, { role: 'learner' });
    expect([last.status, textOf(last.text).includes('cannot be demoted')]).toEqual([409, true]);
  });

  it('makes a link that works once', async () => {
    const client = await signIn(range, 'root@example.org');
    const page = await client.post(`/admin/people/${ada}/reset`);
    const path = new URL(/<code class="cmd">([^<]+)</.exec(page.text)![1]!).pathname;
    const before = await signIn(range, 'ada@example.org');
    const browser = newClient(range);
    expect((await browser.post(path, { password: 'short' })).status).toBe(400);
    const two = await Promise.all([1, 2].map(() => browser.post(path, { password: passwordOf('ada@example.org') })));
    expect(two.map(({ status }) => status).sort()).toEqual([303, 404]);
    expect((await before.get('/settings')).status).toBe(303);
    expect((await newClient(range).get(path)).status).toBe(404);
  });
});

describe('one’s own data', () => {
  it('is exported, and deleted with the account', async () => {
    const id = await range.person('gone@example.org');
    const client = await signIn(range, 'gone@example.org');
    const started = await client.post('/labs/anyones-topic/start');
    expect(started.status).toBe(303);
    const data = JSON.parse((await client.get('/settings/export')).text);
    expect([data.account.email, data.attempts.length, JSON.stringify(data).includes('argon2id')]).toEqual([
      'gone@example.org',
      1,
      false,
    ]);
    expect((await client.post('/settings/delete', { password: 'wrong' })).status).toBe(403);
    expect((await client.post('/settings/delete', { password: passwordOf('gone@example.org') })).location).toBe(
      '/sign-in',
    );
    expect((await client.get('/settings')).status).toBe(303);
    expect(() => range.people.get(id)).toThrow('no such person');
    expect((await guess(newClient(range), 'gone@example.org', passwordOf('gone@example.org'))).status).toBe(401);
    expect(() => range.training.view(id, started.location!.split('/').at(-1)!)).toThrow('There is no attempt');
  });
});

describe('the API', () => {
  it('knows nobody without a token, and nobody by a cookie', async () => {
    const client = await signIn(range, 'ada@example.org');
    expect((await client.get('/api/v1/me')).status).toBe(401);
    expect((await range.api(ada, 'GET', '/me')).body).toMatchObject({ email: 'ada@example.org', role: 'learner' });
    const { body } = await range.api(ada, 'POST', '/me/tokens', { name: 'short', expiresAt: now + 1000 });
    const me = () => fetch(`${range.url}/api/v1/me`, { headers: { authorization: `Bearer ${body.token}` } });
    expect((await me()).status).toBe(200);
    now += 1000;
    expect((await me()).status).toBe(401);
    expect((await range.api(ines, 'DELETE', `/me/tokens/${body.id}`)).status).toBe(404);
    expect((await range.api(ada, 'DELETE', `/me/tokens/${body.id}`)).status).toBe(204);
  });

  it('refuses what is not for this person', async () => {
    expect((await range.api(ada, 'GET', '/users')).status).toBe(403);
    expect((await range.api(ines, 'PATCH', `/users/${ada}`, { role: 'administrator' })).status).toBe(403);
    expect((await range.api(ada, 'POST', `/users/${root}/reset-links`)).status).toBe(403);
    expect((await range.api(ines, 'POST', `/users/${root}/reset-links`)).status).toBe(404);
    expect((await range.api(root, 'PATCH', `/users/${root}`, { disabled: true })).status).toBe(409);
    expect((await range.api(root, 'GET', '/users?text=%25&limit=1')).body).toEqual({ total: 0, users: [] });
    const broken = await range.api(ines, 'POST', `/cohorts/${cohort}/roster`, { csv: 'name,email\nA,a\n' });
    expect([broken.status, broken.body.error.message]).toEqual([
      400,
      'Nothing was imported: line 2: email: this is no e-mail address',
    ]);
  });
});
