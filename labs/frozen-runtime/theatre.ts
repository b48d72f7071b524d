import { createHmac } from 'node:crypto';
import {
  type FunctionConfiguration,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import {
  type Actor,
  type CheckContext,
  hex,
  type RuntimePatch,
  runtimePatches,
  weightedVersions,
} from '../../server/kit.ts';

/** How tickets are sold, and on which runtime. */

const day = 86_400_000;
/** Within so many days a patch is released, and rolled out to functions that nobody touches. */
export const untilPatched = 100 * day;

/** Somebody buys a ticket of prod. What is wrong with the answer, and which version gave it. */
export async function buy(
  ctx: CheckContext,
  buyer: Actor,
): Promise<{ version: string | undefined; wrong: string | undefined }> {
  const seat = `F${1 + (ctx.random.bytes(1)[0]! % 99)}`;
  const show = `Giselle ${hex(ctx.random, 3)}`;
  const answer = await buyer.client(LambdaClient).send(
    new InvokeCommand({
      FunctionName: 'tickets',
      Qualifier: 'prod',
      Payload: Buffer.from(JSON.stringify({ show, seat })),
    }),
  );
  const text = Buffer.from(answer.Payload ?? []).toString();
  const stamp = createHmac('sha256', ctx.secrets.house!).update(`${show}/${seat}`).digest('hex').slice(0, 16);
  const version = answer.ExecutedVersion;
  if (answer.FunctionError) return { version, wrong: `tickets:${version} fails: ${text.slice(0, 300)}` };
  return {
    version,
    wrong: text.includes(stamp) ? undefined : `tickets:${version} sells no ticket: ${text.slice(0, 200)}`,
  };
}

/** The versions that prod sends somebody to, as they are configured. */
export async function served(ctx: CheckContext): Promise<FunctionConfiguration[]> {
  const lambda = ctx.admin().client(LambdaClient);
  const versions = await weightedVersions(lambda, 'tickets', 'prod');
  return Promise.all(
    versions.map((Qualifier) =>
      lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'tickets', Qualifier })),
    ),
  );
}

/** What a version runs on now, among the patch levels of its runtime. */
export function runsOn(
  ctx: CheckContext,
  { Runtime, Architectures, RuntimeVersionConfig }: FunctionConfiguration,
): { patch: RuntimePatch | undefined; newest: RuntimePatch | undefined } {
  const patches = runtimePatches(ctx.cloud, Runtime!, Architectures?.[0]);
  return {
    patch: patches.find(({ arn }) => arn === RuntimeVersionConfig?.RuntimeVersionArn),
    newest: patches.findLast(({ rolledOut }) => rolledOut),
  };
}

/** `tickets:3` */
export const nameOf = ({ Version }: FunctionConfiguration): string => `tickets:${Version}`;
