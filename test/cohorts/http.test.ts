import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccountsRange, type Client, newClient, signIn, startAccountsRange } from '../people/kit.ts';
import { textOf } from '../web/kit.ts';

let range: AccountsRange;
const ids: Record<string, string> = {};
const clients: Record<string, Client> = {};
let cohort: string;
let red: string;
let blue: string;

/** `of` sends a form, and answers the page that it leads to. */
async function sent(of: string, path: string, fields: Record<string, string> = {}) {
  const answer = await clients[of]!.post(path, fields);
  return answer.status === 303 ? clients[of]!.get(answer.location!) : answer;
}
const version = (html: string): string => /name="version" value="(\d+)"/.exec(html)![1]!;

beforeAll(async () => {
  range = await startAccountsRange();
  for (const name of ['ines', 'ivan', 'ada', 'ben', 'cem', 'dora', 'eva']) {
    ids[name] = await range.person(`${name}@example.org`, name.startsWith('i') ? 'instructor' : 'learner', name);
    clients[name] = await signIn(range, `${name}@example.org`);
  }
  ids.root = await range.person('root@example.org', 'administrator', 'root');
  clients.root = await signIn(range, 'root@example.org');
  clients.nobody = newClient(range);
  // Signed out meanwhile: her cookie is that of a session that ended.
  clients.eva!.cookies = new Map(clients.eva!.cookies);
  const cookies = new Map(clients.eva!.cookies);
  await clients.eva!.post('/sign-out');
  clients.ended = newClient(range);
  for (const [name, value] of cookies) clients.ended.cookies.set(name, value);

  const made = await clients.ines!.post('/cohorts', { name: 'Spring' });
  cohort = made.location!.split('/').at(-1)!;
  for (const name of ['ada', 'ben', 'cem'])
    await clients.ines!.post(`/cohorts/${cohort}/members`, { email: `${name}@example.org` });
  await clients.ines!.post(`/cohorts/${cohort}/teams`, { name: 'Red', seats: '2', bracket: 'Staff' });
  await clients.ines!.post(`/cohorts/${cohort}/teams`, { name: 'Blue', seats: '5' });
  const teams = range.cohorts.teams.ofCohort(cohort);
  red = teams.find(({ name }) => name === 'Red')!.id;
  blue = teams.find(({ name }) => name === 'Blue')!.id;
  for (const name of ['ada', 'ben'])
    await clients.ines!.post(`/cohorts/${cohort}/members/${ids[name]}/team`, { team: red });
  await clients.ines!.post(`/cohorts/${cohort}/members/${ids.cem}/team`, { team: blue });
}, 60_000);
afterAll(() => range?.close());

