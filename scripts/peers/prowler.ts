import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { projectRoot } from '../../server/paths.ts';
import { startOurs } from './endpoints.ts';
import { install, versionOf } from './python.ts';

/** The services whose checks are run. */
const services = [
  'awslambda',
  'iam',
  's3',
  'sqs',
  'sns',
  'secretsmanager',
  'kms',
  'ec2',
  'vpc',
  'apigateway',
  'apigatewayv2',
];

/** What each lab plants, and the checks of Prowler that are about it; none where it has no such check. */
const planted: { lab: string; flaw: string; checks: string[] }[] = [
  {
    lab: 'password-in-the-environment',
    flaw: 'a database password in a variable of the function',
    checks: ['awslambda_function_no_secrets_in_variables', 'awslambda_function_env_vars_not_encrypted_with_cmk'],
  },
  {
    lab: 'anyones-topic',
    flaw: 'a function that any topic of any account may call',
    checks: ['awslambda_function_not_publicly_accessible'],
  },
  {
    lab: 'thumbnailer-owns-s3',
    flaw: 'a role with s3:* on everything',
    checks: [],
  },
  {
    lab: 'public-subnet-no-internet',
    flaw: 'a function in a subnet whose gateway it cannot use',
    checks: [],
  },
  { lab: 'search-box', flaw: 'SQL made of what the caller sends', checks: [] },
];

interface Finding {
  CHECK_ID: string;
  STATUS: string;
}

interface Scan {
  findings: Finding[];
  /** `service:Operation` that Prowler asked for and we do not emulate. */
  notEmulated: string[];
  /** Lines of its log that are faults of ours: neither "not emulated" nor an answer that AWS would give. */
  faults: string[];
}

/** Runs Prowler over an account of each lab, and writes docs/prowler.md. */
export async function runProwler(): Promise<void> {
  const python = install('prowler');
  if ('missing' in python) return void process.stderr.write(`Prowler is skipped: ${python.missing}.\n`);
  const rows: string[] = [];
  const missing = new Set<string>();
  const faults = new Set<string>();
  for (const { lab, flaw, checks } of planted) {
    const { findings, notEmulated, faults: own } = await scan(python.bin, lab);
    const stateOf = (check: string): string =>
      findings.some((each) => each.CHECK_ID === check && each.STATUS === 'FAIL') ? 'found' : 'not found';
    const told = checks.map((check) => `\`${check}\`: ${stateOf(check)}`).join('<br>') || 'it has no check for this';
    const failed = findings.filter(({ STATUS }) => STATUS === 'FAIL').length;
    rows.push(`| ${lab} | ${flaw} | ${told} | ${failed} of ${findings.length} |`);
    for (const each of notEmulated) missing.add(each);
    for (const each of own) faults.add(each);
    process.stderr.write(`${lab}: ${failed} of ${findings.length} findings failed, ${own.length} faults\n`);
    // Each scan takes minutes: what is known is written at once.
    writePage(versionOf(python.bin, 'prowler'), rows, missing, faults);
  }
}

function writePage(version: string, rows: string[], missing: Set<string>, faults: Set<string>): void {
  const page = [
    '# Prowler',
    '',
    `Written by \`npm run peers\`: Prowler ${version} with all its checks of ${services.join(', ')},`,
    'over the account that each lab starts with. It reads the account as it reads any: by AWS_ENDPOINT_URL.',
    '',
    '| lab | what is planted | the checks about it | findings that failed |',
    '|---|---|---|---|',
    ...rows,
    '',
    '## What Prowler asked for and is not emulated',
    '',
    'Its checks skip these; each answer was 501 with the name of the operation.',
    '',
    [...missing]
      .sort()
      .map((name) => `\`${name}\``)
      .join(', ') || 'Nothing.',
    '',
    '## Faults',
    '',
    ...(faults.size ? [...faults].sort().map((line) => `- ${line}`) : ['None.']),
    '',
  ];
  writeFileSync(join(projectRoot, 'docs/prowler.md'), page.join('\n'));
}

async function scan(bin: string, lab: string): Promise<Scan> {
  const endpoint = await startOurs(lab);
  const folder = mkdtempSync(join(tmpdir(), 'lambda-range-prowler-'));
  try {
    const options = ['--no-banner', '--no-color', '-M', 'csv', '-o', folder, '-F', 'report'];
    const logging = ['--log-level', 'WARNING', '--log-file', join(folder, 'log')];
    await new Promise<void>((done, failed) =>
      execFile(
        join(bin, 'prowler'),
        ['aws', '-f', 'us-east-1', '-s', ...services, ...options, ...logging],
        {
          // Nothing but this endpoint: whatever it wants of the Internet is refused.
          env: { PATH: process.env.PATH, HOME: folder, LANG: 'C.UTF-8', ...noInternet, ...endpoint.env },
          maxBuffer: 1e8,
        },
        // 3 says that a check failed, which is what labs are for.
        (error) => (error && error.code !== 3 ? failed(error) : done()),
      ),
    );
    const findings = parse(readFileSync(join(folder, 'report.csv')), { columns: true, delimiter: ';' }) as Finding[];
    return { findings, ...readLog(readFileSync(join(folder, 'log'), 'utf8')) };
  } finally {
    await endpoint.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const noInternet = { HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1' };

function readLog(text: string): { notEmulated: string[]; faults: string[] } {
  const notEmulated: string[] = [];
  const faults: string[] = [];
  for (const line of text.split('\n')) {
    const message = /"message": "(.*)"\}?$/.exec(line)?.[1] ?? '';
    const operation = /when calling the (\w+) operation/.exec(message)?.[1];
    const module = /"module": "(\w+?)_service"/.exec(line)?.[1] ?? '';
    if (message.includes('NotEmulatedByLambdaRange'))
      notEmulated.push(/does not emulate ([\w-]+:\w+)/.exec(message)?.[1] ?? `${module}:${operation}`);
    else if (/InternalFailure|InternalError|\(5\d\d\)|ServiceException/.test(message))
      faults.push(message.slice(0, 200));
  }
  return { notEmulated, faults };
}
