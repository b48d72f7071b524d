import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallContext } from '../../../../server/cloud/context.ts';
import { AwsError } from '../../../../server/cloud/errors.ts';
import { services } from '../../../../server/cloud/services/index.ts';
import { findSecret } from '../../../../server/cloud/services/secretsmanager/index.ts';
import { parseRules } from '../../../../server/cloud/services/secretsmanager/rotation-schedule.ts';
import { client, createTestCloud, OWN, REGION, root } from '../../test-cloud.ts';

const ARN = `arn:aws:lambda:${REGION}:${OWN}:function:rotator`;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface StepEvent {
  Step: string;
  SecretId: string;
  ClientRequestToken: string;
}

const lambdaItself = services.lambda!;
afterEach(() => {
  services.lambda = lambdaItself;
});

/** A rotation function as AWS's templates write it, in place of the Lambda service. */
function start(options: { refuses?: boolean; failsAt?: (step: string, call: number) => boolean } = {}) {
  const { cloud, clock } = createTestCloud();
  const called: string[] = [];
  services.lambda = {
    id: 'lambda',
    operations: {
      Invoke: {
        access: () => [],
        async run(ctx: CallContext, input: { InvocationType: string; Payload: string }) {
          if (options.refuses) throw new AwsError('AccessDeniedException', 'no', 403);
          expect(ctx.caller.principal.service).toBe('secretsmanager.amazonaws.com');
          expect(ctx.caller.context['aws:SourceAccount']).toBe(OWN);
          if (input.InvocationType === 'DryRun') return { StatusCode: 204 };
          const { Step, SecretId, ClientRequestToken }: StepEvent = JSON.parse(input.Payload);
          called.push(Step);
          if (options.failsAt?.(Step, called.length))
            return { FunctionError: 'Unhandled', Payload: Buffer.from('{"errorMessage":"boom"}') };
          const call = (name: string, more: object) =>
            cloud.call(root(), 'secretsmanager', name, { SecretId, ...more });
          if (Step === 'createSecret')
            await call('PutSecretValue', {
              ClientRequestToken,
              SecretString: `new-${called.length}`,
              VersionStages: ['AWSPENDING'],
            });
          if (Step === 'finishSecret') {
            const { VersionId } = (await call('GetSecretValue', {})) as { VersionId: string };
            await call('UpdateSecretVersionStage', {
              VersionStage: 'AWSCURRENT',
              MoveToVersionId: ClientRequestToken,
              RemoveFromVersionId: VersionId,
            });
          }
          return { StatusCode: 200, Payload: Buffer.from('null') };
        },
      },
    },
  };
  return { cloud, clock, called, sm: client(SecretsManagerClient, cloud) };
}

const rules = { AutomaticallyAfterDays: 30 };
const rotate = new RotateSecretCommand({ SecretId: 's', RotationLambdaARN: ARN, RotationRules: rules });

