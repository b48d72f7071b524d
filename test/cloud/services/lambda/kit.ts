import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { strToU8, zipSync } from 'fflate';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { upperAlphanumeric } from '../../../../server/cloud/random.ts';
import { createRuntime, type FunctionRuntime } from '../../../../server/cloud/runtime/index.ts';
import { type RoleRecord, roles } from '../../../../server/cloud/services/iam/tables.ts';
import { OWN, root } from '../../test-cloud.ts';

/** A deployment package with these files; a text alone is `index.mjs`. */
export function zip(files: Record<string, string> | string): Uint8Array {
  const named = typeof files === 'string' ? { 'index.mjs': files } : files;
  return zipSync(Object.fromEntries(Object.entries(named).map(([name, text]) => [name, strToU8(text)])));
}

/** A runtime for one test file. */
export async function startRuntime(): Promise<{ runtime: FunctionRuntime; dispose(): Promise<void> }> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'lambda-range-test-'));
  const runtime = await createRuntime({ dataDir, poolSize: 0, sandbox: 'bubblewrap' });
  return {
    runtime,
    async dispose() {
      await runtime.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Writes a role that a service may assume, with one inline policy; returns its ARN. */
export function putRole(
  cloud: Cloud,
  name: string,
  statements: object[],
  options: { account?: string; service?: string } = {},
): string {
  const { account = OWN, service = 'lambda.amazonaws.com' } = options;
  const arn = `arn:aws:iam::${account}:role/${name}`;
  const record: RoleRecord = {
    arn,
    path: '/',
    createDate: 0,
    roleName: name,
    roleId: `AROA${upperAlphanumeric(cloud.random, 17)}`,
    assumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
    }),
    maxSessionDuration: 3600,
    inline: statements.length
      ? [{ name: 'inline', document: JSON.stringify({ Version: '2012-10-17', Statement: statements }) }]
      : [],
    attached: [],
    tags: {},
  };
  cloud.transact((state) => state.put(roles, { account, region: '' }, name, record));
  return arn;
}

export const logsAllowed = {
  Effect: 'Allow',
  Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: '*',
};

/** Creates a function as root; `members` are further members of the request. */
export async function createFunction(
  cloud: Cloud,
  name: string,
  code: Record<string, string> | string = 'export const handler = async (event) => event;',
  members: object = {},
  account = OWN,
): Promise<{ FunctionArn: string; RevisionId: string; [key: string]: unknown }> {
  const role = `arn:aws:iam::${account}:role/${name}-role`;
  if (!cloud.state.get(roles, { account, region: '' }, `${name}-role`))
    putRole(cloud, `${name}-role`, [logsAllowed], { account });
  return cloud.call(root(account), 'lambda', 'CreateFunction', {
    FunctionName: name,
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: role,
    Code: { ZipFile: zip(code) },
    Timeout: 10,
    MemorySize: 256,
    ...members,
  });
}

/** Invokes as root and reads the JSON answer. */
export async function invoke(
  cloud: Cloud,
  name: string,
  event: unknown = {},
  members: object = {},
): Promise<{ answer: unknown; error: string | undefined; [key: string]: unknown }> {
  const output = await cloud.call<{ Payload: Uint8Array; FunctionError?: string }>(root(), 'lambda', 'Invoke', {
    FunctionName: name,
    Payload: JSON.stringify(event),
    ...members,
  });
  const text = output.Payload ? Buffer.from(output.Payload).toString() : '';
  return { ...output, answer: text === '' ? undefined : JSON.parse(text), error: output.FunctionError };
}
