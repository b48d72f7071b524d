import { LambdaClient, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import type { SubmissionContext } from '../../../server/kit.ts';

/** The account as a learner changes it: what more than one submission does. */

export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);

/** Pieces of the function's code. */
export const imported = "import { execSync } from 'node:child_process';";
export const run = 'execSync(`sh txt2pdf ${name} /tmp/invoice.txt > /tmp/invoice.pdf`);';
export const reading = "const pdf = await readFile('/tmp/invoice.pdf');";
export const naming = "const name = Key.slice('incoming/'.length, -'.txt'.length);";

/** Without a shell: arguments are handed over one by one. */
export const withoutShell = (...args: string[]): [string, string][] => [
  [imported, "import { execFileSync } from 'node:child_process';"],
  [run, `const pdf = execFileSync('sh', ['txt2pdf', ${args.join(', ')}]);`],
  [`    ${reading}\n`, ''],
];

export type Change = [from: string, to: string];

export function rewritten(ctx: SubmissionContext, ...changes: Change[]): string {
  let code = ctx.file('function/index.mjs');
  for (const [from, to] of changes) {
    if (!code.includes(from)) throw new Error(`render has no ${from}`);
    code = code.replace(from, () => to);
  }
  return code;
}

/** The package with the code that is given, and the program as it is or as given. */
export const packed = (ctx: SubmissionContext, code: string, program = ctx.file('function/txt2pdf')): Uint8Array =>
  ctx.zip({ 'index.mjs': code, txt2pdf: program });

/** The function's code with pieces written otherwise. */
export const rewrite =
  (...changes: Change[]) =>
  async (ctx: SubmissionContext): Promise<void> =>
    upload(ctx, packed(ctx, rewritten(ctx, ...changes)));

export async function upload(ctx: SubmissionContext, ZipFile: Uint8Array): Promise<void> {
  await lambda(ctx).send(new UpdateFunctionCodeCommand({ FunctionName: 'render', ZipFile }));
}
