import type { LabMetadata } from '../catalogue/types.ts';
import type { DiffEntry, GradeReport } from '../grading/types.ts';
import type { QueuePlace } from './grade-queue.ts';

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
  backend: 'embedded';
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
}

export interface LearnerCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

export interface StoredGrade {
  id: string;
  attempt: string;
  createdAt: number;
  report: GradeReport;
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
}
