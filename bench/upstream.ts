import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { learnerRole } from '../server/catalogue/deploy.ts';
import { clientsFor } from '../server/cloud/clients.ts';
import { emptyAccount } from '../server/cloud/upstream/remove.ts';
import { roleActor } from '../server/grading/actor.ts';
import { programOf, variableOf } from '../test/upstream/emulators.ts';
import { catalogue, UpstreamHarness } from '../test/upstream/harness.ts';
import { type Figure, figure, table, time } from './measure.ts';

// `npm run bench:upstream`: labs with their accounts in LocalStack and MiniStack, where these are installed.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const runs = process.argv.includes('--quick') ? 3 : 10;
const figures: Figure[] = [];
const note = (entry: Figure): void => {
  figures.push(entry);
  process.stderr.write(`${entry.name}: p50 ${entry.p50.toFixed(1)} ms, p95 ${entry.p95.toFixed(1)} ms\n`);
};

for (const name of ['localstack', 'ministack']) {
  if (programOf(name) === undefined) {
    process.stderr.write(`${name} is left out: ${variableOf(name)} is not set\n`);
    continue;
  }
  const harness = await UpstreamHarness.open(name);
  try {
    let serial = 0;
    // A service is loaded when it is first asked for, which takes an emulator seconds.
    for (const lab of catalogue.labs) {
      const cloud = await harness.deploy(lab, `warm ${lab.id}`);
      await cloud.snapshot();
      await cloud.close();
    }
    for (const lab of catalogue.labs) {
      const provisioned: number[] = [];
      const captured: number[] = [];
      let cloud = await harness.deploy(lab, `first ${lab.id}`);
      for (let run = 0; run < runs; run++) {
        await cloud.close();
        provisioned.push(
          ...(await time(
            1,
            async () => {
              cloud = await harness.deploy(lab, `bench ${lab.id} ${serial++}`);
            },
            { warmUp: 0 },
          )),
        );
        captured.push(...(await time(1, () => Promise.resolve(cloud.snapshot()), { warmUp: 0 })));
      }
      note(figure(`${name}: provision ${lab.id}`, 'p50 ≤ 2,000 ms', provisioned));
      note(figure(`${name}: first capture ${lab.id}`, 'p50 ≤ 400 ms', captured));
      const again = await time(runs, () => Promise.resolve(cloud.snapshot()), { warmUp: 0 });
      note(figure(`${name}: capture ${lab.id}, nothing changed`, '', again));
      await harness.runtime.rested();
      const account = await cloud.snapshot();
      const graded = await time(runs, () => harness.grade(account, lab, 'bench'), {
        before: () => harness.runtime.rested(),
      });
      note(figure(`${name}: grade ${lab.id} without its capture`, '', graded));
      const id = cloud.account().id;
      const began = performance.now();
      const left = await emptyAccount(harness.backend, id);
      process.stderr.write(`${name}: remove ${lab.id}: ${Math.round(performance.now() - began)} ms, ${left} left\n`);
      await cloud.close();
    }
    const lab = catalogue.find('thumbnailer-owns-s3')!;
    const cloud = await harness.deploy(lab, 'overhead');
    const command = new GetRoleCommand({ RoleName: 'thumbnailer-role' });
    const direct = clientsFor({
      region: 'us-east-1',
      endpoint: harness.backend.endpoint,
      credentials: { accessKeyId: cloud.account().id, secretAccessKey: 'any' },
    })(IAMClient);
    const source = { ip: '192.0.2.1', secure: true };
    const learner = roleActor(
      { name: 'l', cloud, region: 'us-east-1', source },
      cloud.account().id,
      learnerRole.name,
      's',
    );
    const gateway = learner.client(IAMClient);
    const alone: number[] = [];
    const through: number[] = [];
    for (let i = 0; i < runs * 10; i++) {
      alone.push(...(await time(1, () => direct.send(command), { warmUp: 0 })));
      through.push(...(await time(1, () => gateway.send(command), { warmUp: 0 })));
    }
    note(figure(`${name}: GetRole, asked directly`, '', alone));
    note(figure(`${name}: GetRole, through the gateway`, 'p50 ≤ 4 ms more', through));
    await cloud.close();
  } finally {
    await harness.close();
  }
}
process.stdout.write(`${table(figures)}\n`);