describe('pages of a cohort', () => {
  it('show its instructor members, teams, codes and the way to everything else', async () => {
    const { status, text } = await clients.ines!.get(`/cohorts/${cohort}`);
    expect(status).toBe(200);
    for (const part of ['ada@example.org', 'Red', 'Staff', 'Spring']) expect(textOf(text)).toContain(part);
    for (const page of ['progress', 'invites', 'roster', 'signals', 'audit'])
      expect(text).toContain(`href="/cohorts/${cohort}/${page}"`);
    expect(textOf((await clients.ines!.get('/cohorts')).text)).toContain('Spring');
    expect(textOf((await clients.root!.get('/cohorts')).text)).toContain('Spring');
  });

  it('show a member their teams', async () => {
    const { text } = await clients.ada!.get('/cohorts');
    expect(textOf(text)).toMatch(/Spring team Red/);
    expect(text).not.toContain(`/cohorts/${cohort}`);
    expect(textOf((await clients.ada!.get(`/teams/${red}`)).text)).toContain('ada (you)');
  });

  it('show the later of two edits both texts, and take it when it is sent again', async () => {
    const page = (await clients.ines!.get(`/cohorts/${cohort}`)).text;
    await sent('root', `/cohorts/${cohort}/name`, { name: 'Spring 2027', version: version(page) });
    const refused = await sent('ines', `/cohorts/${cohort}/name`, { name: 'Spring term', version: version(page) });
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('value="Spring term"');
    expect(textOf(refused.text)).toMatch(/Stored: name Spring 2027/);
    const again = { name: 'Spring term', version: version(refused.text) };
    expect(textOf((await sent('ines', `/cohorts/${cohort}/name`, again)).text)).toContain('Spring term');
  });

  it('keep what was typed into a form that was refused', async () => {
    const refused = await sent('ines', `/cohorts/${cohort}/teams`, { name: 'red', seats: '7', bracket: 'Guests' });
    expect(refused.status).toBe(409);
    expect(textOf(refused.text)).toContain('The cohort has a team "Red" already.');
    expect(refused.text).toContain('value="Guests"');
    const unknown = await sent('ines', `/cohorts/${cohort}/members`, { email: 'nobody@example.org' });
    expect([unknown.status, unknown.text.includes('value="nobody@example.org"')]).toEqual([404, true]);
  });

  it('show names as they are, whatever stands in them', async () => {
    const hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
    const shown = await sent('ines', `/cohorts/${cohort}/teams`, { name: hostile, seats: '1', bracket: hostile });
    expect(shown.status).toBe(200);
    expect(shown.text).not.toContain('<script>alert');
    expect(shown.text).not.toContain('<img');
    const { id } = range.cohorts.teams.ofCohort(cohort).find(({ name }) => name === hostile)!;
    expect((await clients.ines!.get(`/teams/${id}`)).text).not.toMatch(/<script>alert|<img/);
    for (const name of ['x'.repeat(10_000), '\u202eevil', 'a\0b', '']) {
      const refused = await sent('ines', `/cohorts/${cohort}/teams`, { name, seats: '1' });
      expect(refused.status).toBe(400);
      expect(refused.text.length).toBeLessThan(80_000);
    }
    for (const seats of ['', 'x', '1e9', '-1', '2.5'])
      expect((await sent('ines', `/cohorts/${cohort}/teams`, { name: 'New', seats })).status, seats).toBe(400);
  });
});

it('a member is moved by the name of a team, and a name that is none is told', async () => {
  const path = `/cohorts/${cohort}/members/${ids.cem}/team`;
  expect((await sent('ines', path, { team: ' red ' })).status).toBe(409);
  await sent('ines', path, { team: '' });
  expect(range.cohorts.teams.of(ids.cem!)).toEqual([]);
  await sent('ines', path, { team: 'BLUE' });
  expect(range.cohorts.teams.of(ids.cem!).map(({ name }) => name)).toEqual(['Blue']);
  const refused = await sent('ines', path, { team: 'Purple' });
  expect([refused.status, textOf(refused.text).includes('This cohort has no team "Purple".')]).toEqual([404, true]);
});

describe('joining a team', () => {
  it('by its code, and leaving it again', async () => {
    const { id } = range.cohorts.teams.make({ id: ids.ines!, role: 'instructor' }, cohort, { name: 'Green' });
    const { joinCode } = range.cohorts.teams.view({ id: ids.ines!, role: 'instructor' }, id);
    const elsewhere = await sent('cem', '/teams/join', { code: joinCode });
    expect([elsewhere.status, textOf(elsewhere.text).includes('leave it first')]).toEqual([409, true]);
    await sent('cem', `/teams/${blue}/leave`);
    expect(textOf((await sent('cem', '/teams/join', { code: joinCode.toLowerCase() })).text)).toContain('cem (you)');
    const outsider = await sent('dora', '/teams/join', { code: joinCode });
    expect([outsider.status, outsider.text.includes('Green')]).toEqual([404, false]);
    await sent('cem', `/teams/${id}/leave`);
    range.cohorts.teams.move({ id: ids.ines!, role: 'instructor' }, cohort, ids.cem!, blue);
  });

  it('two people at once: one last seat', async () => {
    const { id, joinCode } = range.cohorts.teams.make({ id: ids.ines!, role: 'instructor' }, cohort, {
      name: 'Solo',
      seats: 1,
    });
    for (const name of ['ada', 'ben'])
      range.cohorts.teams.move({ id: ids.ines!, role: 'instructor' }, cohort, ids[name]!, undefined);
    const answers = await Promise.all(
      ['ada', 'ben'].map((name) => clients[name]!.post('/teams/join', { code: joinCode })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 404]);
    expect(range.cohorts.teams.view({ id: ids.ines!, role: 'instructor' }, id).members).toHaveLength(1);
    for (const name of ['ada', 'ben'])
      range.cohorts.teams.move({ id: ids.ines!, role: 'instructor' }, cohort, ids[name]!, red);
  });
});

