import { join } from 'node:path';
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createExecutionRole, createFunction, putRolePolicy } from '../../catalogue/building.ts';
import { allow } from '../../catalogue/policies.ts';
import { zipFolder } from '../../catalogue/zip.ts';
import { hex } from '../../cloud/random.ts';
import { projectRoot } from '../../paths.ts';
import type { Actor } from '../actor.ts';
import type { CheckContext } from '../check-context.ts';
import { filesOf, type PackageFiles } from './files.ts';

/** Of one build: more is a build that hangs. One run of npm takes a second, or ten where a dozen others want the processor. */
const limitSeconds = 45;
const name = 'build';

const runnerZip = (): Uint8Array => zipFolder(join(projectRoot, 'server', 'grading', 'build', 'runner'));

/**
 * A company's build, as a function `build` with a role of its own: it takes `source.zip` out of the bucket, runs its
 * `build.sh` with the machine's npm, and puts what that leaves in `dist/` into `release.zip`. Answers the role's name.
 */
export async function createBuild(
  admin: Actor,
  { bucket, source, role = 'build-role' }: { bucket: string; source: Uint8Array; role?: string },
): Promise<string> {
  const s3 = admin.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'source.zip', Body: source }));
  const arn = await createExecutionRole(admin, role);
  await putRolePolicy(admin, role, 'build', allow(['s3:GetObject', 's3:PutObject'], `arn:aws:s3:::${bucket}/*`));
  await createFunction(admin, name, arn, runnerZip(), { BUCKET: bucket }, { Timeout: 60, MemorySize: 1024 });
  return role;
}

/** What a build did. */
export interface Build {
  /** Its commands ended well and left a package. */
  ok: boolean;
  /** Why not, with the end of its log: the end of a sentence. */
  because: string;
  log: string;
  /** What it left in `dist/`. */
  files: PackageFiles;
}

/**
 * Builds the source that lies in the bucket now, in a fork, with the company's own code of the build: changes of the
 * function `build` do not count, its role does. Becomes evidence. Takes about a second of processor time.
 */
export async function rebuild(ctx: CheckContext, bucket: string): Promise<Build> {
  const lambda = ctx.admin().client(LambdaClient);
  const { Role } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
  const copy = `${name}-${hex(ctx.random, 8)}`;
  const settings = { Timeout: limitSeconds, MemorySize: 1024 };
  await createFunction(ctx.admin(), copy, Role!, runnerZip(), { BUCKET: bucket }, settings);
  const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: copy, Payload: '{}' }));
  const answer = JSON.parse(Buffer.from(Payload ?? []).toString() || 'null') as Record<string, unknown> | null;
  const failed = (because: string, log = ''): Build => {
    ctx.note('build the source again', 'failed', because);
    return { ok: false, because, log, files: new Map() };
  };
  if (FunctionError) return failed(`${answer?.errorType ?? 'Error'}: ${answer?.errorMessage ?? 'no answer'}`);
  const log = String(answer?.log ?? '');
  if (answer?.ok !== true) return failed(`${answer?.error}: ${lastWords(log)}`, log);
  const { Body } = await ctx
    .admin()
    .client(S3Client)
    .send(new GetObjectCommand({ Bucket: bucket, Key: 'release.zip' }));
  const files = await filesOf(await Body!.transformToByteArray());
  ctx.note('build the source again', 'succeeded', `${files.size} files`);
  return { ok: true, because: '', log, files };
}

/** What lies in the bucket to be built. @throws AwsError where it is gone */
export async function sourceFiles(ctx: CheckContext, bucket: string): Promise<PackageFiles> {
  const { Body } = await ctx
    .admin()
    .client(S3Client)
    .send(new GetObjectCommand({ Bucket: bucket, Key: 'source.zip' }));
  return filesOf(await Body!.transformToByteArray());
}

/** What npm says first of an error, or else the end of a log. npm's advice where to read more helps nobody here. */
function lastWords(log: string): string {
  const lines = log.split('\n').filter((line) => line.trim() !== '' && !/complete log of this run|_logs/.test(line));
  const first = lines.findLastIndex((line) => line.startsWith('npm error code '));
  const said = first < 0 ? lines.slice(-4) : lines.slice(first, first + 4);
  return said
    .map((line) => line.replace(/^npm error ?/, ''))
    .join(' | ')
    .slice(0, 400);
}
