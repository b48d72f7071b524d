import {
  type CheckContext,
  codeDifference,
  deployedFiles,
  endOnce,
  fail,
  hex,
  installedPackages,
  type Outcome,
  pass,
  publish,
  rebuild,
  recall,
} from '../../../server/kit.ts';
import { marked } from '../attack.ts';
import { counter, newer, phoning, registry, replaced } from '../packages.ts';
import { functionName } from './receipts.ts';

/**
 * The world goes on: newer versions come out, and the company builds what it has. A cache of the registry hands out other
 * bytes to whoever asks first, for each package: who compares checksums asks again or ends, and may then try once more.
 */
export async function theSamePackageAgain(ctx: CheckContext): Promise<Outcome> {
  const dropped = recall(ctx, ctx.secrets.drop!).length;
  const counted = recall(ctx, counter).length;
  const marker = hex(ctx.random, 24);
  publish(ctx.cloud, registry, { versions: newer(ctx, marker), once: replaced(ctx, marker) });
  let build = await rebuild(ctx, ctx.outputs.bucket!);
  if (!build.ok) {
    endOnce(ctx.cloud, registry);
    build = await rebuild(ctx, ctx.outputs.bucket!);
  }
  if (!build.ok) return fail(`source.zip cannot be built while newer versions are out: ${build.because}`);
  const [sent] = recall(ctx, ctx.secrets.drop!).slice(dropped) as { from: string }[];
  if (sent) return fail(`the build ran a script of ${sent.from} that attackers had published`);
  const [ran] = recall(ctx, counter).slice(counted) as { from: string }[];
  if (ran) return fail(`the build runs the postinstall script of round-half@${ran.from}`);
  const file = marked(build.files, marker);
  if (file) return fail(`the build packs ${file} as attackers published it, two hours ago or under an old number`);
  const deployed = await deployedFiles(ctx, functionName);
  if (!deployed) return fail(`the function ${functionName} does not exist any more`);
  const different = codeDifference(build.files, deployed);
  return different
    ? fail(`${functionName} does not run what the build makes: ${different}`)
    : pass(`the build makes the package of ${functionName} again, and runs no script of its dependencies`);
}

/** Whatever runs now holds nothing of the version that was taken back. */
export async function thePhoningVersionIsGone(ctx: CheckContext): Promise<Outcome> {
  const deployed = await deployedFiles(ctx, functionName);
  if (!deployed) return fail(`the function ${functionName} does not exist any more`);
  const { name, version } = phoning(ctx.secrets.drop!);
  const installed = installedPackages(deployed).find((each) => each.name === name && each.version === version);
  if (installed) return fail(`${functionName} still has ${name} ${version} in ${installed.folder}`);
  const file = marked(deployed, ctx.secrets.drop!);
  if (file) return fail(`${functionName} still has a file that names ${ctx.secrets.drop}: ${file}`);
  return pass(`nothing of ${name} ${version} is in the package of ${functionName}`);
}
