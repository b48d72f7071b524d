import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { zipFiles } from '../../server/catalogue/zip.ts';
import type { NamedSignal } from '../../server/store/signals.ts';
import { type Bench, openBench } from './kit.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(async () => {
  await bench.close();
});

const lab = 'thumbnailer-owns-s3';

async function found(cohort = 'c1'): Promise<NamedSignal[]> {
  await bench.integrity.signals.sweep();
  return bench.integrity.signals.list(cohort, undefined, 100);
}

async function two(): Promise<{ ada: string; bob: string; a: string; b: string }> {
  const [ada, bob] = [bench.person('ada'), bench.person('bob')];
  const [a, b] = [await bench.attempt(ada, lab), await bench.attempt(bob, lab)];
  await bench.integrity.signals.sweep();
  return { ada, bob, a, b };
}

const role = 'thumbnailer-role';
const policyFor = (Resource: string): object => ({
  RoleName: role,
  PolicyName: 's3-access',
  PolicyDocument: JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource }],
  }),
});

/** A function body that somebody wrote, long enough to be theirs. */
const handwriting = (bucket: string): string =>
  `// works on ${bucket}\n${Array.from({ length: 12 }, (_, i) => `const part${i} = compute(${i * 37}, 'some words of my own ${i}');`).join('\n')}\nexport const handler = async () => part0;\n`;

async function upload(person: string, attempt: string, source: string): Promise<void> {
  await bench.training.call(person, attempt, 'lambda', 'UpdateFunctionCode', {
    FunctionName: 'thumbnailer',
    ZipFile: zipFiles({ 'index.mjs': source }),
  });
}

describe('what belongs to another attempt', () => {
  it('names its owner: a generated name or an account number in a call', async () => {
    const { ada, a, bob, b } = await two();
    const name = bench.training.view(bob, b).outputs['in bucket']!;
    await bench.training.call(ada, a, 'iam', 'PutRolePolicy', policyFor(`arn:aws:s3:::${name}/uploads/*`));
    const [signal, ...more] = await found();
    expect(more).toEqual([]);
    expect(signal).toMatchObject({
      kind: 'foreign-value',
      attempt: a,
      other: b,
      owner_name: 'ada',
      other_name: 'bob',
      state: 'open',
    });
    expect(JSON.parse(signal!.evidence)).toMatchObject({
      what: 'The name of another attempt is used in this one.',
      where: 'iam:PutRolePolicy',
      who: expect.stringContaining('/ada-'),
      excerpt: expect.stringContaining(name),
    });
    // Once more is the same thing, seen twice.
    await bench.training.call(ada, a, 'iam', 'PutRolePolicy', policyFor(`arn:aws:s3:::${name}/uploads/*`));
    expect(await found()).toMatchObject([{ times: 2 }]);
    // The account's number is another thing.
    const { account } = bench.training.view(bob, b);
    await bench.training.call(ada, a, 'iam', 'GetRole', { RoleName: `x-${account}` }).catch(() => {});
    await bench.training
      .call(ada, a, 'sqs', 'GetQueueUrl', { QueueName: 'q', QueueOwnerAWSAccountId: account })
      .catch(() => {});
    expect((await found()).length).toBe(2);
  });

  it('names its owner: credentials and names in the code of a function, found when it is graded', async () => {
    const { ada, a, bob, b } = await two();
    const { accessKeyId, sessionToken } = bench.training.credentials(bob, b);
    await upload(
      ada,
      a,
      `const key = '${accessKeyId}', token = '${sessionToken}';\nexport const handler = async () => key;\n`,
    );
    await bench.training.grade(ada, a);
    const signals = (await found()).filter(({ kind }) => kind === 'foreign-credential');
    expect(signals).toMatchObject([
      { attempt: a, other: b },
      { attempt: a, other: b },
    ]);
    expect(JSON.parse(signals[0]!.evidence).where).toContain('index.mjs of lambda functions');
  }, 60_000);

  it('names its owner: a session of another attempt that a function of this one signs with', async () => {
    const { a, bob, b } = await two();
    const { accessKeyId, sessionToken } = bench.training.credentials(bob, b);
    bench.integrity.signals.onRefusedKey(a, accessKeyId, sessionToken);
    bench.integrity.signals.onRefusedKey(a, 'AKIAIOSFODNN7EXAMPLE', undefined);
    expect((await found()).map(({ kind, attempt, other }) => [kind, attempt, other])).toEqual([
      ['foreign-credential', a, b],
      ['foreign-credential', a, b],
    ]);
  });

  it("is no signal among the same people and team-mates, nor one's own values, nor those of nobody", async () => {
    const { ada, a, bob, b } = await two();
    const { database } = bench.store;
    bench.store.ensureLearner('t1', 'Team', 1, 'team');
    database.exec(
      "insert into teams (id, cohort, name, join_code, code_made_at, seats, created_at) values ('t1', 'c1', 'Team', 'code', 1, 4, 1)",
    );
    for (const user of [ada, bob])
      database.prepare("insert into team_members (team, user, joined_at) values ('t1', ?, 1)").run(user);
    const team = (await bench.training.start(ada, lab, 't1')).id;
    await bench.integrity.signals.sweep();
    const nameIn = (person: string, attempt: string): string =>
      bench.training.view(person, attempt).outputs['in bucket']!;
    const use = (attempt: string, name: string) =>
      bench.training.call(ada, attempt, 'iam', 'PutRolePolicy', policyFor(`arn:aws:s3:::${name}/*`));
    await use(a, nameIn(ada, a));
    await use(a, nameIn(bob, b));
    await use(a, nameIn(ada, team));
    await use(team, nameIn(bob, b));
    await use(a, 'photos-in-123456');
    await use(a, 'arn:aws:iam::111122223333:role/example');
    expect(await found()).toEqual([]);
  });
});

