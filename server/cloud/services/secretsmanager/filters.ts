import type { Filter } from '@aws-sdk/client-secrets-manager';
import { invalidParameter, type SecretRecord } from './store.ts';

/** The texts of a secret that each filter key looks at. Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_search-secret.html */
const texts: Record<string, (secret: SecretRecord) => string[]> = {
  name: ({ name }) => [name],
  description: ({ description }) => words(description ?? ''),
  'tag-key': ({ tags }) => Object.keys(tags),
  'tag-value': ({ tags }) => Object.values(tags),
  'primary-region': () => [],
  'owning-service': ({ owningService }) => (owningService ? [owningService] : []),
  all: ({ name, description, tags, owningService }) =>
    [
      ...words(name),
      ...words(description ?? ''),
      ...Object.keys(tags),
      ...Object.values(tags),
      owningService ?? '',
    ].filter(Boolean),
};

/** Names, tags and services are compared with case, descriptions and `all` without. */
const caseless = new Set(['description', 'all']);

/** All filters must hold; of one filter's values one; a value is a prefix, `!` before it turns it round. */
export function matchesFilters(secret: SecretRecord, filters: readonly Filter[] | undefined): boolean {
  return (filters ?? []).every(({ Key, Values }) => {
    const textsOf = Key !== undefined && Object.hasOwn(texts, Key) ? texts[Key] : undefined;
    if (!textsOf) throw invalidParameter(`Invalid filter key: ${Key}`);
    const fold = (text: string): string => (caseless.has(Key!) ? text.toLowerCase() : text);
    const own = textsOf(secret).map(fold);
    return (Values ?? []).some((value) => {
      const negated = value.startsWith('!');
      const wanted = fold(negated ? value.slice(1) : value);
      const holds = caseless.has(Key!)
        ? words(wanted).every((word) => own.some((text) => text.startsWith(word)))
        : own.some((text) => text.startsWith(wanted));
      return holds !== negated;
    });
  });
}

/** Words as search engines cut them: by white space and the separators of names. */
const words = (text: string): string[] => text.split(/[\s/_+=.@-]/).filter(Boolean);
