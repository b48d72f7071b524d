import { InvokeCommand, LambdaClient, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { lockFile, nodeModules, type PublishedVersion, type SubmissionContext } from '../../../server/kit.ts';
import { barcode13, digit, fold21, installed, registry } from '../packages.ts';
import { functionName } from '../shop.ts';

/** What more than one submission does. */

const sources = ['index.mjs', 'package.json', '.npmrc', 'build.sh'];

/** Other texts for files of the source; undefined takes one away. */
export type Changes = Record<string, string | undefined>;

/** Puts the source with some files changed; without a lock file among them, with that of today. */
export async function putSource(ctx: SubmissionContext, changes: Changes): Promise<void> {
  const files = Object.fromEntries(sources.map((name) => [name, ctx.file(`source/${name}`)]));
  const locked = { 'package-lock.json': lock(files['package.json']!, installed) };
  const kept = Object.entries({ ...files, ...locked, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  await ctx.admin
    .client(S3Client)
    .send(
      new PutObjectCommand({ Bucket: ctx.outputs.bucket!, Key: 'source.zip', Body: ctx.zip(Object.fromEntries(kept)) }),
    );
}

/** Deploys what the build makes: the source's two files, and packages or other files beside them. */
export async function deploy(ctx: SubmissionContext, files: Record<string, string>): Promise<void> {
  const own = { 'index.mjs': ctx.file('source/index.mjs'), 'package.json': ctx.file('source/package.json') };
  await ctx.admin
    .client(LambdaClient)
    .send(new UpdateFunctionCodeCommand({ FunctionName: functionName, ZipFile: ctx.zip({ ...own, ...files }) }));
}

/** Deploys by the build, as a learner does. */
export async function buildAndDeploy(ctx: SubmissionContext): Promise<void> {
  const lambda = ctx.admin.client(LambdaClient);
  await lambda.send(new InvokeCommand({ FunctionName: 'build', Payload: '{}' }));
  await lambda.send(
    new UpdateFunctionCodeCommand({ FunctionName: functionName, S3Bucket: ctx.outputs.bucket!, S3Key: 'release.zip' }),
  );
}

/** package.json with other dependencies, and further members. */
export function manifest(ctx: SubmissionContext, dependencies: Record<string, string>, more: object = {}): string {
  const project = JSON.parse(ctx.file('source/package.json')) as object;
  return `${JSON.stringify({ ...project, dependencies, ...more }, null, 2)}\n`;
}

export const lock = (project: string, packages: readonly PublishedVersion[]): string =>
  lockFile(registry, JSON.parse(project) as Parameters<typeof lockFile>[1], packages);

/** build.sh with commands after the installation. */
export const build = (...commands: string[]): string =>
  [
    'set -e',
    'npm ci --omit=dev --ignore-scripts',
    ...commands,
    'mkdir dist',
    'cp -r index.mjs package.json node_modules dist/',
    '',
  ].join('\n');

/** The two packages without findings, and the code that calls them. */
export const clean = [barcode13, digit, fold21];
export const cleanModules = nodeModules(clean);
export const cleanManifest = (ctx: SubmissionContext): string =>
  manifest(ctx, { 'deep-fold': '^2.1.0', 'ticket-barcode': '^1.3.0' });
export const cleanCode = (ctx: SubmissionContext): string =>
  ctx.file('source/index.mjs').replace("import fold from 'deep-fold'", "import { fold } from 'deep-fold'");

/** The source with both packages replaced, and a build. */
export async function putClean(ctx: SubmissionContext, buildScript: string, more: Changes = {}): Promise<void> {
  const project = cleanManifest(ctx);
  const own = { 'index.mjs': cleanCode(ctx), 'package.json': project };
  await putSource(ctx, { ...own, 'package-lock.json': lock(project, clean), 'build.sh': buildScript, ...more });
}

export const deployClean = (ctx: SubmissionContext): Promise<void> =>
  deploy(ctx, { ...cleanModules, 'index.mjs': cleanCode(ctx), 'package.json': cleanManifest(ctx) });
