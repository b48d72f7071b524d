import { HtmlValidate } from 'html-validate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guardModel } from '../../server/web/view-guard.ts';
import { rightPolicy, startTestRange, type TestRange, textOf } from './kit.ts';
import { ejsFiles, readView } from './views.ts';

const validator = new HtmlValidate({
  extends: ['html-validate:standard'],
  rules: {
    // Templates write what Prettier would: void elements without a slash, texts with their own spaces.
    'void-style': 'off',
    'no-trailing-whitespace': 'off',
    'attribute-boolean-style': 'off',
    'long-title': 'off',
    // htmx's own attributes, and texts that hold ARNs.
    'no-unknown-elements': 'error',
    'tel-non-breaking': 'off',
    // Separators that move and panes that scroll are focusable by design.
    'prefer-native-element': 'off',
    'no-redundant-role': 'off',
  },
});

let range: TestRange;
let attempt: string;

beforeAll(async () => {
  range = await startTestRange();
  attempt = await range.start('thumbnailer-owns-s3');
}, 60_000);

afterAll(() => range?.close());

async function valid(path: string, headers?: Record<string, string>): Promise<string> {
  const { status, text } = await range.get(path, headers);
  expect(status, `${path}: ${textOf(text).slice(0, 300)}`).toBe(200);
  if (!headers) await validate(path, text);
  return text;
}

async function validate(path: string, text: string): Promise<void> {
  const report = await validator.validateString(text);
  const problems = report.results.flatMap(({ messages }) =>
    messages.map(
      ({ ruleId, message, line }) =>
        `${path}:${line} ${ruleId}: ${message} ${text.split('\n')[line - 1]?.slice(0, 160)}`,
    ),
  );
  expect(problems).toEqual([]);
}

describe('every page renders and is valid', () => {
  it('the catalogue, before and while a lab is worked on', async () => {
    expect(textOf(await valid('/'))).toContain('Continue');
  });

  it('a lab before it is started', async () => {
    const text = textOf(await valid('/labs/thumbnailer-owns-s3'));
    expect(text).toContain('What must keep working');
    expect(text).toContain('CWE-250');
  });

  it('each lab of the catalogue', async () => {
    for (const { id } of range.training.catalogue('local')) await valid(`/labs/${id}`);
  });

  it('progress', async () => {
    expect(textOf(await valid('/progress'))).toContain('least privilege');
  });

  it('the workbench, its credentials and its story', async () => {
    const text = textOf(await valid(attempt));
    expect(text).toContain('export AWS_ACCESS_KEY_ID=ASIA');
    expect(text).toContain(`export AWS_ENDPOINT_URL=${range.awsUrl}`);
    expect(text).toContain('thumbnailer-role');
    expect(text).not.toContain('AWSReservedSSO_AdministratorAccess_');
  });

  it('every resource of an account in its editor', async () => {
    const tree = await valid(`${attempt}/tree`, { 'hx-request': 'true' });
    expect(tree).not.toContain('trouble');
    const links = [
      ...new Set([...tree.matchAll(/href="(\/attempts\/[^"]+)"/g)].map((match) => match[1]!.replaceAll('&amp;', '&'))),
    ];
    expect(links.length).toBeGreaterThan(20);
    for (const link of links) expect(await valid(link), link).not.toContain('class="fault"');
  });

  it('a grade with its evidence, after an attack and a grade', async () => {
    const attacked = await range.post(`${attempt}/attack`);
    expect(textOf(attacked.text)).toContain('The attack succeeds: credentials stolen with a picture');
    const graded = await range.post(`${attempt}/grade`, {}, {});
    expect(graded.status).toBe(303);
    const text = textOf(await valid(graded.location!));
    expect(text).toContain('2 of 6 checks pass');
    expect(text).toContain('decided by');
    await valid(`${attempt}/diff`);
    await valid(attempt);
  });

  it('an attempt that has ended: its grades stay', async () => {
    const own = await range.start('password-in-the-environment');
    const graded = await range.post(`${own}/grade`, {}, {});
    const ended = await range.post(`${own}/end`, {}, {});
    expect(ended.location).toBe('/labs/password-in-the-environment');
    expect(textOf(await valid(own))).toContain('This attempt has ended');
    await valid(graded.location!);
    expect((await range.get(`${own}/resource?kind=iam-role&id=x`)).status).toBe(422);
  });

  it('an attempt that was reset: the account is as at the start', async () => {
    const own = await range.start('password-in-the-environment');
    await range.post(`${own}/resource?kind=sqs-queue&action=create`, { QueueName: 'mine' });
    expect((await range.get(own)).text).toContain('mine');
    expect((await range.post(`${own}/reset`, {}, {})).location).toBe(own);
    expect(textOf((await range.get(`${own}/diff`)).text)).toContain('The account is as it was at the start.');
  });

  it('a page that is not there', async () => {
    const { status, text } = await range.get('/nowhere');
    expect(status).toBe(404);
    await validate('/nowhere', text);
    expect((await range.get('/attempts/a-stranger')).status).toBe(404);
    expect((await range.get('/labs/none')).status).toBe(404);
  });
});

describe('the fix by editors', () => {
  it('applies a policy, shows the call it made, and the diff', async () => {
    const own = await range.start('thumbnailer-owns-s3');
    const { outputs } = range.training.view('local', own.split('/').at(-1)!);
    const names = { in: outputs['in bucket']!, out: outputs['out bucket']! };
    const url = `${own}/resource?kind=iam-role&id=thumbnailer-role&action=put-inline`;
    const applied = await range.post(url, { PolicyName: 's3-access', document: rightPolicy(names) });
    expect(applied.status).toBe(200);
    expect(textOf(applied.text)).toContain('aws iam put-role-policy --role-name thumbnailer-role');
    const diff = await range.get(`${own}/diff?of=thumbnailer-role`);
    expect(textOf(diff.text)).toContain('~ changed iam roles');
    const graded = await range.post(`${own}/grade`);
    expect(textOf(graded.text)).toContain('Solved: all 6 checks pass');
    expect(textOf((await range.get(`${own}`)).text)).toContain('Solution');
  });

  it('refuses as AWS does, beside the form, and keeps the account as it was', async () => {
    const url = `${attempt}/resource?kind=iam-role&id=thumbnailer-role&action=put-inline`;
    const refused = await range.post(
      url,
      { PolicyName: 's3-access', document: '{"Version": "2012-10-17"' },
      { 'hx-request': 'true', 'hx-trigger': 'the-form' },
    );
    expect(refused.status).toBe(422);
    expect(refused.headers.get('hx-retarget')).toBe('#the-form-fault');
    expect(textOf(refused.text)).toContain('MalformedPolicyDocument');
  });

  it('lints a policy where the problem is', async () => {
    const response = await fetch(`${range.url}${attempt}/lint`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        kind: 'identity',
        text: '{\n "Version": "2012-10-17",\n "Statement": [{"Effect": "Maybe", "Action": "*", "Resource": "*"}]\n}',
      }),
    });
    const { problems } = (await response.json()) as { problems: { line: number }[] };
    expect(problems[0]!.line).toBe(3);
  });

  it('remarks how much a wildcard allows, and what AWS does not know', async () => {
    const response = await fetch(`${range.url}${attempt}/lint`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        kind: 'identity',
        text: '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",\n "Action": ["s3:*",\n "s3:GetObject", "s3:GetObjekt"], "Resource": "*"}]}',
      }),
    });
    const { problems, notes } = (await response.json()) as { problems: []; notes: { line: number; message: string }[] };
    expect(problems).toEqual([]);
    expect(notes.map(({ line }) => line)).toEqual([2, 3]);
    expect(notes[0]!.message).toMatch(/^allows 1\d\d actions$/);
    expect(notes[1]!.message).toBe('AWS documents no action s3:GetObjekt');
  });

  it('reveals hints one by one, and the solution to who gives up', async () => {
    const other = await range.start('anyones-topic').catch(() => attempt);
    const first = await range.post(`${other}/hints`);
    expect(textOf(first.text)).toContain('Hint 1');
    expect(first.text).not.toContain('Hint 3</h2>');
    const given = await range.post(`${other}/give-up`);
    expect(given.text).toContain('id="solution"');
  });
});

