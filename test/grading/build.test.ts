import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { MovableClock } from '../../server/cloud/clock.ts';
import { seededRandom } from '../../server/cloud/random.ts';
import type { FunctionRuntime } from '../../server/cloud/runtime/index.ts';
import { CheckContext } from '../../server/grading/check-context.ts';
import {
  codeDifference,
  createBuild,
  filesOf,
  findingsIn,
  installedPackages,
  lockFile,
  nodeModules,
  npmRegistry,
  type PublishedVersion,
  publish,
  rebuild,
  zipFiles,
} from '../../server/kit.ts';
import { sandboxed, startRuntime } from '../cloud/runtime/kit.ts';
import { createTestCloud } from '../cloud/test-cloud.ts';

// A limit for what hangs: other files run at the same time on the same processors, and npm takes a second of one.
vi.setConfig({ testTimeout: 240_000 });

const registry = 'npm.example';
const version = (name: string, number: string, more: Partial<PublishedVersion> = {}): PublishedVersion => ({
  name,
  version: number,
  published: '2026-03-01T08:00:00.000Z',
  files: { 'index.js': `module.exports = ${JSON.stringify(`${name} ${number}`)};\n` },
  ...more,
});
const tree = (files: Record<string, string>) =>
  new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]));

test('two trees differ in code only; packages are found wherever they lie', () => {
  const one = tree({ 'index.mjs': 'a', 'node_modules/.package-lock.json': '1', 'README.md': 'x' });
  expect(codeDifference(one, tree({ 'index.mjs': 'a', 'node_modules/.package-lock.json': '2' }))).toBeUndefined();
  expect(codeDifference(one, tree({ 'index.mjs': 'b' }))).toContain('index.mjs is not the one');
  expect(codeDifference(one, tree({}))).toContain('which is not deployed');
  expect(codeDifference(tree({}), one)).toContain('the build does not make it');
  expect(
    installedPackages(tree({ 'lib/x/package.json': '{"name":"x","version":"1.0.0"}', 'package.json': 'no json' })),
  ).toEqual([{ name: 'x', version: '1.0.0', folder: 'lib/x/' }]);
});

test('what a learner left in the place of a package is their answer, whatever it is', async () => {
  expect([...(await filesOf(zipFiles({ 'a.txt': 'a' })))]).toEqual([['a.txt', Buffer.from('a')]]);
  await expect(filesOf(Buffer.from('no zip'))).rejects.toThrow('the zip cannot be read: not a zip');
  const large = zipFiles({ 'zeros.bin': new Uint8Array(65 * 1024 * 1024) });
  await expect(filesOf(large)).rejects.toMatchObject({ name: 'InvalidPackage' });
});

test('findings are about versions in a range, nested ones and copied code among them', () => {
  const old = version('fold', '1.4.0');
  const fixed = version('fold', '2.0.0');
  const advisory = {
    package: 'fold',
    id: 'GHSA-1',
    title: 'bad',
    severity: 'high' as const,
    cwe: [],
    range: '>=1.0.0 <2.0.0',
  };
  const known = { versions: [old, fixed], advisories: [advisory] };
  const about = (files: Record<string, string>) =>
    findingsIn(tree(files), known).map(({ what, where }) => `${what} in ${where}`);
  expect(about(nodeModules([fixed]))).toEqual([]);
  expect(about({ 'node_modules/b/node_modules/fold/package.json': '{"name":"fold","version":"1.9.9"}' })).toEqual([
    'fold 1.9.9 in node_modules/b/node_modules/fold/',
  ]);
  expect(about({ 'lib/own.cjs': old.files['index.js']! })).toEqual(['fold 1.4.0 in lib/own.cjs']);
  expect(about({ 'node_modules/fold/package.json': '{"name":"fold","version":"0.9.0"}' })).toEqual([]);
});

