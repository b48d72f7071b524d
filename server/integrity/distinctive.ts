import { createHash } from 'node:crypto';
import { accountOfAccessKeyId } from '../cloud/access-key-id.ts';
import { hex, seededRandom } from '../cloud/random.ts';
import { cloudIdOf } from '../cloud/session.ts';
import type { Change } from '../cloud/state/account-state.ts';
import type { ValueKind } from '../store/signals.ts';
import { filesOf } from './lab-files.ts';

/** What names and secrets are made of; ARNs, URLs, paths and code fall apart into these. */
const word = /[A-Za-z0-9_-]{8,256}/g;
const mostWords = 20_000;
/** A value that somebody could think of is nobody's: so long must a secret be, of letters and digits. */
const secretForm = /^(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_-]{12,}$/;

export const hashOf = (value: string): string => createHash('sha256').update(value).digest('hex').slice(0, 32);

/** The words of a text, each once; of a huge text the first ones. In linear time. */
export function wordsOf(text: string): Set<string> {
  const words = new Set<string>();
  for (const [found] of text.matchAll(word)) {
    words.add(found);
    if (words.size >= mostWords) break;
  }
  return words;
}

/** The last part of generated names: the first that deploy draws from the seed (server/catalogue/deploy.ts). */
export const suffixOf = (seed: string): string => hex(seededRandom(seed), 6);

/** Values that this attempt's account has from its start and no other has: by their hashes. */
export function distinctiveValues(
  seed: string,
  start: Iterable<Change>,
  common: ReadonlySet<string>,
): Map<string, ValueKind> {
  const suffix = suffixOf(seed);
  const values = new Map<string, ValueKind>();
  for (const { table, id, value } of start) {
    if (table === 'cloud.accounts') values.set(hashOf(id), 'account');
    if (table === 'cloud.settings') continue;
    if (table === 'lab.facts')
      for (const secret of Object.values((value as { secrets?: Record<string, string> }).secrets ?? {}))
        for (const each of wordsOf(String(secret)))
          if (secretForm.test(each) && !common.has(each)) values.set(hashOf(each), 'secret');
    for (const each of wordsOf(`${id} ${JSON.stringify(value)}`))
      if (each.includes(`-${suffix}`) && !values.has(hashOf(each))) values.set(hashOf(each), 'name');
  }
  return values;
}

/** A word that may lead to somebody: itself, the account that an access key id names, the attempt that a session token names. */
export function leadsOf(word: string): { hash?: string; attempt?: string; credential: boolean } {
  if (/^A[KS]IA[A-Z2-7]{10}[A-Z0-9]{6}$/.test(word)) {
    const account = accountOfAccessKeyId(word);
    return account ? { hash: hashOf(account), credential: true } : { credential: false };
  }
  // A token begins with 1, the length of an attempt's id, and the id: twenty-four characters of base64.
  if (word.startsWith('ARB') && word.length >= 24) {
    const attempt = cloudIdOf(`${word.slice(0, 24)}${'A'.repeat(40)}`);
    return attempt ? { attempt, credential: true } : { credential: false };
  }
  return { hash: hashOf(word), credential: false };
}

const known = new Map<string, ReadonlySet<string>>();

/** Words that stand in a lab's own files: everybody who takes the lab has them. */
export function wordsOfLab(folder: string): ReadonlySet<string> {
  const found = known.get(folder);
  if (found) return found;
  const words = new Set<string>();
  for (const text of filesOf(folder)) for (const each of wordsOf(text)) words.add(each);
  known.set(folder, words);
  return words;
}
