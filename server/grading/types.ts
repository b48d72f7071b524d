/** `exploit`: the replayed attack must fail · `function`: the application must work (gates, no points) · `policy`: what is possible · `hygiene`: the rest. */
export type CheckKind = 'exploit' | 'function' | 'policy' | 'hygiene';

export type CheckStatus =
  | 'passed'
  | 'failed'
  /** Our fault or the author's: the grade is void. */
  | 'errored'
  /** This backend or machine cannot run it: the grade is void. */
  | 'unsupported';

/** One AWS call, HTTP request or question to the policies that a check or an attack made. */
export interface EvidenceStep {
  /** In plain words: `copy the backup as thumbnailer-role`. */
  title: string;
  /** ARN or name of who acted. */
  as?: string;
  /** The call as a command that a learner could repeat. */
  command?: string;
  outcome: 'succeeded' | 'denied' | 'failed' | 'answered';
  /** What came back: AWS's error text, the deciding statement, an excerpt of the answer. */
  detail?: string;
  /** `inline policy "s3-access" of role …, statement 1`. */
  decidedBy?: string[];
}

export interface CheckReport {
  id: string;
  kind: CheckKind;
  title: string;
  status: CheckStatus;
  /** Awarded by this check (0 while a function check fails). */
  points: number;
  max: number;
  /** One sentence that names the resource and the fact. */
  because: string;
  evidence: EvidenceStep[];
  durationMs: number;
}

export interface GradeReport {
  verdict: 'solved' | 'unsolved' | 'void';
  points: number;
  /** What the checks that pass would be worth if every function check passed. */
  worth: number;
  max: number;
  checks: CheckReport[];
  lab: string;
  labVersion: number;
  seed: string;
  /** Where the fork's clock started, milliseconds. */
  clockStart: number;
  durationMs: number;
}

/** One record that differs from the attempt's start. */
export interface DiffEntry {
  change: 'added' | 'removed' | 'changed';
  /** `iam.roles`, and the id within it. */
  table: string;
  account: string;
  id: string;
  before?: unknown;
  after?: unknown;
}

/** The transcript of an attack run. */
export interface AttackReport {
  /** Whether the attacker got what they came for. */
  succeeded: boolean;
  because: string;
  steps: EvidenceStep[];
  durationMs: number;
}