describe.skipIf(!sandboxed)('a build in the sandbox (needs bubblewrap and npm)', () => {
  let runtime: FunctionRuntime;
  let dispose: () => Promise<void>;
  beforeAll(async () => {
    ({ runtime, dispose } = await startRuntime());
    expect(runtime.capabilities().npm).toBe(true);
  });
  afterAll(() => dispose());

  /** An account with a build of this source, and a registry. */
  async function built(source: Record<string, string>, versions: PublishedVersion[]) {
    const clock = new MovableClock();
    const random = seededRandom('build');
    const { cloud } = createTestCloud({ runtime, clock, hosts: () => [npmRegistry(registry)] } as never);
    const ctx = new CheckContext({ cloud, clock, facts: { outputs: {}, secrets: {} }, gradeSeed: 'seed', random });
    publish(cloud, registry, { versions });
    await createBuild(ctx.admin(), { bucket: 'builds', source: zipFiles(source) });
    return { cloud, ctx };
  }

  const source = {
    'package.json': JSON.stringify({ name: 'app', version: '1.0.0', dependencies: { '@a/left': '^1.0.0' } }),
    '.npmrc': `registry=https://${registry}/\n`,
    'build.sh': 'set -e\nnpm install --ignore-scripts\nmkdir dist\ncp -r index.mjs node_modules dist/\n',
    'index.mjs': 'export const handler = () => 1;\n',
  };

  /** Another source in the bucket: with a lock file for the packages, if any, and another line in the place of the install. */
  async function put(ctx: CheckContext, command: string, more: Record<string, string> = {}): Promise<void> {
    const files = { ...source, ...more, 'build.sh': source['build.sh'].replace('npm install', command) };
    const input = { Bucket: 'builds', Key: 'source.zip', Body: zipFiles(files) };
    await ctx.admin().client(S3Client).send(new PutObjectCommand(input));
  }

  test('the real npm installs from the registry the newest that a range lets in; a command makes a lock file', async () => {
    const right = version('right', '2.0.0');
    const { ctx } = await built(source, [
      version('@a/left', '1.2.0'),
      version('@a/left', '1.10.0', { dependencies: { right: '2.0.0' } }),
      version('@a/left', '2.0.0'),
      right,
    ]);
    const build = await rebuild(ctx, 'builds');
    expect(build.because).toBe('');
    expect(installedPackages(build.files).map(({ name, version }) => `${name}@${version}`)).toEqual([
      '@a/left@1.10.0',
      'right@2.0.0',
    ]);
    const lambda = ctx.admin().client(LambdaClient);
    const Payload = JSON.stringify({ command: 'npm install --package-lock-only' });
    const answer = await lambda.send(new InvokeCommand({ FunctionName: 'build', Payload }));
    expect(JSON.parse(Buffer.from(answer.Payload!).toString())).toMatchObject({
      ok: true,
      workspace: 's3://builds/workspace.zip',
    });
    const s3 = ctx.admin().client(S3Client);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'builds', Key: 'workspace.zip' }));
    const lock = (await filesOf(await Body!.transformToByteArray())).get('package-lock.json')!.toString();
    const wrote = JSON.parse(lock).packages['node_modules/@a/left'];
    const expected = JSON.parse(
      lockFile(registry, JSON.parse(source['package.json']), [
        version('@a/left', '1.10.0', { dependencies: { right: '2.0.0' } }),
        right,
      ]),
    ).packages['node_modules/@a/left'];
    expect(wrote).toEqual(expected);
  });

  test('a finding fails an audit in the build, and other bytes under a locked number end it', async () => {
    const left = version('@a/left', '1.0.0');
    const { cloud, ctx } = await built(source, [left]);
    const lock = { 'package-lock.json': lockFile(registry, JSON.parse(source['package.json']), [left]) };
    await put(ctx, 'npm audit --audit-level=high', lock);
    publish(cloud, registry, {
      advisories: [
        { package: '@a/left', id: 'GHSA-1', title: 'bad', severity: 'high', range: '<1.1.0', cwe: ['CWE-1'] },
      ],
    });
    const audited = await rebuild(ctx, 'builds');
    expect(audited.ok).toBe(false);
    expect(audited.log).toContain('https://github.com/advisories/GHSA-1');
    publish(cloud, registry, { versions: [version('@a/left', '1.0.0', { files: { 'index.js': 'other' } })] });
    await put(ctx, 'npm ci', lock);
    const tampered = await rebuild(ctx, 'builds');
    expect(tampered.because).toContain('code EINTEGRITY');
  });

  test('other bytes that are handed out once get into a build without checksums, and not into one with them', async () => {
    const left = version('@a/left', '1.0.0');
    const { cloud, ctx } = await built(source, [left]);
    const other = { ...left, files: { 'index.js': 'module.exports = "other";\n' } };
    publish(cloud, registry, { once: [other] });
    const taken = await rebuild(ctx, 'builds');
    expect(taken.files.get('node_modules/@a/left/index.js')?.toString()).toContain('other');
    await put(ctx, 'npm ci', { 'package-lock.json': lockFile(registry, JSON.parse(source['package.json']), [left]) });
    publish(cloud, registry, { once: [other] });
    const refused = await rebuild(ctx, 'builds');
    expect(refused.because).toBe('');
    expect(refused.files.get('node_modules/@a/left/index.js')?.toString()).toContain('left 1.0.0');
    expect(refused.log).toContain('corrupted');
  });
});
