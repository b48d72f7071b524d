import { LambdaClient, ListAliasesCommand } from '@aws-sdk/client-lambda';
import {
  type CheckContext,
  deployedFiles,
  fail,
  functionsOf,
  installedPackages,
  invokeTargets,
  type Outcome,
  pass,
  type ServedVersion,
  servedVersions,
} from '../../server/kit.ts';

/** A hole of an old runtime, found after its last patch. The attack succeeds where it stays open. */
export async function waitForAHole(ctx: CheckContext): Promise<Outcome> {
  const targets = await invokeTargets(ctx, ctx.outputs.bucket!);
  for (const target of targets)
    for (const version of await served(ctx, target)) {
      ctx.note(
        `scan a paper, which starts ${version.name} on ${version.runtime}`,
        version.supported ? 'denied' : 'succeeded',
        version.supported ? 'the runtime gets patches' : `no patch since ${version.deprecated}`,
      );
      if (!version.supported)
        return pass(`${version.name}, which scans start, runs on ${version.runtime}: ${since(version)} stay open`);
    }
  return fail('every hole that becomes known in what scans start is patched by AWS');
}

/** Whatever is in use besides, and what the next release will be made of. */
export async function nothingOldIsKept(ctx: CheckContext): Promise<Outcome> {
  const found = await inUse(ctx);
  const old = found.find(({ supported }) => !supported);
  return old
    ? fail(`${old.name} has the runtime ${old.runtime}: ${since(old)} stay open`)
    : pass(`${found.map(({ name }) => name).join(', ')}: runtimes that get patches`);
}

/** The unpublished version of every function, and what its aliases give weight to. */
async function inUse(ctx: CheckContext): Promise<ServedVersion[]> {
  const lambda = ctx.admin().client(LambdaClient);
  const found: ServedVersion[] = [];
  for (const { name, arn } of await functionsOf(ctx)) {
    if (name.includes(':')) continue;
    const { Aliases } = await lambda.send(new ListAliasesCommand({ FunctionName: arn }));
    for (const each of [arn, ...(Aliases ?? []).map(({ AliasArn }) => AliasArn!)])
      found.push(...(await served(ctx, each)));
  }
  return [...new Map(found.map((each) => [each.arn, each])).values()];
}

/** Version 2 of the SDK gets no patches either, whoever brings it. */
export async function nothingHasTheOldSdk(ctx: CheckContext): Promise<Outcome> {
  for (const { name, runtime } of await inUse(ctx)) {
    if (/^nodejs1[0-6]\.x$/.test(runtime)) return fail(`${name} has aws-sdk 2 of its runtime, ${runtime}: ${noPatch}`);
    const files = await deployedFiles(ctx, name);
    const old = files && installedPackages(files).find((each) => each.name === 'aws-sdk');
    if (old) return fail(`${name} brings aws-sdk ${old.version} along in ${old.folder}: ${noPatch}`);
  }
  return pass('no function in use has version 2 of the SDK');
}

const noPatch = 'AWS has not patched it since 2025-09-08';

async function served(ctx: CheckContext, arn: string): Promise<ServedVersion[]> {
  const found = await ctx.attempt(() => servedVersions(ctx, arn));
  return found.ok ? found.value : [];
}

const since = ({ deprecated }: ServedVersion): string => `holes that became known after ${deprecated ?? 'its end'}`;
