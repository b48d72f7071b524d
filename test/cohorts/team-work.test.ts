import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { ListBucketsCommand, PutBucketTaggingCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LearnerCredentials } from '../../server/training/types.ts';
import { type AccountsRange, type Client, signIn, startAccountsRange } from '../people/kit.ts';
import { textOf } from '../web/kit.ts';
import { listen } from './listen.ts';

const lab = 'thumbnailer-owns-s3';
const names = ['Ada', 'Ben', 'Cem'] as const;
type Name = (typeof names)[number];

let range: AccountsRange;
const ids = {} as Record<Name | 'Ines', string>;
const clients = {} as Record<Name, Client>;
let cohort: string;
let team: string;
let attempt: string;

const ines = () => ({ id: ids.Ines, role: 'instructor' as const });
const move = (who: Name, to: string | undefined): void => range.cohorts.teams.move(ines(), cohort, ids[who], to);
const settings = (credentials: LearnerCredentials) => ({
  region: 'us-east-1',
  endpoint: range.awsUrl,
  credentials,
  maxAttempts: 1,
});
const s3Of = (credentials: LearnerCredentials): S3Client =>
  new S3Client({ ...settings(credentials), forcePathStyle: true });
const s3 = (who: Name): S3Client => s3Of(range.training.credentials(ids[who], attempt));
const calls = () => range.training.cloud(ids.Ada, attempt)!.calls.list();

beforeAll(async () => {
  range = await startAccountsRange();
  ids.Ines = await range.person('ines@example.org', 'instructor', 'Ines');
  cohort = range.cohorts.make(ines(), { name: 'Spring' }).id;
  team = range.cohorts.teams.make(ines(), cohort, { name: 'Red & <b>bold</b>' }).id;
  for (const name of names) {
    const email = `${name.toLowerCase()}@example.org`;
    ids[name] = await range.person(email, 'learner', name);
    clients[name] = await signIn(range, email);
    range.cohorts.addMember(ines(), cohort, email);
  }
  move('Ada', team);
  move('Ben', team);
  const started = await Promise.all(
    (['Ada', 'Ben'] as const).map((who) => clients[who].post(`/labs/${lab}/start`, { team })),
  );
  // A start by two members at once is one attempt.
  expect(new Set(started.map(({ location }) => location)).size).toBe(1);
  attempt = started[0]!.location!.split('/').at(-1)!;
}, 120_000);
afterAll(() => range?.close());

describe('a team works on a lab', () => {
  it('that each member finds on the page of the lab and under Continue, with its name', async () => {
    const page = await clients.Ben.get(`/labs/${lab}`);
    expect(textOf(page.text)).toContain('Continue as team Red & <b&gt;bold</b&gt;');
    expect(page.text).not.toContain('<b>bold');
    expect(textOf(page.text)).toContain('Start alone');
    expect(textOf((await clients.Ben.get('/')).text)).toContain('team Red & <b&gt;bold</b&gt;');
    expect(textOf((await clients.Ben.get('/progress')).text)).toContain('Nothing started yet');
    expect(textOf((await clients.Ben.get(`/teams/${team}`)).text)).toContain('owns S3');
  });

  it('is started as no team but one’s own, and as nothing else', async () => {
    for (const owner of [team, ids.Ada, 'e000000000000000', '\0'])
      expect((await clients.Cem.post(`/labs/${lab}/start`, { team: owner })).status, owner).toBe(404);
    expect((await range.api(ids.Cem, 'POST', '/attempts', { lab, team })).status).toBe(404);
    expect((await range.api(ids.Ben, 'POST', '/attempts', { lab, team })).body.attempt).toBe(attempt);
  });

  it('each with credentials of their own, so that the calls of the SDK name who made them', async () => {
    const told = await Promise.all(
      (['Ada', 'Ben'] as const).map(async (who) => {
        const sts = new STSClient(settings(range.training.credentials(ids[who], attempt)));
        const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
        await s3(who).send(new ListBucketsCommand({}));
        return Arn;
      }),
    );
    expect(told[0]).toMatch(/\/ada-/);
    expect(told[1]).toMatch(/\/ben-/);
    const lists = calls().filter(({ eventName }) => eventName === 'ListBuckets');
    expect(lists.map((record) => range.training.callerOf(record)?.name).sort()).toEqual(['Ada', 'Ben']);
    const { text } = await clients.Ben.get(`/attempts/${attempt}`);
    const rows = text.split('<li class="call').filter((row) => row.includes('s3:ListBuckets'));
    expect(rows.map((row) => /class="call-by">([^<]*)</.exec(row)?.[1]).sort()).toEqual(['Ada', 'Ben']);
    const own = text.match(/export AWS_ACCESS_KEY_ID=(\w+)/)![1];
    expect(own).toBe(range.training.credentials(ids.Ben, attempt).accessKeyId);
  });

  it('shows who is there, since when, and that they left', async () => {
    const ada = await listen(range, clients.Ada, attempt);
    const ben = await listen(range, clients.Ben, attempt);
    const both = await ada.until(({ name, data }) => name === 'presence' && data.includes('Ben'));
    expect(textOf(both.data)).toMatch(/Ada \(you\).*Ben/);
    expect(both.data).toMatch(/here since \d{4}-/);
    const page = await clients.Ben.get(`/attempts/${attempt}`);
    expect(textOf(page.text)).toMatch(/Here now:.*Ada/);
    expect(textOf((await clients.Ada.get(`/teams/${team}`)).text)).toContain('here now: Ada, Ben');
    ben.close();
    ada.close();
  });

  it('hears at once what another member does, by name', async () => {
    const ben = await listen(range, clients.Ben, attempt);
    const bucket = range.training.view(ids.Ada, attempt).outputs['in bucket']!;
    await s3('Ada').send(
      new PutBucketTaggingCommand({ Bucket: bucket, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }),
    );
    const call = await ben.until(({ name, data }) => name === 'call' && data.includes('PutBucketTagging'));
    expect(call.data).toContain('data-writes');
    expect(call.data).toContain('class="call-by">Ada<');
    await clients.Ada.post(`/attempts/${attempt}/hints`, { number: '1' });
    await ben.until(({ name, data }) => name === 'log' && data.includes('Ada took hint 1'));
    expect(ben.heard.some(({ name, data }) => name === 'graded' && data.includes('id="hints"'))).toBe(true);
    await clients.Ada.post(`/attempts/${attempt}/reset`);
    await ben.until(({ name }) => name === 'reset');
    await ben.until(({ name, data }) => name === 'log' && data.includes('Ada reset the account'));
    expect(textOf((await clients.Ben.get(`/attempts/${attempt}`)).text)).toMatch(/Ada took hint 1.*/);
    ben.close();
  });

  it('takes a hint once where two ask for the same one', async () => {
    for (const who of ['Ada', 'Ben'] as const) await clients[who].post(`/attempts/${attempt}/hints`, { number: '2' });
    expect(range.training.view(ids.Ada, attempt).hintsRevealed).toBe(2);
  });

  it('grades once where two ask at once: the other is told by whom it is busy, and everyone the verdict', async () => {
    const ben = await listen(range, clients.Ben, attempt);
    const first = clients.Ada.post(`/attempts/${attempt}/grade`, {}, { 'hx-request': 'true' });
    await ben.until(({ name, data }) => name === 'log' && data.includes('Ada started a grade'));
    const second = await clients.Ben.post(`/attempts/${attempt}/grade`, {}, { 'hx-request': 'true' });
    expect([second.status, textOf(second.text).includes('Ada is grading this attempt.')]).toEqual([422, true]);
    expect((await first).status).toBe(200);
    await ben.until(({ name, data }) => name === 'log' && data.includes('Ada graded: '));
    expect(range.training.grades(ids.Ben, attempt).map(({ by }) => by?.name)).toEqual(['Ada']);
    ben.close();
  });
});

