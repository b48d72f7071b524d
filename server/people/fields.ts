import { z } from 'zod';

/** What people type about themselves and others. */

/** Control characters, and those that turn the direction of the text around them. */
const disturbing = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/;
/** A surrogate without its other half is no text. */
const broken = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** A name of a person or a thing: one line of 1 to 100 characters. */
export const nameField = z
  .string()
  .max(1000, 'a name has at most 100 characters')
  .transform((text) => text.trim().normalize('NFC'))
  .pipe(
    z
      .string()
      .min(1, 'a name is needed')
      .max(100, 'a name has at most 100 characters')
      .refine(
        (text) => !disturbing.test(text) && !broken.test(text),
        'a name has no control characters and none that turn the direction of text',
      )
      .refine((text) => /[\p{L}\p{N}\p{S}\p{P}]/u.test(text), 'a name has a letter or a digit'),
  );

/** Plain addresses alone: what looks like another address is none. */
const address =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

export const emailField = z
  .string()
  .max(1000, 'an e-mail address has at most 254 characters')
  .transform((text) => text.trim().toLowerCase())
  .pipe(
    z.string().max(254, 'an e-mail address has at most 254 characters').regex(address, 'this is no e-mail address'),
  );

/** `example.org`, as it stands after the @. */
export const domainField = z
  .string()
  .max(1000)
  .transform((text) => text.trim().toLowerCase().replace(/^@/, ''))
  .pipe(
    z
      .string()
      .max(253)
      .regex(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/, 'this is no domain'),
  );

export const roleField = z.enum(['learner', 'instructor', 'administrator']);
/** What may have been a password: its rules are told by `passwordFault`. */
export const passwordField = z.string().max(2000, 'a password has at most 200 characters');