describe('rotation', () => {
  it('calls its function once a step and leaves the new value current', async () => {
    const { cloud, called, sm } = start();
    await sm.send(new CreateSecretCommand({ Name: 's', SecretString: 'old' }));
    const { VersionId } = await sm.send(rotate);
    await cloud.settle();
    expect(called).toEqual(['createSecret', 'setSecret', 'testSecret', 'finishSecret']);
    expect(await sm.send(new GetSecretValueCommand({ SecretId: 's' }))).toMatchObject({
      SecretString: 'new-1',
      VersionId,
    });
    expect(
      (await sm.send(new GetSecretValueCommand({ SecretId: 's', VersionStage: 'AWSPREVIOUS' }))).SecretString,
    ).toBe('old');
    const described = await sm.send(new DescribeSecretCommand({ SecretId: 's' }));
    expect(described).toMatchObject({ RotationEnabled: true, RotationLambdaARN: ARN, RotationRules: rules });
    expect(described.NextRotationDate!.getTime() - described.LastRotatedDate!.getTime()).toBe(30 * DAY);
  });

  it('happens again when its date comes, and not once it is cancelled', async () => {
    const { cloud, clock, called, sm } = start();
    await sm.send(new CreateSecretCommand({ Name: 's', SecretString: 'old' }));
    await sm.send(rotate);
    await cloud.settle();
    clock.advance(29 * DAY);
    await cloud.settle();
    expect(called).toHaveLength(4);
    clock.advance(DAY + 1);
    await cloud.settle();
    expect(called).toHaveLength(8);
    await cloud.call(root(), 'secretsmanager', 'CancelRotateSecret', { SecretId: 's' });
    clock.advance(60 * DAY);
    await cloud.settle();
    expect(called).toHaveLength(8);
  });

  it('that fails is tried again with the same version, from the step that failed', async () => {
    const { cloud, clock, called, sm } = start({ failsAt: (step, call) => step === 'testSecret' && call === 3 });
    await sm.send(new CreateSecretCommand({ Name: 's', SecretString: 'old' }));
    await sm.send(rotate);
    await cloud.settle();
    expect(called).toEqual(['createSecret', 'setSecret', 'testSecret']);
    expect((await sm.send(new GetSecretValueCommand({ SecretId: 's' }))).SecretString).toBe('old');
    expect(
      findSecret({ state: cloud.state, account: OWN, region: REGION, now: clock.now() }, 's')!.rotation!.lastError,
    ).toContain('testSecret: {"errorMessage":"boom"}');
    clock.advance(10_000);
    await cloud.settle();
    expect(called.slice(3)).toEqual(['testSecret', 'finishSecret']);
    expect((await cloud.call(root(), 'secretsmanager', 'GetSecretValue', { SecretId: 's' })) as object).toMatchObject({
      SecretString: 'new-1',
    });
  });

  it('gives up after some tries and keeps the old value', async () => {
    const { cloud, clock, called, sm } = start({ failsAt: () => true });
    await sm.send(new CreateSecretCommand({ Name: 's', SecretString: 'old' }));
    await sm.send(rotate);
    for (let i = 0; i < 10; i++) {
      await cloud.settle();
      clock.advance(61_000);
    }
    expect(called).toHaveLength(4);
    expect(await cloud.call(root(), 'secretsmanager', 'GetSecretValue', { SecretId: 's' })).toMatchObject({
      SecretString: 'old',
    });
  });

  it('later only tests the function now', async () => {
    const { cloud, called, sm } = start();
    await sm.send(new CreateSecretCommand({ Name: 's', SecretString: 'old' }));
    await sm.send(
      new RotateSecretCommand({
        SecretId: 's',
        RotationLambdaARN: ARN,
        RotationRules: rules,
        RotateImmediately: false,
      }),
    );
    await cloud.settle();
    expect(called).toEqual(['testSecret']);
    expect(
      (await sm.send(new ListSecretVersionIdsCommand({ SecretId: 's', IncludeDeprecated: true }))).Versions,
    ).toHaveLength(1);
    await sm.send(new CancelRotateSecretCommand({ SecretId: 's' }));
    expect(await sm.send(new DescribeSecretCommand({ SecretId: 's' }))).toMatchObject({ RotationEnabled: false });
  });

  it('is refused without a function that Secrets Manager may call', async () => {
    const { sm } = start({ refuses: true });
    await sm.send(new CreateSecretCommand({ Name: 's', SecretString: 'old' }));
    await expect(sm.send(rotate)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message:
        'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.',
    });
    await expect(sm.send(new RotateSecretCommand({ SecretId: 's', RotationRules: rules }))).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
  });
});

describe('rotation schedules', () => {
  // Sunday
  const from = Date.UTC(2026, 10, 22, 18, 30);
  const next = (ScheduleExpression: string): string =>
    new Date(parseRules({ ScheduleExpression })!(from)!).toISOString();

  it.each([
    ['rate(6 hours)', '2026-11-23T00:30:00.000Z'],
    ['rate(10 days)', '2026-12-02T18:30:00.000Z'],
    ['cron(0 8 ? * MON *)', '2026-11-23T08:00:00.000Z'],
    ['cron(0 8,20 ? * 1 *)', '2026-11-22T20:00:00.000Z'],
    ['cron(0 */6 * * ? *)', '2026-11-23T00:00:00.000Z'],
    ['cron(0 0 L * ? *)', '2026-11-30T00:00:00.000Z'],
    ['cron(0 16 1,15 JAN-MAR ? *)', '2027-01-01T16:00:00.000Z'],
    ['cron(0 0 ? * 2#1 *)', '2026-12-07T00:00:00.000Z'],
    ['cron(0 0 ? * FRIL *)', '2026-11-27T00:00:00.000Z'],
  ])('%s is due at %s', (expression, due) => expect(next(expression)).toBe(due));

  it.each([
    'rate(3 hours)',
    'rate(x days)',
    'cron(5 8 ? * MON *)',
    'cron(0 8 * * * *)',
    'cron(0 8 ? * MON 2027)',
    'cron(0 25 * * ? *)',
    'at(now)',
    'cron(0 8-4 * * ? *)',
  ])('%s is refused', (expression) => expect(() => next(expression)).toThrow(AwsError));
});
