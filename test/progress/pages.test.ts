import { HtmlValidate } from 'html-validate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccountsRange, type Client, newClient, signIn, startAccountsRange } from '../people/kit.ts';
import { textOf } from '../web/kit.ts';

const validator = new HtmlValidate({
  extends: ['html-validate:standard'],
  rules: {
    'void-style': 'off',
    'no-trailing-whitespace': 'off',
    'attribute-boolean-style': 'off',
    'long-title': 'off',
    'tel-non-breaking': 'off',
    'prefer-native-element': 'off',
    'no-redundant-role': 'off',
  },
});
const lab = 'thumbnailer-owns-s3';
const minute = 60_000;

let range: AccountsRange;
let now = Date.parse('2026-11-26T10:00:00Z');
let cohort: string;
let others: string;
const id: Record<string, string> = {};
let grace: Client;
let attempt: string;
let grade: string;

async function valid(client: Client, path: string): Promise<string> {
  const { status, text } = await client.get(path);
  expect(status, `${path}: ${textOf(text).slice(0, 600)}`).toBe(200);
  const { results } = await validator.validateString(text);
  expect(
    results.flatMap(({ messages }) =>
      messages.map(
        ({ ruleId, message, line }) => `${path}:${line} ${ruleId}: ${message} ${text.split('\n')[line - 1]}`,
      ),
    ),
  ).toEqual([]);
  return text;
}

beforeAll(async () => {
  range = await startAccountsRange({}, { now: () => now });
  const made = async (name: string, email: string, role: 'learner' | 'instructor' | 'administrator'): Promise<void> => {
    id[email] = await range.person(`${email}@example.com`, role, name);
  };
  await made('Root', 'root', 'administrator');
  await made('Grace', 'grace', 'instructor');
  await made('Oscar', 'oscar', 'instructor');
  await made('=Ada <b>"&', 'ada', 'learner');
  await made('آدا 🧑‍🚀 Ωmega', 'eve', 'learner');
  await made('Mallory', 'mallory', 'learner');
  const cohortOf = async (teacher: string, name: string): Promise<string> =>
    (await range.api(id[teacher]!, 'POST', '/cohorts', { name })).body.id;
  cohort = await cohortOf('grace', 'Payments');
  others = await cohortOf('oscar', 'Others');
  for (const each of ['ada', 'eve'])
    await range.api(id.grace!, 'POST', `/cohorts/${cohort}/members`, { email: `${each}@example.com` });
  await range.api(id.oscar!, 'POST', `/cohorts/${others}/members`, { email: 'mallory@example.com' });
  grace = await signIn(range, 'grace@example.com');
  for (const each of ['ada', 'eve']) {
    attempt = (await range.training.start(id[each]!, lab)).id;
    for (let time = 0; time < 3; time++) {
      now += minute;
      grade = (await range.training.grade(id[each]!, attempt)).id;
    }
  }
}, 120_000);

afterAll(() => range?.close());

describe('the pages of a cohort’s progress', () => {
  it('are valid and say what there is', async () => {
    const map = textOf(await valid(grace, `/cohorts/${cohort}/progress?expand=${lab}&sort=${lab}&desc=1`));
    expect(map).toContain('=Ada');
    expect(map).toContain('2 people');
    await valid(grace, `/cohorts/${cohort}/progress?by=teams`);
    await valid(grace, `/cohorts/${cohort}/progress?name=zzz&state=help&page=7`);
    const board = textOf(await valid(grace, `/cohorts/${cohort}/now`));
    expect(board).toContain('failed 3 times in a row (from 3)');
    const checks = textOf(await valid(grace, `/cohorts/${cohort}/checks?lab=${lab}`));
    expect(checks).toContain('The account was as it is at the start.');
    expect(checks).toContain('2 of 2 in 6 grades');
    for (const each of ['ada', 'eve']) {
      await valid(grace, `/cohorts/${cohort}/people/${id[each]}`);
      await valid(grace, `/cohorts/${cohort}/people/${id[each]}/report`);
    }
    const inspected = textOf(await valid(grace, `/cohorts/${cohort}/attempts/${attempt}?grade=${grade}`));
    expect(inspected).toContain('Stuck now');
    expect(inspected).toContain('graded:');
  });

  it('filter and sort', async () => {
    const { text } = await grace.get(`/cohorts/${cohort}/progress?name=mega`);
    expect(textOf(text)).toContain('1 person of 2');
    expect(text).not.toContain('=Ada');
  });

  it('tables for other programs, without formulas', async () => {
    const { text, headers } = await grace.get(`/cohorts/${cohort}/progress.csv`);
    expect(headers.get('content-type')).toContain('text/csv');
    expect(text).toContain(`"'=Ada <b>""&"`);
    expect((await grace.get(`/cohorts/${cohort}/progress.csv?details=1`)).text.split('\r\n').length).toBeGreaterThan(
      10,
    );
    const json = JSON.parse((await grace.get(`/cohorts/${cohort}/progress.json`)).text);
    expect(json.rows.map(({ name }: { name: string }) => name).sort()).toEqual(['=Ada <b>"&', 'آدا 🧑‍🚀 Ωmega'].sort());
  });

  it('a report on paper of names in any script', async () => {
    for (const each of ['ada', 'eve']) {
      const response = await grace.get(`/cohorts/${cohort}/people/${id[each]}/report.pdf`);
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/pdf']);
      expect(response.text.slice(0, 5)).toBe('%PDF-');
    }
  });
});

