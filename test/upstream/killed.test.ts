import { IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { describe, expect, test } from 'vitest';
import { learnerRole } from '../../server/catalogue/deploy.ts';
import { roleActor } from '../../server/grading/actor.ts';
import { programOf, variableOf } from './emulators.ts';
import { catalogue, UpstreamHarness } from './harness.ts';

const lab = catalogue.find('anyones-topic')!;
const unavailable = { name: 'ServiceUnavailable' };

describe.each(['localstack', 'ministack'])('%s, killed', (name) => {
  test.skipIf(programOf(name) === undefined)(
    `while a lab is built, edited and captured, and started anew with nothing in it (needs ${variableOf(name)})`,
    async () => {
      const harness = await UpstreamHarness.open(name);
      const emulator = harness.emulator;
      try {
        const cloud = await harness.deploy(lab, 'survivor');
        await cloud.snapshot();
        const learner = roleActor(
          { name: 'learner', cloud, region: 'us-east-1', source: { ip: '192.0.2.1', secure: true } },
          cloud.account().id,
          learnerRole.name,
          'learner',
        );
        const edit = (): Promise<unknown> =>
          learner.client(IAMClient).send(
            new PutRolePolicyCommand({
              RoleName: 'payout-role',
              PolicyName: 'edit',
              PolicyDocument:
                '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}',
            }),
          );
        const building = harness.deploy(lab, 'victim');
        const grading = cloud.snapshot();
        const outcomes = Promise.allSettled([building, grading, edit()]);
        await emulator.kill!();
        for (const outcome of await outcomes)
          if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(unavailable);
        await expect(cloud.snapshot()).rejects.toMatchObject({
          ...unavailable,
          message: expect.stringMatching(/does not answer/),
        });
        await expect(edit()).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
        await emulator.restart!();
        await expect(cloud.snapshot()).rejects.toMatchObject({
          ...unavailable,
          message: expect.stringMatching(/has lost this account/),
        });
        const anew = await harness.deploy(lab, 'anew');
        expect((await harness.grade(await anew.snapshot(), lab, 'x')).verdict).toBe('unsolved');
        await Promise.all([cloud.close(), anew.close()]);
      } finally {
        await harness.close();
      }
    },
    240_000,
  );
});