describe('who may not', () => {
  const pages = (): [string, string, string[]][] => [
    ['GET', `/cohorts/${cohort}`, ['ines', 'root']],
    ['POST', `/cohorts/${cohort}/name`, ['ines', 'root']],
    ['POST', `/cohorts/${cohort}/archive`, ['ines', 'root']],
    ['POST', `/cohorts/${cohort}/members`, ['ines', 'root']],
    ['POST', `/cohorts/${cohort}/members/${ids.ada}/remove`, ['ines', 'root']],
    ['POST', `/cohorts/${cohort}/members/${ids.ada}/team`, ['ines', 'root']],
    ['POST', `/cohorts/${cohort}/teams`, ['ines', 'root']],
    ['POST', `/cohorts/${cohort}/instructors`, ['ines', 'root']],
    ['POST', `/cohorts/${cohort}/instructors/${ids.ines}/remove`, ['ines', 'root']],
    ['GET', `/teams/${red}`, ['ines', 'root', 'ada', 'ben']],
    ['POST', `/teams/${red}`, ['ines', 'root', 'ada', 'ben']],
    ['POST', `/teams/${red}/code`, ['ines', 'root', 'ada', 'ben']],
    ['POST', `/teams/${red}/leave`, ['ines', 'root', 'ada', 'ben']],
  ];
  const everybody = ['ines', 'ivan', 'root', 'ada', 'cem', 'dora'];

  it('gets a page of nothing, as for a guessed id', async () => {
    for (const [method, path, may] of pages())
      for (const who of everybody.filter((name) => !may.includes(name))) {
        const { status } = method === 'GET' ? await clients[who]!.get(path) : await clients[who]!.post(path);
        expect(status, `${who} ${method} ${path}`).toBe(404);
      }
    for (const [method, path] of pages())
      for (const guessed of ['c000000000000000', '__proto__', '%00', 'x'.repeat(5000)]) {
        const there = path.replace(cohort, guessed).replace(red, guessed);
        const { status } = method === 'GET' ? await clients.ines!.get(there) : await clients.ines!.post(there);
        expect([400, 404], `${method} ${there.slice(0, 80)}`).toContain(status);
      }
  });

  it('is led to the door where nobody is signed in, and by a session that ended', async () => {
    for (const [method, path] of [
      ...pages(),
      ['GET', '/cohorts'],
      ['GET', '/teams/join'],
      ['POST', '/teams/join'],
      ['POST', '/cohorts'],
    ] as [string, string][])
      for (const who of ['nobody', 'ended']) {
        const { status, text, location } =
          method === 'GET' ? await clients[who]!.get(path) : await clients[who]!.post(path);
        expect([401, 303], `${who} ${method} ${path}`).toContain(status);
        expect(`${text}${location}`).not.toContain('Spring');
        if (status === 303) expect(location).toContain('/sign-in');
      }
  });

  it('and a member edits no team, a learner makes no cohort', async () => {
    expect(
      (await clients.ada!.post(`/teams/${red}`, { name: 'Mine', seats: '20', bracket: '', version: '1' })).status,
    ).toBe(403);
    expect((await clients.ada!.post('/cohorts', { name: 'Mine' })).status).toBe(403);
  });
});