describe('help', () => {
  it('a comment to one is read on their progress and on the workbench', async () => {
    const { status } = await grace.post(`/cohorts/${cohort}/attempts/${attempt}/comments`, {
      kind: 'essential',
      text: 'Look at <script>who</script> may read',
    });
    expect(status).toBe(303);
    const eve = await signIn(range, 'eve@example.com');
    for (const path of ['/progress', `/attempts/${attempt}`]) {
      const { text } = await eve.get(path);
      expect(text).toContain('Look at &lt;script&gt;who&lt;/script&gt; may read');
      expect(textOf(text)).toContain('essential');
    }
    const page = await valid(grace, `/cohorts/${cohort}/attempts/${attempt}`);
    const remove = /action="([^"]+\/remove)"/.exec(page)![1]!;
    expect((await grace.post(remove)).status).toBe(303);
    expect((await eve.get('/progress')).text).not.toContain('may read');
  });

  it('a comment to all who made the same fix', async () => {
    const page = (await grace.get(`/cohorts/${cohort}/checks?lab=${lab}`)).text;
    const check = /name="check" value="([^"]+)"/.exec(page)![1]!;
    const sent = { lab, check, fix: 'unchanged', kind: 'actionable', text: 'Begin with the role' };
    expect((await grace.post(`/cohorts/${cohort}/checks/comments`, sent)).status).toBe(303);
    for (const each of ['ada', 'eve']) {
      const client = await signIn(range, `${each}@example.com`);
      expect((await client.get('/progress')).text).toContain('Begin with the role');
    }
    expect((await grace.post(`/cohorts/${cohort}/checks/comments`, { ...sent, fix: 'another' })).status).toBe(409);
  });

  it.each([
    ['an empty text', { kind: 'essential', text: '  ' }],
    ['a kind that is none', { kind: 'angry', text: 'x' }],
    ['a text that turns its direction', { kind: 'essential', text: 'x\u202ey' }],
    ['too long a text', { kind: 'essential', text: 'x'.repeat(2001) }],
  ])('refuses %s', async (_name, fields) => {
    expect((await grace.post(`/cohorts/${cohort}/attempts/${attempt}/comments`, fields)).status).toBe(400);
  });

  it('snooze takes somebody off the list for as long as was said', async () => {
    expect(
      (await grace.post(`/cohorts/${cohort}/attempts/${attempt}/snooze?from=now`, { minutes: '15' })).location,
    ).toBe(`/cohorts/${cohort}/now`);
    expect(range.progress.nowBoard({ cohort, of: 'people' }).snoozed).toHaveLength(1);
    expect(textOf((await grace.get(`/cohorts/${cohort}/now`)).text)).toContain('Snoozed');
    await grace.post(`/cohorts/${cohort}/attempts/${attempt}/snooze`, { minutes: '0' });
    expect(range.progress.nowBoard({ cohort, of: 'people' }).snoozed).toHaveLength(0);
  });

  it('a voided grade counts nowhere, with its reason in the audit trail', async () => {
    const before = range.training.view(id.eve!, attempt).grades;
    const path = `/cohorts/${cohort}/attempts/${attempt}/grades/${grade}/void`;
    expect((await grace.post(path, { reason: '' })).status).toBe(400);
    expect((await grace.post(path, { reason: 'The check was wrong' })).status).toBe(303);
    expect((await grace.post(path, { reason: 'Again' })).status).toBe(409);
    expect(range.training.view(id.eve!, attempt).grades).toBe(before - 1);
    const text = textOf(await valid(grace, `/cohorts/${cohort}/attempts/${attempt}`));
    expect(text).toContain('voided: The check was wrong');
    expect(range.progress.facts.auditOf(attempt).at(-1)).toMatchObject({ event: 'voided', actor: id.grace });
  });

  it('an instructor’s reset is theirs in the audit trail, and no activity of the learner', async () => {
    const before = range.progress.activity.of(attempt).length;
    now += 10 * minute;
    expect((await grace.post(`/cohorts/${cohort}/attempts/${attempt}/reset`)).status).toBe(303);
    expect(range.progress.facts.auditOf(attempt).at(-1)).toMatchObject({ event: 'reset', actor: id.grace });
    expect(range.progress.activity.of(attempt)).toHaveLength(before);
  });

  it('only an assessment’s time is extended', async () => {
    const answer = await grace.post(`/cohorts/${cohort}/attempts/${attempt}/extend`, { minutes: '5', reason: 'x' });
    expect(answer.status).toBe(409);
  });
});

