import type { Catalogue } from '../catalogue/catalogue.ts';
import type { FileBlobs } from '../cloud/state/blobs.ts';
import type { Store } from '../store/index.ts';
import type { Clouds } from '../training/clouds.ts';
import type { Training } from '../training/training.ts';
import { Regrades } from './regrade.ts';
import { Signals } from './signals.ts';

export interface IntegrityOptions {
  store: Store;
  catalogue: Catalogue;
  training: Training;
  clouds: Clouds;
  blobs: FileBlobs;
  now?(): number;
  log(message: string, details: object): void;
}

/** Whether results are what they seem: signals for people to judge, grades made again, the audit trail. */
export class Integrity {
  readonly regrades: Regrades;
  readonly signals: Signals;
  readonly store: Store;
  readonly catalogue: Catalogue;

  constructor(options: IntegrityOptions) {
    const now = options.now ?? Date.now;
    this.store = options.store;
    this.catalogue = options.catalogue;
    this.regrades = new Regrades({ ...options, now });
    this.signals = new Signals({ ...options, now });
  }

  /** Begins what goes on in the background, and goes on with what a stopped server left. */
  start(): void {
    this.regrades.resume();
    this.signals.start();
  }

  async close(): Promise<void> {
    await this.signals.close();
    await this.regrades.close();
  }
}

/** Computes the whole chain of the audit trail again. @param known a link that was kept elsewhere */
export function verifyAudit(
  store: Store,
  known?: string,
): { ok: boolean; rows: number; head: string; sentence: string } {
  const { rows, head, wrong } = store.scores.trail.verify(known);
  return {
    ok: wrong === undefined,
    rows,
    head,
    sentence: wrong
      ? `The audit trail was tampered with: ${wrong}.`
      : `The audit trail holds: ${rows} rows, last link ${head}.`,
  };
}
