import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';

/** The `range` command: a client of the running server's JSON API, and nothing else. */

const exitCodes = { solved: 0, unsolved: 1, void: 2 } as const;

interface Check {
  id: string;
  kind: string;
  status: string;
  points: number;
  max: number;
  because: string;
}

interface Started {
  attempt: string;
  lab: string;
  account: string;
  region: string;
  endpoint: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  outputs: Record<string, string>;
}

class CliError extends Error {}

function token(): string {
  if (process.env.RANGE_TOKEN) return process.env.RANGE_TOKEN;
  const path = join(process.env.DATA_DIR || './data', 'token');
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new CliError(
      `There is no token: set RANGE_TOKEN, or DATA_DIR to the server's data folder (looked for ${path}).`,
    );
  }
}

async function api<T>(method: string, path: string, body?: object): Promise<T> {
  const text = (await ask(method, path, body)).toString();
  return (text ? JSON.parse(text) : {}) as T;
}

/** One request of the API: a Buffer goes as it is, anything else as JSON. @throws CliError with the server's own sentence */
async function ask(method: string, path: string, body?: object): Promise<Buffer> {
  const base = process.env.RANGE_URL || `http://127.0.0.1:${process.env.PORT || 8080}`;
  let response: Response;
  try {
    response = await fetch(`${base}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token()}`,
        ...(body ? { 'content-type': Buffer.isBuffer(body) ? 'application/octet-stream' : 'application/json' } : {}),
      },
      ...(body ? { body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body) } : {}),
    });
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`No server answers at ${base}: start it with "npm run up".`);
  }
  const bytes = Buffer.from(await response.arrayBuffer());
  if (!response.ok) throw new CliError(sentenceOf(bytes) ?? `The server answered ${response.status}.`);
  return bytes;
}

