import type { RegradeCounts, RegradePolicy } from '../../store/regrades.ts';
import type { SignalState } from '../../store/signals.ts';

/** What the views of this area are given, by the name of their file under views/. */
export interface IntegrityViews {
  'integrity/signals': SignalsPage;
  'integrity/signal': SignalPage;
  'integrity/audit': AuditPage;
  'integrity/regrades': RegradesPage;
  'integrity/regrade': RegradePage;
  'integrity/regraded': RegradedPage;
}

export interface IntegrityHead {
  cohort: string;
  name: string;
  here: 'signals' | 'audit' | 'regrade';
}

/** An attempt as one side of a signal. */
export interface SignalSide {
  attempt: string;
  name: string;
  lab: string;
  /** Where it can be opened; empty where it belongs to another cohort. */
  href: string;
}

export interface SignalLine {
  id: string;
  kind: string;
  what: string;
  one: SignalSide;
  other: SignalSide | undefined;
  at: number;
  times: number;
  state: SignalState;
}

export interface SignalsPage {
  head: IntegrityHead;
  state: string;
  counts: Record<SignalState, number>;
  rows: SignalLine[];
  next: string;
}

export interface SignalPage {
  head: IntegrityHead;
  signal: SignalLine & { firstAt: number; version: number; note: string; judge: string; judgedAt: number | undefined };
  where: string;
  who: string;
  excerpt: string;
  there: string;
  fault: string;
  given: { state: string; note: string };
}

export interface AuditPage {
  head: IntegrityHead;
  filter: { person: string; attempt: string; event: string };
  events: string[];
  rows: {
    seq: number;
    at: number;
    actor: string;
    event: string;
    attempt: string;
    owner: string;
    lab: string;
    details: { name: string; value: string }[];
  }[];
  csv: string;
  next: string;
  link: string;
}

export interface RegradeLine {
  id: string;
  lab: string;
  title: string;
  of: string;
  at: number;
  by: string;
  finished: boolean;
  policy: RegradePolicy | '';
  counts: RegradeCounts;
}

export interface RegradesPage {
  head: IntegrityHead;
  labs: { id: string; title: string }[];
  assessments: { id: string; name: string }[];
  jobs: RegradeLine[];
  fault: string;
}

export interface RegradePage {
  head: IntegrityHead;
  job: RegradeLine & { reason: string; decidedBy: string; decidedAt: number | undefined };
  rows: {
    grade: string;
    owner: string;
    gradedAt: number;
    state: string;
    trouble: string;
    before: string;
    after: string;
    change: string;
    applied: boolean;
  }[];
  next: string;
  fault: string;
}

export interface RegradedPage {
  head: IntegrityHead;
  job: string;
  title: string;
  owner: string;
  gradedAt: number;
  before: string;
  after: string;
  checks: { title: string; before: string; after: string; beforeSays: string; afterSays: string; differs: boolean }[];
}
