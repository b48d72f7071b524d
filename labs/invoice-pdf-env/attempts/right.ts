import {
  AddPermissionCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
} from '@aws-sdk/client-lambda';
import {
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { allow, putRolePolicy, type Submission, type SubmissionContext } from '../../../server/kit.ts';
import { imported, lambda, naming, packed, reading, rewrite, rewritten, run, upload, withoutShell } from './account.ts';

const file = "'/tmp/invoice.txt'";

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'no shell: the name is one argument, behind --, where no option can be',
    fails: [],
    apply: rewrite(...withoutShell("'--'", 'name', file)),
  },
  {
    name: 'single-quoted',
    why: 'a shell still, but the name stands in single quotes, each of its own is written as shells want it, and -- is before it',
    fails: [],
    apply: rewrite([
      run,
      "execSync(`sh txt2pdf -- '${name.replaceAll(\"'\", `'\\\\''`)}' /tmp/invoice.txt > /tmp/invoice.pdf`);",
    ]),
  },
  {
    name: 'by-a-variable',
    why: 'the command is fixed, and the name comes to it in a variable, which a shell does not read again',
    fails: [],
    apply: rewrite([
      run,
      'execSync(\'sh txt2pdf -- "$TITLE" /tmp/invoice.txt > /tmp/invoice.pdf\', { env: { PATH: process.env.PATH, TITLE: name } });',
    ]),
  },
  {
    name: 'allowed-signs',
    why: 'the promised signs and no others, checked after decoding, and no shell; a name begins with a letter or a digit, so -- is not needed',
    fails: [],
    apply: rewrite(...withoutShell('name', file), [
      naming,
      `${naming}\n    if (!/^[\\p{L}\\p{N}][\\p{L}\\p{N} .,+_()&'#%-]*$/u.test(name)) continue;`,
    ]),
  },
  {
    name: 'no-program',
    why: 'over-careful: the function writes the PDF itself, with the title in hexadecimal digits, and refuses control characters',
    fails: [],
    apply: (ctx) => upload(ctx, ctx.zip({ 'index.mjs': ownPdf })),
  },
  {
    name: 'no-option',
    why: 'no shell, and the program has no options any more that a name could be',
    fails: [],
    async apply(ctx) {
      const program = ctx.file('function/txt2pdf');
      const [start, end] = [program.indexOf('while getopts'), program.indexOf('[ $# -ne 1 ]')];
      await upload(
        ctx,
        packed(ctx, rewritten(ctx, ...withoutShell('name', file)), program.slice(0, start) + program.slice(end)),
      );
    },
  },
  {
    name: 'read-from-a-file',
    why: 'the name lies in a file; what a substitution in quotes reads from it is not read as a command again',
    fails: [],
    apply: rewrite([
      run,
      "await writeFile('/tmp/title', name);\n    execSync('sh txt2pdf -- \"$(cat /tmp/title)\" /tmp/invoice.txt > /tmp/invoice.pdf');",
    ]),
  },
  {
    name: 'positional',
    why: 'a fixed command for sh -c, and the name behind it as its first argument',
    fails: [],
    apply: rewrite(
      [imported, "import { spawnSync } from 'node:child_process';"],
      [
        run,
        "const { status } = spawnSync('sh', ['-c', 'sh txt2pdf -- \"$1\" /tmp/invoice.txt > /tmp/invoice.pdf', 'sh', name]);\n    if (status !== 0) continue;",
      ],
    ),
  },
  {
    name: 'every-sign-escaped',
    why: 'a backslash before everything that is no letter and no digit, behind --: nothing is left for the shell',
    fails: [],
    apply: rewrite([
      run,
      "execSync(`sh txt2pdf -- ${name.replace(/[^\\p{L}\\p{N}]/gu, '\\\\$&')} /tmp/invoice.txt > /tmp/invoice.pdf`);",
    ]),
  },
  {
    name: 'title-put-in-later',
    why: 'the program gets a fixed title; the function puts the name in its place, for PDF escaped, in hexadecimal digits',
    fails: [],
    apply: rewrite(
      [run, "execSync('sh txt2pdf @TITLE@ /tmp/invoice.txt > /tmp/invoice.pdf');"],
      [
        reading,
        "const title = Buffer.from(`\\ufeff${name}`, 'utf16le').swap16().toString('hex');\n    const pdf = Buffer.from((await readFile('/tmp/invoice.pdf', 'latin1')).replace(/\\(.{0,3}@TITLE@\\)/, () => `<${title}>`), 'latin1');",
      ],
    ),
  },
  {
    name: 'another-function',
    why: 'a new function without a shell, and the key in Secrets Manager; the old function is gone',
    fails: [],
    apply: anotherFunction,
  },
];

