import { type CheckContext, hex } from '../../server/kit.ts';

/** A file name that a shell reads as more than a name. `proof` is in no name: only who computed it has it. */
export interface Payload {
  family: string;
  name: string;
  proof?: string;
}

/** Kills whoever started the shell, in one of several spellings: nothing else need be known of the function. */
function killing(ctx: CheckContext): string {
  const spellings = ['kill -9 $PPID', 'kill${IFS}-9${IFS}$PPID', "k'i'll -KILL $PPID", 'k\\ill -s KILL ${PPID}'];
  return spellings[ctx.random.bytes(1)[0]! % spellings.length]!;
}

/** Names with a command in them: between signs of the shell, behind quotes, in a substitution, or encoded. */
export function commands(ctx: CheckContext): Payload[] {
  const tag = hex(ctx.random, 3);
  const kill = killing(ctx);
  // Without quotes, which some of the families end, and with a proof that the shell must compute.
  const plain = 'kill -9 $PPID';
  // Everything that the function started, and itself: without a dollar sign, too.
  const group = 'kill -9 0';
  const [a, b] = [0, 0].map(() => 1_000_003 + ctx.random.bytes(3).readUIntBE(0, 3)) as [number, number];
  const computed = { proof: String(a * b) };
  return [
    { family: 'a semicolon', name: `${tag};${kill};#` },
    { family: 'an ampersand', name: `${tag}&${kill} #` },
    { family: 'two bars', name: `${tag}||${kill} #` },
    { family: 'a new line', name: `${tag}\n${kill}\n#` },
    { family: 'a substitution', name: `${tag}$(${plain})` },
    { family: 'a substitution that computes', name: `${tag}"$(echo $((${a}*${b})))"`, ...computed },
    { family: 'a substitution that computes, in no quotes', name: `${tag}$(echo $((${a}*${b})))`, ...computed },
    { family: 'backquotes', name: `${tag}\`${plain}\`` },
    { family: 'arithmetic', name: `${tag} $((${a}*${b}))`, ...computed },
    { family: 'a substitution in the second line', name: `${tag}\n$(${plain})` },
    { family: 'a substitution in wide signs', name: `${tag}\uff04\uff08${plain.replace('$', '\uff04')}\uff09` },
    { family: 'a pattern of file names', name: '/etc/pass?d', proof: '/etc/passwd' },
    { family: 'a single quote', name: `${tag}';${plain};'` },
    { family: 'a double quote', name: `${tag}";${plain};"` },
    { family: 'a backslash and a single quote', name: `${tag}\\';${group};#` },
    { family: 'a backslash and a double quote', name: `${tag}\\";${group};#` },
    { family: 'a backslash and a substitution', name: `${tag}\\$(${group})` },
    { family: 'an encoded semicolon', name: `${tag}%3B${plain}%3B%23` },
    { family: 'an encoded substitution', name: `${tag}%24(echo%20%24((${a}*${b})))`, ...computed },
  ];
}

/** Names that a program may take for an option, and what only the file that they name has in it. */
export function options(ctx: CheckContext): Payload[] {
  const key = ctx.secrets['seal key']!;
  return [
    { family: 'the environment as a footer', name: '-f/proc/self/environ', proof: key },
    { family: 'a file of the system as a footer', name: '-f/etc/passwd', proof: 'root:x:0:0:' },
    { family: 'an option behind two dashes', name: '--f/etc/passwd', proof: 'root:x:0:0:' },
    { family: 'an option behind a space', name: '-f /etc/passwd', proof: 'root:x:0:0:' },
  ];
}

/** Names by which the environment comes into the PDF. */
export function thefts(ctx: CheckContext): Payload[] {
  const tag = hex(ctx.random, 3);
  const words = ['env', 'printenv', 'cat /proc/self/environ', 'sed p /proc/self/environ'];
  const show = words[ctx.random.bytes(1)[0]! % words.length]!;
  const proof = ctx.secrets['seal key']!;
  return [
    { family: 'a command instead of the PDF', name: `${tag} /tmp/invoice.txt;${show}>/tmp/invoice.pdf;#`, proof },
    { family: 'a substitution in quotes', name: `${tag}"$(${show})"`, proof },
    { family: 'a substitution in no quotes', name: `${tag}$(${show})`, proof },
    { family: 'backquotes between quotes', name: `${tag}'"\`${show}\`"'`, proof },
    { family: 'an option', name: '-f/proc/self/environ', proof },
  ];
}
