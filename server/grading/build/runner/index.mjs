// The company's build: takes the source out of the bucket, runs its commands, and puts what they leave in dist/ back.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { pack, unpack } from './zip.mjs';

const s3 = new S3Client({});
const { BUCKET, SOURCE = 'source.zip', RELEASE = 'release.zip', WORKSPACE = 'workspace.zip' } = process.env;
const folder = '/tmp/source';
const home = '/tmp/home';
const mostLog = 16_384;

/** `{}` builds. `{"command": "npm ls"}` runs that instead of build.sh, and puts the folder as it is then to workspace.zip. */
export async function handler({ command } = {}) {
  for (const made of [folder, home]) await rm(made, { recursive: true, force: true });
  await mkdir(home);
  await writeFile(`${home}/.npmrc`, defaults().join('\n'));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: SOURCE }));
  await unpack(Buffer.from(await Body.transformToByteArray()), folder);
  const given = typeof command === 'string' ? ['-c', command] : ['build.sh'];
  const { code, log } = await run('/bin/sh', given);
  const answer = { ok: code === 0, log };
  if (code !== 0) return { ...answer, error: `the build ended with ${code}` };
  if (typeof command === 'string') {
    await rm(`${folder}/node_modules`, { recursive: true, force: true });
    return { ...answer, workspace: await put(WORKSPACE, folder) };
  }
  if (!existsSync(`${folder}/dist`)) return { ...answer, ok: false, error: 'the build left no folder dist' };
  return { ...answer, release: await put(RELEASE, `${folder}/dist`) };
}

async function put(Key, from) {
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: await pack(from) }));
  return `s3://${BUCKET}/${Key}`;
}

/** What the project's own .npmrc may change: nothing that is only for people at a terminal, and no waiting. */
function defaults() {
  const lines = ['update-notifier=false', 'fund=false', 'audit=false', 'progress=false', 'fetch-retries=0'];
  // From npm 12 on, install scripts wait for approval; this build has always run them.
  if (npmMajor() >= 12) lines.push('dangerously-allow-all-scripts=true');
  return lines;
}

function npmMajor() {
  const npm = path.dirname(path.dirname(realpathSync('/var/lang/bin/npm')));
  return Number.parseInt(JSON.parse(readFileSync(path.join(npm, 'package.json'), 'utf8')).version, 10);
}

function run(program, given) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, HOME: home, CI: 'true', npm_config_globalconfig: `${home}/global`, NODE_PATH: '' };
    const child = spawn(program, given, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        log = (log + chunk).slice(-mostLog);
      });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? signal, log }));
  });
}