describe('a member who is taken out', () => {
  it('has nothing of it any more, at once: pages, stream, API, SDK, and sessions made with theirs', async () => {
    move('Cem', team);
    const own = range.training.credentials(ids.Cem, attempt);
    const iam = new IAMClient(settings(own));
    const { account } = range.training.view(ids.Cem, attempt);
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: 'back-door',
        AssumeRolePolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' }],
        }),
      }),
    );
    await iam.send(
      new AttachRolePolicyCommand({ RoleName: 'back-door', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
    );
    const sts = new STSClient(settings(own));
    const assume = new AssumeRoleCommand({ RoleArn: Role!.Arn!, RoleSessionName: 'ada-0000' });
    const { AccessKeyId, SecretAccessKey, SessionToken } = (await sts.send(assume)).Credentials!;
    const further = s3Of({
      accessKeyId: AccessKeyId!,
      secretAccessKey: SecretAccessKey!,
      sessionToken: SessionToken!,
    });
    await further.send(new ListBucketsCommand({}));
    // Whatever the session is called: it is Cem who made it.
    expect(range.training.callerOf(calls().at(-1)!)?.name).toBe('Cem');
    const stream = await listen(range, clients.Cem, attempt);
    const ada = await listen(range, clients.Ada, attempt);
    await ada.until(({ name, data }) => name === 'presence' && data.includes('Cem'));
    const before = ada.heard.length;
    move('Cem', undefined);
    await stream.ended;
    await expect(iam.send(new ListRolesCommand({}))).rejects.toMatchObject({
      name: expect.stringMatching(/AccessDenied/),
      message: 'You do not work in this account any more.',
    });
    for (const client of [further, s3Of(own)])
      await expect(client.send(new ListBucketsCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(sts.send(assume)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
    for (const page of ['', '/events', '/tree', '/diff', '/logs', '/resource?kind=iam-role'])
      expect((await clients.Cem.get(`/attempts/${attempt}${page}`)).status, page).toBe(404);
    for (const deed of ['grade', 'attack', 'hints', 'reset', 'give-up', 'end'])
      expect((await clients.Cem.post(`/attempts/${attempt}/${deed}`)).status, deed).toBe(404);
    expect((await range.api(ids.Cem, 'GET', `/attempts/${attempt}/environment`)).status).toBe(404);
    await expect(listen(range, clients.Cem, attempt)).rejects.toThrow('refused: 404');
    await ada.until(
      (message) => ada.heard.indexOf(message) >= before && message.name === 'presence' && !message.data.includes('Cem'),
    );
    // Nobody else notices anything.
    await s3('Ada').send(new ListBucketsCommand({}));
    ada.close();
  });

  it('and comes back with what they had', async () => {
    move('Cem', team);
    const client = s3('Cem');
    await client.send(new ListBucketsCommand({}));
    move('Cem', undefined);
    await expect(client.send(new ListBucketsCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});
