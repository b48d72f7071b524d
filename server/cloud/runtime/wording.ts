import type { EnvironmentSpec, InvokeStatus } from './types.ts';

/** Lambda's own sentences around an invocation. */

export function startLine(requestId: string, version: string): string {
  return `START RequestId: ${requestId} Version: ${version}`;
}

export function initStartLine({ name, arn }: NonNullable<EnvironmentSpec['runtimeVersion']>): string {
  return `INIT_START Runtime Version: ${name}\tRuntime Version ARN: ${arn}`;
}

export interface Report {
  requestId: string;
  durationMs: number;
  billedMs: number;
  memoryMB: number;
  maxMemoryMB: number;
  initMs?: number;
  status: InvokeStatus;
  errorType?: string;
}

export function reportLine(report: Report): string {
  const parts = [
    `REPORT RequestId: ${report.requestId}`,
    `Duration: ${report.durationMs.toFixed(2)} ms`,
    `Billed Duration: ${report.billedMs} ms`,
    `Memory Size: ${report.memoryMB} MB`,
    `Max Memory Used: ${report.maxMemoryMB} MB`,
  ];
  if (report.initMs !== undefined) parts.push(`Init Duration: ${report.initMs.toFixed(2)} ms`);
  if (report.status === 'timeout') parts.push('Status: timeout');
  else if (report.errorType !== undefined) parts.push('Status: error', `Error Type: ${report.errorType}`);
  return `${parts.join('\t')}\t`;
}

export function timeoutLine(requestId: string, timestamp: number, timeoutMs: number): string {
  return `${new Date(timestamp).toISOString()} ${requestId} Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds\n`;
}

export function errorJson(errorType: string, errorMessage: string): Buffer {
  return Buffer.from(JSON.stringify({ errorType, errorMessage }));
}

const SIGNALS: Record<number, string> = {
  131: 'quit (core dumped)',
  132: 'illegal instruction (core dumped)',
  133: 'trace/breakpoint trap (core dumped)',
  134: 'aborted (core dumped)',
  135: 'bus error (core dumped)',
  136: 'floating point exception (core dumped)',
  137: 'killed',
  139: 'segmentation fault (core dumped)',
  143: 'terminated',
};

/** How Lambda describes the end of the runtime process; bubblewrap reports a signal as 128 + its number. */
export function exitReason(code: number): string {
  const signal = SIGNALS[code];
  if (signal !== undefined) return `Runtime exited with error: signal: ${signal}`;
  return code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`;
}
