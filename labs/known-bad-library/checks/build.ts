import {
  type Advisory,
  type CheckContext,
  codeDifference,
  deployedFiles,
  fail,
  findingsIn,
  hex,
  installedPackages,
  type Outcome,
  type PackageFiles,
  pass,
  publish,
  publishedIn,
  readJson,
  rebuild,
  sourceFiles,
} from '../../../server/kit.ts';
import { registry } from '../packages.ts';
import { functionName } from '../shop.ts';

/** The build goes on, and what it makes is what runs. */
export async function theBuildMakesWhatRuns(ctx: CheckContext): Promise<Outcome> {
  const build = await rebuild(ctx, ctx.outputs.bucket!);
  if (!build.ok) return fail(`source.zip cannot be built: ${build.because}`);
  const deployed = await deployedFiles(ctx, functionName);
  if (!deployed) return fail(`the function ${functionName} does not exist any more`);
  const different = codeDifference(build.files, deployed);
  return different
    ? fail(`${functionName} does not run what the build makes: ${different}`)
    : pass(`the build makes what ${functionName} runs`);
}

/** Nothing that runs has a finding. */
export async function nothingKnownRuns(ctx: CheckContext): Promise<Outcome> {
  const deployed = await deployedFiles(ctx, functionName);
  if (!deployed) return fail(`the function ${functionName} does not exist any more`);
  const [finding] = findingsIn(deployed, publishedIn(ctx.cloud.state, registry));
  return finding
    ? fail(
        `${functionName} runs ${finding.what} (${finding.where}), of which ${finding.advisory.id} says: ${finding.advisory.title}`,
      )
    : pass(`no finding is known about what ${functionName} runs`);
}

/** A finding comes out about packages of today. The next build must not go through. */
export async function aFindingEndsTheBuild(ctx: CheckContext): Promise<Outcome> {
  const deployed = (await deployedFiles(ctx, functionName)) ?? new Map();
  const names = hiddenPackages(await sourceFiles(ctx, ctx.outputs.bucket!), deployed);
  if (names.length === 0) return pass('source.zip asks for no package that a finding could be about');
  const advisories = names.map((name): Advisory => {
    const id = `GHSA-${[0, 0, 0].map(() => hex(ctx.random, 4)).join('-')}`;
    const title = `A finding of today in ${name}`;
    return { package: name, id, title, severity: 'high', range: '>=0.0.0', cwe: ['CWE-94'] };
  });
  publish(ctx.cloud, registry, { advisories });
  for (const { id, package: name } of advisories)
    ctx.note(`a finding of high severity about ${name} comes out: ${id}`, 'succeeded');
  const build = await rebuild(ctx, ctx.outputs.bucket!);
  const { package: name, id } = advisories[0]!;
  return build.ok
    ? fail(`the build packs ${name} on the day when ${id}, of high severity, comes out about it`)
    : pass(`the build ends when a finding about ${name} is known: ${build.because}`);
}

/**
 * Packages of the source that only other packages ask for; where there are none, those that it names. Scanners that read
 * package.json do not see the former. What is for development alone counts where it is packed.
 */
function hiddenPackages(source: PackageFiles, deployed: PackageFiles): string[] {
  const read = (path: string): { [key: string]: unknown } => readJson(source.get(path)?.toString('utf8') ?? '');
  const { dependencies = {}, devDependencies = {} } = read('package.json') as { [kind: string]: object };
  const lock = source.has('npm-shrinkwrap.json') ? 'npm-shrinkwrap.json' : 'package-lock.json';
  const locked = Object.entries((read(lock).packages ?? {}) as Record<string, { dev?: boolean }>)
    .filter(([path]) => path.includes('node_modules/'))
    .map(([path, { dev }]) => ({
      name: path.slice(path.lastIndexOf(inModules) + inModules.length),
      dev: dev === true,
    }));
  const packed = new Set([...present(source), ...present(deployed)]);
  const known = locked.filter(({ name, dev }) => !dev || packed.has(name)).map(({ name }) => name);
  const used = [...new Set([...known, ...present(source), ...Object.keys(dependencies)])];
  const all = (used.length > 0 ? used : locked.map(({ name }) => name)).sort();
  const hidden = all.filter((name) => !Object.hasOwn({ ...dependencies, ...devDependencies }, name));
  return hidden.length > 0 ? hidden : all;
}

const inModules = 'node_modules/';

const present = (files: PackageFiles): string[] =>
  installedPackages(files)
    .filter(({ folder }) => folder.includes(inModules))
    .map(({ name }) => name);
