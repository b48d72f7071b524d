/** One row of the table: a figure over many runs, in milliseconds or megabytes. */
export interface Figure {
  name: string;
  target: string;
  runs: number;
  p50: number;
  p95: number;
  unit: 'ms' | 'MB';
}

/** The value below which `share` of the samples lie (nearest rank). */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Runs `work` `runs` times, one after another, after `warmUp` runs that do not count. `before` is not timed. */
export async function time(
  runs: number,
  work: (run: number) => Promise<unknown>,
  options: { warmUp?: number; before?: () => Promise<unknown> } = {},
): Promise<number[]> {
  const samples: number[] = [];
  const warmUp = options.warmUp ?? 3;
  for (let run = 0; run < runs + warmUp; run++) {
    await options.before?.();
    const start = performance.now();
    await work(run);
    if (run >= warmUp) samples.push(performance.now() - start);
  }
  return samples;
}

export function figure(name: string, target: string, samples: readonly number[], unit: Figure['unit'] = 'ms'): Figure {
  return { name, target, runs: samples.length, p50: percentile(samples, 0.5), p95: percentile(samples, 0.95), unit };
}

/** The table, in Markdown. */
export function table(figures: readonly Figure[]): string {
  const number = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(1));
  const rows = figures.map(
    ({ name, target, runs, p50, p95, unit }) =>
      `| ${name} | ${target} | ${number(p50)} ${unit} | ${number(p95)} ${unit} | ${runs} |`,
  );
  return ['| | to reach | p50 | p95 | runs |', '|---|---|---|---|---|', ...rows].join('\n');
}