describe('who may', () => {
  const reads = [
    'progress',
    'progress.csv',
    'progress.json',
    'now',
    'now/events',
    'checks',
    'people/ADA',
    'people/ADA/report',
    'people/ADA/report.pdf',
    'attempts/ATTEMPT',
  ];
  const writes = [
    'people/ADA/comments',
    'attempts/ATTEMPT/comments',
    'checks/comments',
    'comments/none/remove',
    'attempts/ATTEMPT/snooze',
    'attempts/ATTEMPT/reset',
    'attempts/ATTEMPT/extend',
    'attempts/ATTEMPT/grades/GRADE/void',
  ];
  const real = (path: string, of = cohort): string =>
    `/cohorts/${of}/${path.replace('ADA', id.ada!).replace('ATTEMPT', attempt).replace('GRADE', grade)}`;

  it.each(['ada', 'mallory', 'oscar'])('%s finds nothing there', async (email) => {
    const client = await signIn(range, `${email}@example.com`);
    for (const path of reads) expect([path, (await client.get(real(path))).status]).toEqual([path, 404]);
    for (const path of writes) expect([path, (await client.post(real(path))).status]).toEqual([path, 404]);
  });

  it('nobody is asked to sign in, and does nothing', async () => {
    const client = newClient(range);
    for (const path of reads) expect([303, 401]).toContain((await client.get(real(path))).status);
    for (const path of writes) expect([303, 401]).toContain((await client.post(real(path))).status);
  });

  it('people and attempts of another cohort are not there below one’s own', async () => {
    const oscar = await signIn(range, 'oscar@example.com');
    for (const path of reads.filter((each) => /[A-Z]/.test(each)))
      expect([path, (await oscar.get(real(path, others))).status]).toEqual([path, 404]);
    const comment = await oscar.post(real('people/ADA/comments', others), { kind: 'essential', text: 'x' });
    expect(comment.status).toBe(404);
    const voided = await oscar.post(real('attempts/ATTEMPT/grades/GRADE/void', others), { reason: 'x' });
    expect(voided.status).toBe(404);
    expect((await oscar.get(`/cohorts/${others}/progress?assessment=none`)).status).toBe(404);
  });

  it('an administrator may, and is told what does not exist', async () => {
    const root = await signIn(range, 'root@example.com');
    expect((await root.get(real('progress'))).status).toBe(200);
    expect((await root.get('/cohorts/nothing/progress')).status).toBe(404);
  });
});

describe('the API', () => {
  const base = (of = cohort): string => `/cohorts/${of}`;
  const operations = (): [string, string, object?][] => [
    ['GET', '/progress'],
    ['GET', '/progress/export'],
    ['GET', '/progress/csv?details=true'],
    ['GET', '/now'],
    ['GET', `/checks/${lab}`],
    ['POST', `/checks/${lab}/comments`, { kind: 'essential', text: 'x', check: 'y', fix: 'z' }],
    ['GET', `/people/${id.ada}`],
    ['GET', `/people/${id.ada}/report`],
    ['POST', `/people/${id.ada}/comments`, { kind: 'essential', text: 'x' }],
    ['GET', `/attempts/${attempt}`],
    ['POST', `/attempts/${attempt}/comments`, { kind: 'essential', text: 'x' }],
    ['POST', `/attempts/${attempt}/snooze`, { minutes: 5 }],
    ['POST', `/attempts/${attempt}/reset`],
    ['POST', `/attempts/${attempt}/extend`, { minutes: 5, reason: 'x' }],
    ['POST', `/attempts/${attempt}/grades/${grade}/void`, { reason: 'x' }],
    ['DELETE', '/comments/none'],
  ];

  it('is not for learners, nor for those who teach others', async () => {
    for (const [method, path, body] of operations()) {
      expect([path, (await range.api(id.ada!, method, base() + path, body)).status]).toEqual([path, 403]);
      expect([path, (await range.api(id.oscar!, method, base() + path, body)).status]).toEqual([path, 404]);
      if (/people|attempts/.test(path))
        expect([path, (await range.api(id.oscar!, method, base(others) + path, body)).status]).toEqual([path, 404]);
    }
  });

  it('says what the pages say', async () => {
    const { body } = await range.api(id.grace!, 'GET', `${base()}/progress?sort=points&descending=true&size=1`);
    expect([body.total, body.pages, body.rows.length]).toEqual([2, 2, 1]);
    expect(body.rows[0].cells.find((cell: { lab: string }) => cell.lab === lab)).toMatchObject({ checks: 6 });
    for (const [method, path] of operations().filter(([name]) => name === 'GET'))
      expect([path, (await range.api(id.grace!, method, base() + path)).status]).toEqual([path, 200]);
  });

  it('a comment is written, read and taken back', async () => {
    const sent = { kind: 'celebratory', text: 'Well done' };
    const made = await range.api(id.grace!, 'POST', `${base()}/people/${id.ada}/comments`, sent);
    expect(made.status).toBe(201);
    const read = await range.api(id.ada!, 'GET', '/comments');
    expect(read.body.comments[0]).toMatchObject({ ...sent, name: 'Grace' });
    expect((await range.api(id.grace!, 'DELETE', `${base()}/comments/${made.body.id}`)).status).toBe(204);
    expect((await range.api(id.grace!, 'DELETE', `${base()}/comments/${made.body.id}`)).status).toBe(404);
  });
});
