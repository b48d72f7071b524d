import type { GetRandomPasswordCommandInput, GetRandomPasswordCommandOutput } from '@aws-sdk/client-secrets-manager';
import { operation } from '../../context.ts';
import { randomText } from '../../random.ts';
import { invalidParameter } from './store.ts';

/** Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html */
const alphabets = {
  ExcludeLowercase: 'abcdefghijklmnopqrstuvwxyz',
  ExcludeUppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  ExcludeNumbers: '0123456789',
  ExcludePunctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
} as const;

export const GetRandomPassword = operation<GetRandomPasswordCommandInput, GetRandomPasswordCommandOutput>({
  access: () => ({ action: 'secretsmanager:GetRandomPassword', resource: '*' }),
  run(ctx, input) {
    const length = input.PasswordLength ?? 32;
    if (length < 1 || length > 4096)
      throw invalidParameter('InvalidParameterException: The password length must be between 1 and 4096.');
    const excluded = new Set(input.ExcludeCharacters ?? '');
    const sets: string[] = Object.entries(alphabets)
      .filter(([name]) => !input[name as keyof typeof alphabets])
      .map(([, characters]) => characters);
    if (input.IncludeSpace) sets.push(' ');
    const usable = sets.map((characters) => [...characters].filter((c) => !excluded.has(c)).join('')).filter(Boolean);
    const all = usable.join('');
    if (all === '') throw invalidParameter('No characters are left to make a password of.');
    const { random } = ctx.cloud;
    const required =
      (input.RequireEachIncludedType ?? true) ? usable.map((characters) => randomText(random, characters, 1)) : [];
    if (required.length > length)
      throw invalidParameter('The password length is too short for every included type of character.');
    const password = [...required, ...randomText(random, all, length - required.length)];
    // Fisher–Yates, so that nobody knows where the required ones stand.
    for (let i = password.length - 1; i > 0; i--) {
      const j = random.bytes(4).readUInt32BE() % (i + 1);
      [password[i], password[j]] = [password[j]!, password[i]!];
    }
    return { RandomPassword: password.join('') };
  },
});
