import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { expect, it } from 'vitest';
import type { LabDefinition } from '../../server/catalogue/definition.ts';
import type { FunctionRuntime } from '../../server/cloud/runtime/types.ts';
import type { CheckContext } from '../../server/grading/check-context.ts';
import { attack, grade } from '../../server/grading/grade.ts';
import { putRole, zip } from '../cloud/services/lambda/kit.ts';
import { client, createTestCloud } from '../cloud/test-cloud.ts';

/** Only as much of a runtime as a function that never ends needs. */
const hangs = {
  interpreterFor: () => ({ language: 'nodejs', version: '20', exact: true }),
  invoke: () => new Promise(() => {}),
  discard: async () => {},
} as unknown as FunctionRuntime;

async function options(run: (ctx: CheckContext) => Promise<{ passed: boolean; because: string }>) {
  const { cloud } = createTestCloud({ runtime: hangs, log: () => {} });
  await client(LambdaClient, cloud).send(
    new CreateFunctionCommand({
      FunctionName: 'orders',
      Role: putRole(cloud, 'orders', []),
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Code: { ZipFile: zip('') },
    }),
  );
  const lab = {
    checks: { answers: { kind: 'function', title: 'It answers', points: 0, run } },
    exploit: run,
  } as unknown as LabDefinition;
  const facts = { outputs: {}, secrets: {} };
  return {
    cloud,
    lab,
    labId: 'hanging',
    labVersion: 1,
    facts: facts as never,
    seed: 's',
    forkId: 'f',
    checkLimitMs: 100,
  };
}

const invoked = (ctx: CheckContext) =>
  ctx
    .admin()
    .client(LambdaClient)
    .send(new InvokeCommand({ FunctionName: 'orders' }))
    .then(() => ({ passed: true, because: 'it answers' }));

it('fails a check whose time went into a function that hangs, and says which', async () => {
  const report = await grade(await options(invoked));
  expect(report.verdict).toBe('unsolved');
  expect(report.checks[0]).toMatchObject({
    status: 'failed',
    because:
      'the function orders ran into its time limit again and again, or did not end, until the check stopped at its own limit of 0.1 s',
  });
  expect(await attack(await options(invoked))).toMatchObject({ succeeded: false });
});

it('is void where a check does not end and no function was waited for', async () => {
  const report = await grade(await options(() => new Promise(() => {})));
  expect(report.verdict).toBe('void');
  expect(report.checks[0]!.status).toBe('errored');
});
