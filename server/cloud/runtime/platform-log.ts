import type { EnvironmentSpec } from './types.ts';
import { initStartLine, type Report, reportLine, startLine } from './wording.ts';

/** How a function's log is written; absent: as text, unfiltered. */
export interface LogSettings {
  format: 'Text' | 'JSON';
  applicationLevel?: string;
  systemLevel?: string;
}

type Level = 'DEBUG' | 'INFO' | 'WARN';
const ranks: Record<string, number> = { TRACE: 0, DEBUG: 0, INFO: 1, WARN: 2, ERROR: 3, FATAL: 4 };

/**
 * What the platform itself says in a function's log: START, END and REPORT lines, or the events of the Telemetry API,
 * filtered by the function's system log level.
 * Sources: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html and, for the levels,
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 */
export class PlatformLog {
  readonly #spec: EnvironmentSpec;
  readonly #now: () => number;
  readonly #write: (line: string) => void;

  constructor(spec: EnvironmentSpec, now: () => number, write: (line: string) => void) {
    this.#spec = spec;
    this.#now = now;
    this.#write = write;
  }

  initStart(): void {
    const { runtimeVersion } = this.#spec;
    if (runtimeVersion === undefined) return;
    this.#either(initStartLine(runtimeVersion), 'INFO', 'platform.initStart', {
      initializationType: 'on-demand',
      phase: 'init',
      runtimeVersion: runtimeVersion.name,
      runtimeVersionArn: runtimeVersion.arn,
      functionName: this.#spec.functionName,
      functionVersion: this.#spec.version,
    });
  }

  start(requestId: string): void {
    const { version } = this.#spec;
    this.#either(startLine(requestId, version), 'INFO', 'platform.start', { requestId, version });
  }

  /** `line`: the platform's sentence on what went wrong, if anything did. */
  end(report: Report, line: string | undefined, trace: string | undefined): void {
    const { requestId, errorType } = report;
    if (!this.#json) {
      if (line !== undefined) this.#write(line);
      this.#write(`END RequestId: ${requestId}`);
      this.#write(reportLine(report) + traceLine(trace));
      return;
    }
    const status = statusOf(report.status);
    const failed = status === 'success' ? {} : { ...(errorType === undefined ? {} : { errorType }) };
    const outcome = { requestId, status, ...failed };
    const tracing = tracingOf(trace);
    this.#event(status === 'success' ? 'DEBUG' : 'WARN', 'platform.runtimeDone', {
      ...outcome,
      metrics: { durationMs: rounded(report.durationMs) },
      ...tracing,
    });
    this.#event(status === 'success' ? 'INFO' : 'WARN', 'platform.report', {
      ...outcome,
      metrics: {
        durationMs: rounded(report.durationMs),
        billedDurationMs: report.billedMs,
        memorySizeMB: report.memoryMB,
        maxMemoryUsedMB: report.maxMemoryMB,
        ...(report.initMs === undefined ? {} : { initDurationMs: rounded(report.initMs) }),
      },
      ...tracing,
    });
  }

  get #json(): boolean {
    return this.#spec.logging?.format === 'JSON';
  }

  #either(line: string, level: Level, type: string, record: object): void {
    if (this.#json) this.#event(level, type, record);
    else this.#write(line);
  }

  #event(level: Level, type: string, record: object): void {
    if (ranks[level]! < (ranks[this.#spec.logging?.systemLevel ?? 'INFO'] ?? 1)) return;
    this.#write(JSON.stringify({ time: new Date(this.#now()).toISOString(), type, record }));
  }
}

const rounded = (milliseconds: number): number => Number(milliseconds.toFixed(3));

function statusOf(status: Report['status']): 'success' | 'error' | 'timeout' | 'failure' {
  if (status === 'ok') return 'success';
  if (status === 'handled-error' || status === 'unhandled-error' || status === 'init-error') return 'error';
  return status === 'timeout' ? 'timeout' : 'failure';
}

/** Sampled requests are named to X-Ray in REPORT. */
function traceLine(trace: string | undefined): string {
  const root = sampledRoot(trace);
  return root === undefined ? '' : `\nXRAY TraceId: ${root.root}\tSegmentId: ${root.parent}\tSampled: true\t`;
}

function tracingOf(trace: string | undefined): object {
  const root = sampledRoot(trace);
  return root === undefined ? {} : { tracing: { type: 'X-Amzn-Trace-Id', value: trace, spanId: root.parent } };
}

function sampledRoot(trace: string | undefined): { root: string; parent: string } | undefined {
  const match = /^Root=([^;]{1,64});Parent=([^;]{1,32});Sampled=1/.exec(trace ?? '');
  return match ? { root: match[1]!, parent: match[2]! } : undefined;
}
