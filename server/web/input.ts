import { z } from 'zod';
import { LearnerError } from '../training/errors.ts';

/** Checks what a request brings. @throws LearnerError 400 that names the member */
export function parse<T>(schema: z.ZodType<T>, given: unknown): T {
  const parsed = schema.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  throw new LearnerError(
    400,
    parsed.error.issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`).join('; '),
  );
}

export const attemptParams = z.object({ attempt: z.string().max(40) });
export const gradeParams = attemptParams.extend({ grade: z.string().max(40) });
export const labParams = z.object({ lab: z.string().max(100) });
/** Which resource: the kind's id, and the resource's own (a name, an ARN, a URL). */
export const resourceQuery = z.object({ kind: z.string().max(40), id: z.string().max(2048).default('') });