function sentenceOf(answer: Buffer): string | undefined {
  try {
    return (JSON.parse(answer.toString()) as { error?: { message: string } }).error?.message;
  } catch {
    return undefined;
  }
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const attemptPath = (attempt: string, rest = ''): string => `/attempts/${encodeURIComponent(attempt)}${rest}`;

function exportLines(started: Started): string {
  const { credentials } = started;
  return [
    `export AWS_ACCESS_KEY_ID=${credentials.accessKeyId}`,
    `export AWS_SECRET_ACCESS_KEY=${credentials.secretAccessKey}`,
    `export AWS_SESSION_TOKEN=${credentials.sessionToken}`,
    `export AWS_DEFAULT_REGION=${started.region}`,
    `export AWS_REGION=${started.region}`,
    `export AWS_ENDPOINT_URL=${started.endpoint}`,
    'export AWS_EC2_METADATA_DISABLED=true',
  ].join('\n');
}

const program = new Command('range')
  .description('Labs of AWS Lambda security, from the terminal.')
  .showHelpAfterError()
  // 1 says "unsolved": a command line that cannot be read is an error, which is 2.
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

/** A command that prints its answer as JSON with --json, else as `text` says. */
function command<T>(
  usage: string,
  description: string,
  ask: (attempt: string) => Promise<T>,
  text: (answer: T) => string,
): Command {
  return program
    .command(usage)
    .description(description)
    .option('--json', 'print the answer as JSON')
    .action(async (attempt: string, options: { json?: boolean }) => {
      const answer = await ask(typeof attempt === 'string' ? attempt : '');
      print((options ?? attempt).json ? JSON.stringify(answer) : text(answer));
    });
}

program
  .command('labs')
  .description('list the labs and where you stand')
  .option('--json', 'print the answer as JSON')
  .action(async (options: { json?: boolean }) => {
    const { labs } = await api<{
      labs: {
        id: string;
        title: string;
        track: string;
        max: number;
        available: boolean;
        because?: string;
        progress: { state: string; points: number };
      }[];
    }>('GET', '/labs');
    if (options.json) print(JSON.stringify(labs));
    else
      for (const lab of labs)
        print(
          `${lab.id.padEnd(30)} ${lab.progress.state.padEnd(12)} ${String(lab.progress.points).padStart(3)}/${lab.max}  ${lab.title}${lab.available ? '' : `  (${lab.because})`}`,
        );
  });

program
  .command('start <lab>')
  .description('start a lab, or go on with it')
  .option('--team <id>', "as your team's lab, which its members share (the page of the team shows its id)")
  .option('--json', 'print the answer as JSON')
  .action(async (lab: string, options: { team?: string; json?: boolean }) => {
    const started = await api<Started>('POST', '/attempts', { lab, ...(options.team ? { team: options.team } : {}) });
    if (options.json) return print(JSON.stringify(started));
    print(
      [
        `attempt  ${started.attempt}`,
        `account  ${started.account} in ${started.region}`,
        ...Object.entries(started.outputs).map(([name, value]) => `${name}: ${value}`),
        '',
        exportLines(started),
      ].join('\n'),
    );
  });

command<Started>(
  'env <attempt>',
  'print export lines for an AWS client',
  (attempt) => api('GET', attemptPath(attempt, '/environment')),
  exportLines,
);

command<{
  succeeded: boolean;
  because: string;
  steps: { title: string; as?: string; command?: string; outcome: string; detail?: string }[];
}>(
  'attack <attempt>',
  'run the attack on a copy of the account',
  (attempt) => api('POST', attemptPath(attempt, '/attacks')),
  (report) =>
    [
      ...report.steps.map(
        (step) =>
          `${step.outcome.padEnd(9)} ${step.as ? `${step.as}: ` : ''}${step.command ?? step.title}${step.detail ? `\n          ${step.detail}` : ''}`,
      ),
      '',
      `${report.succeeded ? 'The attack succeeds' : 'The attack fails'}: ${report.because}`,
    ].join('\n'),
);

program
  .command('grade <attempt>')
  .description('grade the account; exits 0 solved, 1 unsolved, 2 void')
  .option('--json', 'print the answer as JSON')
  .action(async (attempt: string, options: { json?: boolean }) => {
    const grade = await api<{ verdict: keyof typeof exitCodes; points: number; max: number; checks: Check[] }>(
      'POST',
      attemptPath(attempt, '/grades'),
    );
    if (options.json) print(JSON.stringify(grade));
    else {
      for (const check of grade.checks)
        print(`${check.status.padEnd(8)} ${`${check.points}/${check.max}`.padStart(6)}  ${check.id}: ${check.because}`);
      print(`\n${grade.verdict}: ${grade.points} of ${grade.max} points`);
    }
    process.exitCode = exitCodes[grade.verdict];
  });

command<{ number: number; text: string; cost: number }>(
  'hint <attempt>',
  'reveal the next hint',
  (attempt) => api('POST', attemptPath(attempt, '/hints')),
  (hint) => `Hint ${hint.number} (costs ${hint.cost} points)\n\n${hint.text}`,
);

command<{ id: string; status: string }>(
  'reset <attempt>',
  'put the account back to its start',
  (attempt) => api('POST', attemptPath(attempt, '/reset')),
  (view) => `${view.id} is back at its start.`,
);

command<{
  id: string;
  lab: string;
  status: string;
  points: number;
  max: number;
  account: string;
  outputs: Record<string, string>;
  hints: string[];
  grades: { createdAt: number; verdict: string; points: number }[];
}>(
  'show <attempt>',
  'show an attempt: account, names, grades',
  (attempt) => api('GET', attemptPath(attempt)),
  (view) =>
    [
      `${view.id}  ${view.lab}  ${view.status}  ${view.points}/${view.max} points`,
      `account ${view.account}`,
      ...Object.entries(view.outputs).map(([name, value]) => `${name}: ${value}`),
      ...view.grades.map((grade) => `${new Date(grade.createdAt).toISOString()}  ${grade.verdict}  ${grade.points}`),
      ...view.hints.map((hint, index) => `Hint ${index + 1}: ${hint}`),
    ].join('\n'),
);

const account = program.command('account').description("an attempt's account as one file");

account
  .command('export <attempt> <file>')
  .description('write the account, and the start that a reset returns to, into a file')
  .action(async (attempt: string, file: string) => {
    const bytes = await ask('GET', attemptPath(attempt, '/account'));
    // It holds the account's keys.
    writeFileSync(file, bytes, { mode: 0o600 });
    print(`${file}: ${bytes.length} bytes`);
  });

account
  .command('import <attempt> <file>')
  .description('replace the account by the one of a file; grades and hints stay')
  .requiredOption('--yes', 'what is in the account now is lost')
  .action(async (attempt: string, file: string) => {
    const view = await api<{ id: string; account: string }>('PUT', attemptPath(attempt, '/account'), bytesOf(file));
    print(`${view.id} has the account of ${file}: ${view.account}.`);
  });

account
  .command('diff <attempt> [file]')
  .description('what changed since the start, or since the account of a file')
  .option('--json', 'print the answer as JSON')
  .action(async (attempt: string, file: string | undefined, options: { json?: boolean }) => {
    const { diff } = file
      ? await api<Diff>('POST', attemptPath(attempt, '/account/diff'), bytesOf(file))
      : await api<Diff>('GET', attemptPath(attempt, '/diff'));
    if (options.json) return print(JSON.stringify(diff));
    for (const { change, table, id } of diff) print(`${change.padEnd(8)} ${table}  ${id}`);
    if (diff.length === 0) print('Nothing differs.');
  });

interface Diff {
  diff: { change: string; table: string; account: string; id: string }[];
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CliError((error as Error).message);
  }
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof CliError ? error.message : (error as Error).stack}\n`);
  process.exitCode = 2;
}
