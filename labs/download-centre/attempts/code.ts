import { LambdaClient, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import type { SubmissionContext } from '../../../server/kit.ts';

/** The account as a learner changes it: what more than one submission does. */

export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);

/** Both functions find a path with the same lines: `find(file)` answers a path or throws. */
export async function rewrite(ctx: SubmissionContext, find: string, only?: 'download' | 'deliver'): Promise<void> {
  for (const FunctionName of ['download', 'deliver'] as const) {
    if (only && only !== FunctionName) continue;
    const code = rewritten(ctx, FunctionName, find);
    await lambda(ctx).send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: ctx.zip({ 'index.mjs': code }) }));
  }
}

export function rewritten(ctx: SubmissionContext, name: 'download' | 'deliver', find: string): string {
  const read = name === 'download' ? "`${folder}/${file.replace('../', '')}`" : '`${folder}/${file}`';
  const code = ctx.file(`function/${name}/index.mjs`);
  if (!code.includes(read)) throw new Error(`${name} has no ${read}`);
  return `import * as fs from 'node:fs/promises';\nimport path from 'node:path';\n${code.replace(read, () => 'await find(file)')}\n${find}\n`;
}

/** Where the path really ends must be below where the folder really is. */
export const real = `async function find(file) {
  const root = await fs.realpath(folder);
  const target = await fs.realpath(path.join(root, file));
  if (!target.startsWith(root + path.sep)) throw new Error('outside');
  return target;
}`;
