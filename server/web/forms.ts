import express, { type RequestHandler } from 'express';
import { TooManyTries } from '../people/throttle.ts';
import { LearnerError } from '../training/errors.ts';

/** Reads a form. @param limit its longest body */
export const formBody = (limit = '20kb'): RequestHandler => express.urlencoded({ extended: false, limit });

/** What a form may show beside its fields instead of a page of its own; anything else is thrown on. */
export function faultOf(error: unknown): LearnerError {
  if (error instanceof LearnerError && [400, 403, 409, 410, 429].includes(error.status)) return error;
  throw error;
}

/** A problem of a field without the field's name before it: `a name is needed` → `A name is needed.` */
export function sentence(message: string): string {
  const text = message.replace(/^(?:\w+: )+/, '');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}

/** What a refusal adds to the headers. */
export const retryAfter = (error: unknown): Record<string, string> =>
  error instanceof TooManyTries ? { 'retry-after': String(error.retryAfter) } : {};
