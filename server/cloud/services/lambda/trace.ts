import { createHash } from 'node:crypto';
import type { Cloud } from '../../cloud.ts';
import { hex } from '../../random.ts';

/**
 * The trace header that a function gets in `_X_AMZN_TRACE_ID`: the caller's trace where there is one, else one of its own.
 * differs from AWS: with Active every request is sampled (there the first of each second, and 5% of the others), and
 * segments go nowhere, as X-Ray is not here.
 * Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
 */
export function traceFor(
  cloud: Cloud,
  functionArn: string,
  tracing: 'Active' | 'PassThrough',
  incoming: string | undefined,
): string {
  const { root, sampled } = readTrace(incoming);
  const lineage = createHash('sha256').update(functionArn).digest('hex').slice(0, 8);
  return [
    `Root=${root ?? newRoot(cloud)}`,
    `Parent=${hex(cloud.random, 16)}`,
    `Sampled=${sampled ?? (tracing === 'Active' ? '1' : '0')}`,
    `Lineage=1:${lineage}:0`,
  ].join(';');
}

/** `Root=…` of a request, the client's own with what it says of sampling where there is one. */
export function traceHeader(cloud: Cloud, incoming: string | undefined): string {
  const { root, sampled } = readTrace(incoming);
  return `Root=${root ?? newRoot(cloud)}${sampled ? `;Sampled=${sampled}` : ''}`;
}

function newRoot(cloud: Cloud): string {
  const seconds = Math.floor(cloud.clock.now() / 1000).toString(16);
  return `1-${seconds.padStart(8, '0')}-${hex(cloud.random, 24)}`;
}

/** What callers hear of a trace in the answer's X-Amzn-Trace-Id. */
export function traceAnswer(trace: string): string {
  const { root, sampled } = readTrace(trace);
  return `Root=${root};Sampled=${sampled}`;
}

function readTrace(header: string | undefined): { root?: string; sampled?: string } {
  const out: { root?: string; sampled?: string } = {};
  for (const part of (header ?? '').slice(0, 512).split(';')) {
    const [name, value = ''] = part.trim().split('=');
    if (name === 'Root' && /^1-[0-9a-f]{8}-[0-9a-f]{24}$/.test(value)) out.root = value;
    if (name === 'Sampled' && /^[01]$/.test(value)) out.sampled = value;
  }
  return out;
}
