import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  allow,
  attackFails,
  type CheckContext,
  createExecutionRole,
  createFunction,
  defineLab,
  fail,
  functionsOf,
  hex,
  type Outcome,
  pass,
  probeAll,
  putRolePolicy,
} from '../../server/kit.ts';

export default defineLab({
  // Functions run only where they are contained.
  needs: ['containment'],

  async deploy(world) {
    const { admin } = world.account();
    const s3 = admin.client(S3Client);
    const Bucket = world.name('greetings');
    const secret = world.name('salaries');
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new CreateBucketCommand({ Bucket: secret }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'greeting.txt', Body: 'Good morning' }));
    await s3.send(new PutObjectCommand({ Bucket: secret, Key: 'salaries.csv', Body: hex(world.random, 16) }));
    const role = await createExecutionRole(admin, 'greeter-role');
    await putRolePolicy(admin, 'greeter-role', 's3', allow('s3:*', '*'));
    await createFunction(admin, 'greeter', role, world.zip('function'), { BUCKET: Bucket });
    world.output('bucket', Bucket);
    world.output('salaries bucket', secret);
    world.output('function', 'greeter');
    world.output('role', 'greeter-role');
  },

  exploit: readSalaries,

  checks: {
    'greeter-answers': { kind: 'function', title: 'The function greets', points: 0, run: greets },
    'salaries-cannot-be-read': {
      kind: 'exploit',
      title: 'Stolen credentials of the function do not read the salaries',
      points: 50,
      run: attackFails(readSalaries),
    },
    'code-reads-nothing-else': {
      kind: 'policy',
      title: 'Code in the function reads nothing but the greeting',
      points: 50,
      run: readsNothingElse,
    },
  },

  map: {
    nodes: [
      { id: 'thief', label: 'Code in greeter', kind: 'entry' },
      { id: 'role', label: 'greeter-role', kind: 'principal' },
      { id: 'salaries', label: 'salaries.csv', kind: 'impact' },
    ],
    edges: [
      { from: 'thief', to: 'role', call: 'credentials in the environment', cutBy: [] },
      { from: 'role', to: 'salaries', call: 's3:GetObject', cutBy: ['salaries-cannot-be-read'] },
    ],
  },
});

/** The application does its job. */
async function greets(ctx: CheckContext): Promise<Outcome> {
  const answer = await ctx
    .admin()
    .client(LambdaClient)
    .send(new InvokeCommand({ FunctionName: 'greeter' }));
  const said = Buffer.from(answer.Payload ?? []).toString();
  return said.includes('Good morning') ? pass('greeter says good morning') : fail(`greeter answers ${said}`);
}

/** The attack, over the wire, with the role's own credentials; `passed` says that it succeeded. */
async function readSalaries(ctx: CheckContext): Promise<Outcome> {
  const thief = ctx.role('greeter-role').client(S3Client);
  const Bucket = ctx.outputs['salaries bucket']!;
  const read = await ctx.attempt(() => thief.send(new GetObjectCommand({ Bucket, Key: 'salaries.csv' })));
  return read.ok ? pass(`greeter-role read salaries.csv in ${Bucket}`) : fail(`greeter-role is refused: ${read.code}`);
}

/** A question to the policies for each function, whatever its name and role are by now. */
async function readsNothingElse(ctx: CheckContext): Promise<Outcome> {
  return probeAll(ctx, await functionsOf(ctx), 's3', [
    ['GetObject', { Bucket: ctx.outputs['salaries bucket'], Key: 'salaries.csv' }],
    ['ListBuckets', {}],
  ]);
}