describe('the API', () => {
  const call = (who: string, method: string, path: string, body?: unknown) => range.api(ids[who]!, method, path, body);

  it('does all of it', async () => {
    const made = await call('ivan', 'POST', '/cohorts', { name: 'Autumn' });
    expect(made.status).toBe(201);
    const autumn = made.body.id;
    expect(
      (await call('ivan', 'POST', `/cohorts/${autumn}/members`, { email: 'dora@example.org' })).body.members,
    ).toHaveLength(1);
    const team = (await call('ivan', 'POST', `/cohorts/${autumn}/teams`, { name: 'Gold' })).body;
    expect(team).toMatchObject({ name: 'Gold', seats: 5, version: 1 });
    expect((await call('dora', 'POST', '/teams/join', { code: team.joinCode })).body.mine).toBe(true);
    expect((await call('dora', 'GET', '/teams')).body.memberships).toMatchObject([{ team: { name: 'Gold' } }]);
    expect((await call('dora', 'GET', `/teams/${team.id}/attempts`)).body).toEqual({ attempts: [] });
    const edited = await call('ivan', 'PUT', `/teams/${team.id}`, { name: 'Golden', seats: 3, version: 1 });
    expect(edited.body).toMatchObject({ name: 'Golden', version: 2 });
    const late = await call('ivan', 'PUT', `/teams/${team.id}`, { name: 'Goldish', seats: 4, version: 1 });
    expect(late.status).toBe(409);
    expect(late.body.error.message).toMatch(/Goldish.*Golden/);
    expect((await call('dora', 'POST', `/teams/${team.id}/code`)).body.joinCode).not.toBe(team.joinCode);
    expect((await call('dora', 'DELETE', `/teams/${team.id}/membership`)).status).toBe(204);
    expect((await call('ivan', 'PUT', `/cohorts/${autumn}/members/${ids.dora}/team`, { team: team.id })).status).toBe(
      200,
    );
    expect((await call('ivan', 'POST', `/cohorts/${autumn}/instructors`, { email: 'ines@example.org' })).status).toBe(
      200,
    );
    expect((await call('ivan', 'DELETE', `/cohorts/${autumn}/instructors/${ids.ivan}`)).status).toBe(204);
    expect((await call('ivan', 'GET', `/cohorts/${autumn}`)).status).toBe(404);
    expect((await call('ines', 'PATCH', `/cohorts/${autumn}`, { name: 'Fall', version: 1 })).body.version).toBe(2);
    expect((await call('ines', 'DELETE', `/cohorts/${autumn}/members/${ids.dora}`)).body.members).toEqual([]);
    expect(
      (await call('ines', 'PUT', `/cohorts/${autumn}/archived`, { archived: true })).body.archivedAt,
    ).toBeGreaterThan(0);
    expect((await call('ines', 'GET', '/cohorts')).body.cohorts).toHaveLength(2);
  });

  it('is nothing to others, for each of its operations', async () => {
    const operations: [string, string, unknown?][] = [
      ['GET', `/cohorts/${cohort}`],
      ['PATCH', `/cohorts/${cohort}`, { name: 'X', version: 1 }],
      ['PUT', `/cohorts/${cohort}/archived`, { archived: true }],
      ['POST', `/cohorts/${cohort}/members`, { email: 'dora@example.org' }],
      ['DELETE', `/cohorts/${cohort}/members/${ids.ada}`],
      ['PUT', `/cohorts/${cohort}/members/${ids.ada}/team`, { team: null }],
      ['POST', `/cohorts/${cohort}/instructors`, { email: 'ivan@example.org' }],
      ['DELETE', `/cohorts/${cohort}/instructors/${ids.ines}`],
      ['POST', `/cohorts/${cohort}/teams`, { name: 'X' }],
      ['PUT', `/teams/${red}`, { name: 'X', seats: 2, version: 1 }],
      ['GET', `/teams/${red}`],
      ['POST', `/teams/${red}/code`],
      ['DELETE', `/teams/${red}/membership`],
      ['GET', `/teams/${red}/attempts`],
    ];
    for (const [method, path, body] of operations) {
      expect((await call('ivan', method, path, body)).status, `ivan ${method} ${path}`).toBe(404);
      // A member of another team, and somebody of no cohort.
      for (const who of ['cem', 'dora'])
        expect([403, 404], `${who} ${method} ${path}`).toContain((await call(who, method, path, body)).status);
    }
    expect((await call('ada', 'PUT', `/teams/${red}`, { name: 'X', seats: 2, version: 1 })).status).toBe(403);
    expect((await call('ada', 'POST', '/cohorts', { name: 'X' })).status).toBe(403);
  });
});