async function anotherFunction(ctx: SubmissionContext): Promise<void> {
  const { Configuration } = await lambda(ctx).send(new GetFunctionCommand({ FunctionName: 'render' }));
  const { ARN } = await ctx.admin.client(SecretsManagerClient).send(
    new CreateSecretCommand({
      Name: 'invoices/seal',
      SecretString: Configuration!.Environment!.Variables!.SEAL_KEY!,
    }),
  );
  await putRolePolicy(ctx.admin, 'render-role', 'seal', allow('secretsmanager:GetSecretValue', ARN!));
  const code = rewritten(
    ctx,
    ...withoutShell("'--'", 'name', file),
    [
      'const s3 = new S3Client({});',
      `import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
const s3 = new S3Client({});
const secrets = new SecretsManagerClient({});
const key = secrets.send(new GetSecretValueCommand({ SecretId: process.env.SEAL })).then((got) => got.SecretString);`,
    ],
    ['process.env.SEAL_KEY', 'await key'],
  );
  const { FunctionArn } = await lambda(ctx).send(
    new CreateFunctionCommand({
      FunctionName: 'invoice-pdfs',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: Configuration!.Role!,
      Timeout: 10,
      Environment: { Variables: { SEAL: ARN! } },
      Code: { ZipFile: packed(ctx, code) },
    }),
  );
  await lambda(ctx).send(
    new AddPermissionCommand({
      FunctionName: 'invoice-pdfs',
      StatementId: 's3',
      Principal: 's3.amazonaws.com',
      Action: 'lambda:InvokeFunction',
      SourceArn: `arn:aws:s3:::${ctx.outputs.bucket}`,
      SourceAccount: ctx.account,
    }),
  );
  const s3 = ctx.admin.client(S3Client);
  const Bucket = ctx.outputs.bucket!;
  const { LambdaFunctionConfigurations } = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: {
        LambdaFunctionConfigurations: LambdaFunctionConfigurations!.map((each) => ({
          ...each,
          LambdaFunctionArn: FunctionArn!,
        })),
      },
    }),
  );
  await lambda(ctx).send(new DeleteFunctionCommand({ FunctionName: 'render' }));
}

const ownPdf = `import { createHmac } from 'node:crypto';
import { S3 } from '@aws-sdk/client-s3';
const s3 = new S3();
const hex = (text) => Buffer.from('\\ufeff' + text, 'utf16le').swap16().toString('hex');
const literal = (text) => '(' + text.replace(/[\\\\()]/g, '\\\\$&') + ')';
function pdfOf(title, text) {
  const lines = text.split('\\n').map((line) => literal(line) + " '");
  const stream = ['BT /F1 11 Tf 14 TL 50 780 Td', ...lines, 'ET'].join('\\n');
  return Buffer.from([
    '%PDF-1.7', '1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj', '2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj',
    '3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>> endobj',
    '4 0 obj <</Length ' + Buffer.byteLength(stream) + '>> stream', stream, 'endstream endobj',
    '5 0 obj <</Title <' + hex(title) + '>>> endobj', 'trailer <</Root 1 0 R/Info 5 0 R>>', '%%EOF',
  ].join('\\n'));
}
export async function handler({ Records }) {
  for (const { s3: { bucket: { name: Bucket }, object } } of Records) {
    const Key = decodeURIComponent(object.key.replace(/\\+/g, ' '));
    const [, name] = /^incoming\\/([^/]+)\\.txt$/.exec(Key) ?? [];
    if (!name || /\\p{Cc}/u.test(name)) { console.log('left out', JSON.stringify(Key)); continue; }
    const { Body } = await s3.getObject({ Bucket, Key });
    const pdf = pdfOf(name, await Body.transformToString());
    const seal = createHmac('sha256', process.env.SEAL_KEY).update(pdf).digest('hex');
    await s3.putObject({ Bucket, Key: 'pdf/' + name + '.pdf', Body: pdf, Metadata: { seal } });
  }
}
`;
