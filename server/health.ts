import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Capabilities, RuntimeStats } from './cloud/runtime/types.ts';
import type { Backend } from './cloud/upstream/backend.ts';
import type { BackendReport } from './cloud/upstream/probe.ts';
import { projectRoot } from './paths.ts';

/** How an installation is. */
export interface Health {
  version: string;
  node: string;
  upMs: number;
  containment: boolean;
  network: boolean;
  /** Python functions run. */
  python: boolean;
  /** Why functions are not contained, where they are not. */
  because: string | undefined;
  pool: RuntimeStats;
  /** Labs that are left out. */
  broken: { id: string; problem: string }[];
  labs: number;
  memoryBytes: number;
  /** The AWS endpoint that attempts live in; undefined for the embedded cloud. */
  backend: { title: string; endpoint: string; report: BackendReport | undefined; beside: string[] } | undefined;
}

/** The version of this program. */
export function version(): string {
  return (JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string }).version;
}

/** @param of what runs */
export function healthOf(of: {
  runtime: { capabilities(): Capabilities; stats(): RuntimeStats };
  backend: Backend | undefined;
  catalogue: { labs: readonly unknown[]; broken: readonly { id: string; problem: string }[] };
}): Health {
  const { containment, network, python, because } = of.runtime.capabilities();
  return {
    version: version(),
    node: process.version,
    upMs: Math.round(process.uptime() * 1000),
    containment,
    network,
    python,
    because,
    pool: of.runtime.stats(),
    broken: of.catalogue.broken.map(({ id, problem }) => ({ id, problem })),
    labs: of.catalogue.labs.length,
    memoryBytes: process.memoryUsage().rss,
    backend: of.backend && {
      title: of.backend.title,
      endpoint: of.backend.endpoint,
      report: of.backend.report,
      beside: of.backend.beside,
    },
  };
}
