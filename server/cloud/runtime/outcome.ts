import { MAX_RESPONSE_BYTES } from './runtime-api.ts';
import type { InvokeStatus } from './types.ts';
import { errorJson, exitReason, timeoutLine } from './wording.ts';

/** How one invocation (or the init before it) ended. */
export type Outcome =
  | { kind: 'response'; body: Buffer; contentType?: string }
  | { kind: 'error'; body: Buffer; fatal: boolean }
  | { kind: 'too-large' }
  | { kind: 'init-error'; body: Buffer }
  | { kind: 'exit'; code: number }
  | { kind: 'out-of-memory' }
  | { kind: 'timeout' };

interface Circumstances {
  requestId: string;
  timeoutMs: number;
  /** The cloud's clock in milliseconds. */
  now: number;
  /** The kernel or the watcher killed it for memory. */
  outOfMemory: boolean;
  /** The end of stderr: V8 says there that its heap is full. */
  lastWords: string;
  /** A longer answer than Invoke's is wanted. */
  streaming: boolean;
}

export interface Conclusion {
  status: InvokeStatus;
  payload: Buffer;
  errorType?: string;
  contentType?: string;
  /** What the platform adds to the log. */
  line?: string;
}

/** What an outcome is to the caller, in Lambda's wording. */
export function conclude(outcome: Outcome, circumstances: Circumstances): Conclusion {
  const { requestId, timeoutMs, now } = circumstances;
  switch (outcome.kind) {
    case 'response':
      if (!circumstances.streaming && outcome.body.length > MAX_RESPONSE_BYTES)
        return conclude({ kind: 'too-large' }, circumstances);
      return { status: 'ok', payload: outcome.body, contentType: outcome.contentType };
    case 'error': {
      const status = outcome.fatal ? 'unhandled-error' : 'handled-error';
      return { status, payload: outcome.body, errorType: errorTypeOf(outcome.body) };
    }
    case 'init-error':
      return { status: 'init-error', payload: outcome.body, errorType: errorTypeOf(outcome.body) };
    case 'too-large': {
      const message = `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`;
      const errorType = 'Function.ResponseSizeTooLarge';
      return { status: 'unhandled-error', payload: errorJson(errorType, message), errorType };
    }
    case 'timeout': {
      const line = timeoutLine(requestId, now, timeoutMs);
      const errorType = 'Sandbox.Timedout';
      return { status: 'timeout', payload: errorJson(errorType, line.trim()), errorType, line: `${line}\n` };
    }
    case 'out-of-memory':
      return ended('out-of-memory', 'Runtime.OutOfMemory', exitReason(137), requestId);
    case 'exit': {
      const heap = circumstances.lastWords.includes('JavaScript heap out of memory');
      if (heap || circumstances.outOfMemory) {
        return ended('out-of-memory', 'Runtime.OutOfMemory', exitReason(heap ? outcome.code : 137), requestId);
      }
      return ended('exited', 'Runtime.ExitError', exitReason(outcome.code), requestId);
    }
  }
}

function ended(status: InvokeStatus, errorType: string, reason: string, requestId: string): Conclusion {
  const message = `RequestId: ${requestId} Error: ${reason}`;
  return { status, payload: errorJson(errorType, message), errorType, line: `${message}\n${errorType}` };
}

function errorTypeOf(body: Buffer): string {
  try {
    const { errorType } = JSON.parse(body.toString('utf8')) as { errorType?: unknown };
    return typeof errorType === 'string' ? errorType.slice(0, 200) : 'Runtime.Unknown';
  } catch {
    return 'Runtime.Unknown';
  }
}
