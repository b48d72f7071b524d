import { InvokeCommand, LambdaClient, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  lockFile,
  nodeModules,
  type PublishedVersion,
  publishedIn,
  type SubmissionContext,
} from '../../../server/kit.ts';
import { functionName } from '../checks/receipts.ts';
import { good, half, registry } from '../packages.ts';

/** What more than one submission does. */

const sources = ['index.mjs', 'package.json', '.npmrc', 'build.sh'];

/** Other texts for files of the source; undefined takes one away. */
export type Changes = Record<string, string | Uint8Array | undefined>;

/** Puts the source with some files changed. */
export async function putSource(ctx: SubmissionContext, changes: Changes): Promise<void> {
  const files = Object.fromEntries(sources.map((name) => [name, ctx.file(`source/${name}`)]));
  const kept = Object.entries({ ...files, ...changes }).filter(
    (entry): entry is [string, string | Uint8Array] => entry[1] !== undefined,
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
    new UpdateFunctionCodeCommand({
      FunctionName: functionName,
      S3Bucket: ctx.outputs.bucket!,
      S3Key: 'release.zip',
    }),
  );
}

/** `penny-format 1.4.3`, as the registry has it. */
export const versionOf = (ctx: SubmissionContext, wanted: string): PublishedVersion =>
  publishedIn(ctx.cloud.state, registry).versions.find(({ name, version }) => `${name} ${version}` === wanted)!;

export const safe = [good, half];
export const safeModules = nodeModules(safe);

/** package.json with another range for the dependency, and further members. */
export function manifest(ctx: SubmissionContext, range: string, more: object = {}): string {
  const project = JSON.parse(ctx.file('source/package.json')) as object;
  return `${JSON.stringify({ ...project, dependencies: { 'penny-format': range }, ...more }, null, 2)}\n`;
}

/** The lock file for a package.json. */
export const lock = (project: string, installed: readonly PublishedVersion[] = safe): string =>
  lockFile(registry, JSON.parse(project) as Parameters<typeof lockFile>[1], installed);

/** .npmrc without the line that turns lock files off, and with others. */
export const npmrc = (...lines: string[]): string => [`registry=https://${registry}/`, ...lines, ''].join('\n');

/** build.sh with another command for the packages. */
export const build = (...commands: string[]): string =>
  ['set -e', ...commands, 'mkdir dist', 'cp -r index.mjs package.json node_modules dist/', ''].join('\n');