describe('the same hand', () => {
  it('is a signal of two strangers within minutes, not of equal short fixes, nor later, nor of many', async () => {
    const { ada, a, bob, b } = await two();
    const bucket = (person: string, attempt: string): string =>
      bench.training.view(person, attempt).outputs['in bucket']!;
    await upload(ada, a, handwriting(bucket(ada, a)));
    await bench.training.grade(ada, a);
    bench.time.now += 5 * 60_000;
    await upload(bob, b, handwriting(bucket(bob, b)));
    await bench.training.grade(bob, b);
    const cyd = bench.person('cyd');
    const c = await bench.attempt(cyd, lab);
    bench.time.now += 3 * 3_600_000;
    await upload(cyd, c, handwriting(bucket(cyd, c)));
    await bench.training.grade(cyd, c);
    expect(await found()).toMatchObject([{ kind: 'same-fix', attempt: b, other: a }]);
  }, 120_000);
});

describe('a session in two networks', () => {
  it('is a signal where they are used in turn, not where somebody moves', async () => {
    const { ada, a, bob, b } = await two();
    let minute = 0;
    const call = (attempt: string, person: string, sourceIPAddress: string): void =>
      bench.store.calls.add(attempt, {
        eventID: `${minute}`,
        eventTime: new Date(bench.time.now + minute++ * 60_000).toISOString(),
        eventSource: 's3.amazonaws.com',
        eventName: 'ListBuckets',
        awsRegion: 'us-east-1',
        recipientAccountId: '1',
        sourceIPAddress,
        userAgent: 'aws-cli/2',
        userIdentity: { type: 'AssumedRole', arn: `arn:aws:sts::1:assumed-role/role/${person}`, accountId: '1' },
        requestID: '1',
        requestParameters: {},
        readOnly: true,
        durationMs: 1,
      });
    for (const address of ['203.0.113.7', '203.0.113.9', '198.51.100.1', '198.51.100.1']) call(a, ada, address);
    expect(await found()).toEqual([]);
    for (const address of ['203.0.113.7', '198.51.100.1', '203.0.113.7']) call(b, bob, address);
    expect(await found()).toMatchObject([{ kind: 'two-networks', attempt: b, other: null }]);
  });
});

describe('solved within seconds', () => {
  it('is a signal of who had not seen the lab, once', async () => {
    const { ada, a } = await two();
    await bench.submit(ada, a, 'reference');
    bench.time.now += 20_000;
    await bench.training.grade(ada, a);
    expect(await found()).toMatchObject([{ kind: 'solved-at-once', attempt: a }]);
    await bench.training.end(ada, a);
    const again = await bench.attempt(ada, lab);
    await bench.submit(ada, again, 'reference');
    await bench.training.grade(ada, again);
    expect((await found()).length).toBe(1);
  }, 120_000);
});

describe('judging', () => {
  it('changes nothing but the signal, is audited, and tells who comes too late', async () => {
    const { ada, a } = await two();
    await bench.submit(ada, a, 'reference');
    await bench.training.grade(ada, a);
    const [signal] = await found();
    const points = bench.store.scores.gradeSummary(a);
    const { signals } = bench.integrity;
    const judged = signals.judge('boss', 'c1', signal!.id, { state: 'dismissed', note: 'did it in class', version: 1 });
    expect(judged).toMatchObject({ state: 'dismissed', note: 'did it in class', version: 2 });
    expect(() => signals.judge('other', 'c1', signal!.id, { state: 'confirmed', note: '', version: 1 })).toThrow(
      /judged meanwhile.*"dismissed"/,
    );
    expect(() => signals.get('c2', signal!.id)).toThrow('There is no such signal.');
    expect(bench.store.scores.gradeSummary(a)).toEqual(points);
    expect(bench.store.scores.auditOf(a).at(-1)).toMatchObject({ actor: 'boss', event: 'signal-judged' });
    expect(signals.counts('c1')).toEqual({ open: 0, dismissed: 1, confirmed: 0 });
  }, 60_000);
});

describe('ordinary work', () => {
  it('of twenty people gives no signal, though all make the same fix', async () => {
    for (let i = 0; i < 20; i++) {
      const person = bench.person(`p${i}`);
      const attempt = await bench.attempt(person, lab);
      bench.time.now += 4 * 60_000;
      const { outputs } = bench.training.view(person, attempt);
      await bench.training.call(person, attempt, 's3', 'ListBuckets', {});
      await bench.training.call(person, attempt, 's3', 'ListObjectsV2', { Bucket: outputs['in bucket'] });
      await bench.training.call(
        person,
        attempt,
        'iam',
        'PutRolePolicy',
        policyFor(`arn:aws:s3:::${outputs['in bucket']}/uploads/*`),
      );
      if (i % 2) await bench.submit(person, attempt, 'reference');
      if (i % 7 === 1) await bench.training.grade(person, attempt);
    }
    expect(await found()).toEqual([]);
  }, 180_000);
});
