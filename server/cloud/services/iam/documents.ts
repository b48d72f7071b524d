import type { PolicyDocument } from '../../policy/types.ts';

/** Learners write policies: both the number of texts and their sum are bounded. */
const MOST_TEXTS = 4_000;
const MOST_CHARACTERS = 8_000_000;

const known = new Map<string, PolicyDocument>();
let characters = 0;

/**
 * The document of a stored policy text. One text gives one frozen object, as the engine compiles each object once. Only
 * for texts that `parsePolicy` accepted.
 */
export function policyDocument(text: string): PolicyDocument {
  const found = known.get(text);
  if (found) {
    known.delete(text);
    known.set(text, found);
    return found;
  }
  const document = deepFreeze(JSON.parse(text) as PolicyDocument);
  known.set(text, document);
  characters += text.length;
  while (known.size > 1 && (known.size > MOST_TEXTS || characters > MOST_CHARACTERS)) {
    const oldest = known.keys().next().value!;
    known.delete(oldest);
    characters -= oldest.length;
  }
  return document;
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const child of Object.values(value)) deepFreeze(child);
  return Object.freeze(value);
}
