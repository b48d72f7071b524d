import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { type Installed, installAwsCli } from './install.ts';
import { type Aws, awsCli, range, rangeJson, type Started } from './programs.ts';
import { type RunningRange, runRange } from './range.ts';

let running: RunningRange;
let client: Installed;
beforeAll(async () => {
  running = await runRange();
  client = installAwsCli(running.folder);
}, 300_000);
afterAll(() => running?.close());

interface Graded {
  code: number | null;
  verdict: string;
  points: number;
  max: number;
  checks: { id: string; status: string; because: string }[];
}

const grade = (attempt: string): Promise<Graded> => rangeJson(running, 'grade', attempt);

/** What the failed checks say, by their ids. */
const failures = ({ checks }: Graded): Record<string, string> =>
  Object.fromEntries(checks.filter(({ status }) => status !== 'passed').map(({ id, because }) => [id, because]));

/** Starts a lab with `range start` and gives its account to the AWS CLI; skips where there is no AWS CLI. */
async function begin(test: TestContext, lab: string): Promise<{ started: Started; aws: Aws }> {
  if ('missing' in client) {
    // CI must run it; a machine without Python or the network says so by name.
    if (process.env.CI) throw new Error(client.missing);
    return test.skip(client.missing);
  }
  const started = await rangeJson<Started>(running, 'start', lab);
  return { started, aws: awsCli(client, running.folder, started) };
}

const allow = (Action: string, Resource: string) => ({ Effect: 'Allow', Action, Resource });

describe('a learner with the AWS CLI and the range command alone', () => {
  it('solves thumbnailer-owns-s3, after a prefix without its slash', async (test) => {
    const { started, aws } = await begin(test, 'thumbnailer-owns-s3');
    const { attempt, outputs } = started;
    const { Role } = await aws<{
      Role: string;
    }>`lambda get-function-configuration --function-name ${outputs.function!}`;
    const role = Role.split('/').at(-1)!;
    const { PolicyNames } = await aws<{ PolicyNames: string[] }>`iam list-role-policies --role-name ${role}`;
    expect(PolicyNames).toHaveLength(1);
    const name = PolicyNames[0]!;
    const found = await aws<{
      PolicyDocument: { Statement: object[] };
    }>`iam get-role-policy --role-name ${role} --policy-name ${name}`;
    expect(found.PolicyDocument.Statement).toEqual([allow('s3:*', '*')]);
    const put = (...Statement: object[]) => {
      const document = JSON.stringify({ Version: '2012-10-17', Statement });
      return aws`iam put-role-policy --role-name ${role} --policy-name ${name} --policy-document ${document}`;
    };
    const input = `arn:aws:s3:::${outputs['in bucket']}`;
    const thumbs = allow('s3:PutObject', `arn:aws:s3:::${outputs['out bucket']}/thumbs/*`);

    await put(allow('s3:GetObject', `${input}/uploads*`), thumbs);
    const missed = await grade(attempt);
    expect(missed).toMatchObject({ code: 1, verdict: 'unsolved' });
    expect(failures(missed)).toEqual({
      'reads-only-uploads': expect.stringContaining(`s3:GetObject on ${input}/uploads-old/`),
    });
    expect(failures(missed)['reads-only-uploads']).toContain(name);

    await put(allow('s3:GetObject', `${input}/uploads/*`), thumbs);
    const solved = await grade(attempt);
    expect(failures(solved)).toEqual({});
    expect(solved).toMatchObject({ code: 0, verdict: 'solved', points: solved.max });
  }, 120_000);

  it('solves anyones-topic, after a source of any account', async (test) => {
    const { started, aws } = await begin(test, 'anyones-topic');
    const { attempt, outputs } = started;
    const { Functions } = await aws<{ Functions: { FunctionName: string }[] }>`lambda list-functions`;
    expect(Functions).toHaveLength(1);
    const payout = Functions[0]!.FunctionName;
    const statements = async () => {
      const { Policy } = await aws<{ Policy: string }>`lambda get-policy --function-name ${payout}`;
      return (JSON.parse(Policy) as { Statement: { Sid: string; Condition?: object }[] }).Statement;
    };
    const [open] = await statements();
    expect(open!.Condition).toBeUndefined();
    const { Subscriptions } = await aws<{
      Subscriptions: { TopicArn: string; Endpoint: string }[];
    }>`sns list-subscriptions`;
    const topic = Subscriptions.find(({ Endpoint }) => Endpoint === outputs.function)!.TopicArn;
    const permit = async (source: string) => {
      for (const { Sid } of await statements())
        await aws`lambda remove-permission --function-name ${payout} --statement-id ${Sid}`;
      await aws`lambda add-permission --function-name ${payout} --statement-id payroll
        --action lambda:InvokeFunction --principal sns.amazonaws.com --source-arn ${source}`;
    };

    await permit(topic.replace(started.account, '*'));
    const missed = await grade(attempt);
    expect(missed).toMatchObject({ code: 1, verdict: 'unsolved' });
    expect(failures(missed)).toEqual({
      'forged-payments-do-nothing': expect.stringMatching(
        /through a topic of another account, arn:aws:sns:\S+:payroll/,
      ),
      'no-foreign-topic-may-call': expect.stringMatching(
        /the policy of payout lets sns\.amazonaws\.com for arn:aws:sns:\S+:payroll call lambda:InvokeFunction/,
      ),
    });

    await permit(topic);
    const solved = await grade(attempt);
    expect(failures(solved)).toEqual({});
    expect(solved).toMatchObject({ code: 0, verdict: 'solved', points: solved.max });
  }, 120_000);
});

describe('a learner with the range command alone', () => {
  it('starts a lab, attacks, looks, takes a hint, and puts the account back', async () => {
    const begun = await range(running, 'start', 'password-in-the-environment');
    expect(begun).toMatchObject({ code: 0, err: '' });
    const attempt = /^attempt {2}(\S+)$/m.exec(begun.out)![1]!;
    const account = /^account {2}(\d{12}) in \S+$/m.exec(begun.out)![1]!;
    expect(begun.out).toContain('cluster: orders-db');
    expect(begun.out).toMatch(/^export AWS_ACCESS_KEY_ID=ASIA/m);

    const attacked = await range(running, 'attack', attempt);
    expect(attacked).toMatchObject({ code: 0, err: '' });
    expect(attacked.out.trim().split('\n').at(-1)).toMatch(/^The attack succeeds: .*password of orders-db/);

    const hinted = await range(running, 'hint', attempt);
    expect(hinted).toMatchObject({ code: 0, err: '' });
    const [head, , ...hint] = hinted.out.trim().split('\n');
    expect(head).toMatch(/^Hint 1 \(costs \d+ points\)$/);
    const shown = await range(running, 'show', attempt);
    expect(shown.out.split('\n')[0]).toMatch(
      new RegExp(`^${attempt} {2}password-in-the-environment {2}ready {2}0/\\d+ points$`),
    );
    expect(shown.out).toContain(`account ${account}\n`);
    expect(shown.out).toContain(`Hint 1: ${hint.join('\n')}`);

    expect(await range(running, 'reset', attempt)).toEqual({
      code: 0,
      out: `${attempt} is back at its start.\n`,
      err: '',
    });
    // The same account, and what was told stays told.
    expect(await range(running, 'show', attempt)).toEqual(shown);
    expect(await range(running, 'start', 'password-in-the-environment')).toEqual(begun);
  }, 120_000);
});
