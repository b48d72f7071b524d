import type { LabMetadata } from '../catalogue/types.ts';
import type { DiffEntry, GradeReport } from '../grading/types.ts';
import type { QueuePlace } from './grade-queue.ts';
import type { Deed } from './rules.ts';

export type AttemptStatus = 'provisioning' | 'ready' | 'grading' | 'attacking' | 'solved' | 'failed' | 'expired';

/** One learner's work on one lab, as pages and the API show it. */
export interface AttemptView {
  id: string;
  lab: string;
  title: string;
  labVersion: number;
  learner: string;
  status: AttemptStatus;
  /** Milliseconds since the epoch. */
  startedAt: number;
  solvedAt: number | undefined;
  gaveUpAt: number | undefined;
  account: string;
  accounts: { id: string; kind: string; name: string }[];
  region: string;
  /** `embedded`, or the name of the AWS endpoint that the account lives in. */
  backend: string;
  endpoint: string;
  /** Names and ARNs that the learner is told. */
  outputs: Record<string, string>;
  /** Best single grade so far, after hints. */
  points: number;
  max: number;
  hintsRevealed: number;
  hintsTotal: number;
  hintCost: number;
  grades: number;
  /** Where its grade or attack waits for its turn. */
  queued: QueuePlace | undefined;
  /** Whether it is solved, and its points, are kept from those who work in it: an assessment's rule. */
  untold: boolean;
  /** What its rules never allow. */
  never: readonly Deed[];
}

export interface LearnerCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/** Somebody who did something, by the name that others know them by. */
export interface Doer {
  id: string;
  name: string;
}

/** One thing that was done in an attempt besides AWS calls: a row of the audit trail. */
export interface PastDeed {
  at: number;
  by: Doer;
  event: string;
  details: Record<string, unknown>;
}

/** The report of a grade as it is told; `untold` where an assessment keeps the verdict to itself, for now. */
export type ToldReport = Omit<GradeReport, 'verdict'> & { verdict: GradeReport['verdict'] | 'untold' };

export interface StoredGrade {
  id: string;
  attempt: string;
  createdAt: number;
  /** Who asked for it; undefined in grades older than accounts. */
  by: Doer | undefined;
  report: ToldReport;
  diff: DiffEntry[];
  /** Points that count: the report's less the hints'. */
  awarded: number;
}

export interface LabProgress {
  lab: string;
  state: 'not-started' | 'started' | 'solved' | 'given-up';
  attempt: string | undefined;
  points: number;
  max: number;
  tries: number;
  solvedAt: number | undefined;
  /** Milliseconds between start and solve (or now). */
  timeMs: number | undefined;
}

export interface LabCard {
  id: string;
  metadata: LabMetadata;
  max: number;
  available: boolean;
  /** Why not, where it is not. */
  because: string | undefined;
  progress: LabProgress;
  /** Where its account lives, or would: `embedded`, `LocalStack`. */
  backend: string;
}
