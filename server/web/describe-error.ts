import type { Logger } from 'pino';
import { AwsError, NotEmulated } from '../cloud/errors.ts';
import { LearnerError } from '../training/errors.ts';

/** What an error is to the outside: learners' and AWS's errors as they are, ours without details. */
export function describe(error: unknown, log: Logger): { status: number; code: string; message: string } {
  if (error instanceof LearnerError) return { status: error.status, code: 'learner', message: error.message };
  if (error instanceof AwsError) return { status: error.status, code: error.code, message: error.message };
  if (error instanceof NotEmulated) return { status: 501, code: 'NotEmulated', message: error.message };
  const status = (error as { status?: number }).status;
  if (status && status >= 400 && status < 500) return { status, code: 'request', message: (error as Error).message };
  log.error({ error: error instanceof Error ? error.stack : String(error) }, 'a page failed');
  return { status: 500, code: 'internal', message: 'Something failed on our side. It was logged.' };
}
