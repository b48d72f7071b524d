import { createHash, randomBytes } from 'node:crypto';

/** A secret for a cookie, a link or a token: 256 bits that nobody guesses. Only its hash is stored. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** No salt and no stretching: a secret of 256 bits needs neither. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
