import type { Submission } from '../../../server/kit.ts';
import { type Change, imported, naming, rewrite, run, withoutShell } from './account.ts';

const plain = 'invoices-become-pdfs';
const signs = 'names-with-signs-become-pdfs';
const key = 'the-key-stays-secret';
const commands = 'names-run-nothing';
const options = 'names-are-no-options';

const file = "'/tmp/invoice.txt'";
/** The command with another text for the name. */
const command = (text: string, more = ''): Change => [
  run,
  `execSync(\`sh txt2pdf ${text} /tmp/invoice.txt > /tmp/invoice.pdf\`${more});`,
];
const refusing = (pattern: string, what = 'name'): Change => [
  naming,
  `${naming}\n    if (${pattern}.test(${what})) continue;`,
];

/** What people do under time pressure, and why it does not meet the task. */
export const nearMisses: Submission[] = [
  {
    name: 'separators-stripped',
    why: 'without ; & and | there are still $(…), backquotes and new lines, and options',
    fails: [signs, key, commands, options],
    apply: rewrite(command("${name.replace(/[;&|]/g, '')}")),
  },
  {
    name: 'double-quoted',
    why: 'a shell substitutes within double quotes',
    fails: [key, commands, options],
    apply: rewrite(command('"${name}"')),
  },
  {
    name: 'quoted-as-json',
    why: 'JSON escapes double quotes and backslashes, and no dollar sign; -- is right, and does not help',
    fails: [key, commands],
    apply: rewrite(command('-- ${JSON.stringify(name)}')),
  },
  {
    name: 'quotes-escaped-by-backslash',
    why: 'in single quotes a backslash is a backslash: the quote behind it ends the text',
    fails: [signs, key, commands],
    apply: rewrite(command('-- \'${name.replaceAll("\'", "\\\\\\\\\'")}\'')),
  },
  {
    name: 'without-the-dashes',
    why: 'no shell any more, but a name that begins with -f is an option',
    fails: [key, options],
    apply: rewrite(...withoutShell('name', file)),
  },
  {
    name: 'one-dash-stripped',
    why: 'the first dash is taken away, and a second one is left',
    fails: [options],
    apply: rewrite(...withoutShell("name.replace(/^-/, '')", file)),
  },
  {
    name: 'a-shell-after-all',
    why: 'execFile with shell: true puts its arguments together to one command',
    fails: [signs, key, commands, options],
    apply: rewrite(
      [imported, "import { execFileSync } from 'node:child_process';"],
      [run, "execFileSync('sh', ['txt2pdf', name, '/tmp/invoice.txt', '>', '/tmp/invoice.pdf'], { shell: true });"],
    ),
  },
  {
    name: 'checked-before-decoding',
    why: 'the key of the event is encoded: no sign of a shell is in it when it is looked at',
    fails: [key, commands, options],
    apply: rewrite(command('"${name}"'), refusing('/[;&|$`"<>\\\\]/', 'record.s3.object.key')),
  },
  {
    name: 'decoded-once-more',
    why: 'checked after decoding, and decoded again for the command: 5%20off is another name, and %24( a substitution',
    fails: [signs, commands],
    apply: rewrite(
      refusing('/[;|$`"<>\\\\\\n]/'),
      command('-- "${decodeURIComponent(name.replace(/%(?![0-9a-f]{2})/gi, \'%25\'))}"'),
    ),
  },
  {
    name: 'words-forbidden',
    why: 'a list of words knows env and cat, not kill, and not the file of an option',
    fails: [commands, options],
    apply: rewrite(command('"${name}"'), refusing('/env|cat|curl|wget|bash|rm /')),
  },
  {
    name: 'empty-environment',
    why: 'the program gets no key to show; commands and options are run as before',
    fails: [signs, commands, options],
    apply: rewrite(command('${name}', ', { env: { PATH: process.env.PATH } }')),
  },
  {
    name: 'latin-only',
    why: 'over-fix: letters of other scripts, dots and spaces are refused',
    fails: [plain, signs],
    apply: rewrite(...withoutShell("'--'", 'name', file), [
      naming,
      `${naming}\n    if (!/^\\w[\\w-]*$/.test(name)) continue;`,
    ]),
  },
  {
    name: 'signs-escaped',
    why: 'a backslash before the signs that came to mind; * and ? are patterns of file names still, and become what lies on the disk',
    fails: [commands],
    apply: rewrite(command('-- ${name.replace(/[\\s"\'$`\\\\;&|<>()#]/g, "\\\\$&")}')),
  },
  {
    name: 'backslash-forgotten',
    why: 'double quotes, dollar signs and backquotes are escaped; a backslash in the name takes the escape away',
    fails: [commands],
    apply: rewrite(command('-- "${name.replace(/["$`]/g, "\\\\$&")}"')),
  },
  {
    name: 'allowed-in-one-line',
    why: 'with the flag m, one allowed line is enough, whatever the next one says',
    fails: [commands],
    apply: rewrite(command('"${name}"'), [
      naming,
      `${naming}\n    if (!/^[\\p{L}\\p{N}][\\p{L}\\p{N} .,+_()&'#%-]*$/mu.test(name)) continue;`,
    ]),
  },
  {
    name: 'normalised-after-the-check',
    why: 'the check sees wide signs, and the command gets what they are made into: a dollar sign and brackets',
    fails: [commands],
    apply: rewrite(refusing('/[;|$`"<>\\\\\\n]/'), command('-- "${name.normalize(\'NFKC\')}"')),
  },
];