describe('the stream of an attempt', () => {
  it('tells each check, then the outcome with all checks and their points', async () => {
    const stopped = new AbortController();
    const response = await fetch(`${range.url}${attempt}/events`, { signal: stopped.signal });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const graded = range.post(`${attempt}/grade`);
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      if (/event: graded\n(?:data: .*\n)+\n/.test(text)) break;
    }
    stopped.abort();
    await graded;
    const events = text.split('\n\n').map((event) => /^event: (\w+)/.exec(event)?.[1]);
    expect(events.filter((name) => name === 'check')).toHaveLength(6);
    expect(events.indexOf('graded')).toBeGreaterThan(events.lastIndexOf('check'));
    expect(text.slice(text.indexOf('event: graded'))).toContain('id="check-writes-only-thumbs"');
  });

  it('goes on after the last call that a page shows', async () => {
    const id = attempt.split('/').at(-1)!;
    const since = range.training.cloud('local', id)!.calls.list().at(-1)!.eventID;
    await range.training.call('local', id, 'sns', 'CreateTopic', { Name: 'missed' });
    const stopped = new AbortController();
    const response = await fetch(`${range.url}${attempt}/events?since=${since}`, { signal: stopped.signal });
    let text = '';
    for await (const chunk of response.body!) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if (/event: call\n(?:data: .*\n)+\n/.test(text)) break;
    }
    stopped.abort();
    expect(text).toContain('sns:CreateTopic');
    expect(text).toMatch(/^id: \S+$/m);
  });

  it('is refused for an attempt that is not there', async () => {
    expect((await range.get('/attempts/a-stranger/events')).status).toBe(404);
  });
});

describe('foreign pages', () => {
  it('may not post', async () => {
    const { status } = await range.post(
      `${attempt}/grade`,
      {},
      { origin: 'http://evil.example', 'hx-request': 'true' },
    );
    expect(status).toBe(403);
  });

  it('are answered under no other name, and run no script of theirs here', async () => {
    const { headers } = await range.get('/');
    const policy = headers.get('content-security-policy')!;
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
  });
});

describe('templates', () => {
  it('throw on a property that their model does not have', () => {
    const page = guardModel({ labs: [{ title: 'x' }] }) as { labs: { title: string; titel?: string }[] };
    expect(page.labs[0]!.title).toBe('x');
    expect(() => page.labs[0]!.titel).toThrow(/page\.labs\.0\.titel/);
  });

  it('print unescaped only partials and Markdown that was made with HTML off', () => {
    const markdown = /^<%- page\.(?:situation|task|mustKeepWorking|solution) %>$|^<%- hint %>$/;
    for (const file of ejsFiles())
      for (const [raw] of readView(file).matchAll(/<%-[\s\S]*?%>/g))
        expect(raw.startsWith('<%- include(') || markdown.test(raw), `${file}: ${raw}`).toBe(true);
  });
});
