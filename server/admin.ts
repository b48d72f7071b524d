import { resolve } from 'node:path';
import { Command } from 'commander';
import { readConfig } from './config.ts';
import { verifyAudit } from './integrity/integrity.ts';
import { emailField, nameField } from './people/fields.ts';
import { People } from './people/people.ts';
import { openStore } from './store/index.ts';
import { LearnerError } from './training/errors.ts';

/** The `admin` command: works on the store itself, whether the server runs or not. Who may read the data folder may do it. */

const actor = 'command-line';

function withPeople(work: (people: People, store: ReturnType<typeof openStore>) => string): void {
  const config = readConfig(process.env);
  const store = openStore(resolve(config.dataDir));
  try {
    const secret = work(new People({ store }), store);
    const url = config.publicUrl ?? `http://127.0.0.1:${config.port}`;
    process.stdout.write(`${url}/reset/${secret}\n`);
    if (!config.accounts) process.stderr.write('The link works while the server runs with ACCOUNTS=on.\n');
  } finally {
    store.close();
  }
}

/** A field of the command line. @throws LearnerError 400 */
function read<T>(
  field: { safeParse(text: string): { success: boolean; data?: T; error?: { issues: { message: string }[] } } },
  text: string,
): T {
  const parsed = field.safeParse(text);
  if (!parsed.success) throw new LearnerError(400, `${text.slice(0, 100)}: ${parsed.error!.issues[0]!.message}`);
  return parsed.data as T;
}

const program = new Command('admin')
  .description('Administrators of Lambda Range, from the command line.')
  .showHelpAfterError();

program
  .command('create')
  .description('make an administrator; prints a one-time link to choose the password')
  .argument('<email>')
  .option('--name <name>', 'else the part of the e-mail before the @')
  .action((email: string, options: { name?: string }) =>
    withPeople((people) => {
      const address = read(emailField, email);
      const name = read(nameField, options.name ?? address.split('@')[0]!);
      return people.resets.make(actor, people.create(actor, { email: address, name, role: 'administrator' })).secret;
    }),
  );

program
  .command('reset')
  .description('print a one-time link by which a person chooses a new password')
  .argument('<email>')
  .action((email: string) =>
    withPeople((people, store) => {
      const user = store.users.byEmail(read(emailField, email));
      if (!user) throw new LearnerError(404, `There is no account of ${email.slice(0, 100)}.`);
      return people.resets.make(actor, user).secret;
    }),
  );

program
  .command('verify-audit')
  .description('check that no row of the audit trail was changed or taken out; exits with 1 where one was')
  .argument('[link]', 'a last link that was kept elsewhere: that the end was not cut off is known by it alone')
  .action((link?: string) => {
    const store = openStore(resolve(readConfig(process.env).dataDir));
    try {
      const { ok, sentence } = verifyAudit(store, link);
      process.stdout.write(`${sentence}\n`);
      if (!ok) process.exitCode = 1;
    } finally {
      store.close();
    }
  });

try {
  program.parse();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
