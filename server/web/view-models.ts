import type { CheckKind, CheckStatus } from '../grading/types.ts';
import type { AttemptStatus } from '../training/types.ts';
import type { EditorModel, TreeModel } from './editor-models.ts';
import type { DiffRow } from './line-diff.ts';
import type { AssessmentsViews, BadgeModel } from './models/assessments.ts';
import type { CatalogueViews } from './models/catalogue.ts';
import type { CohortsViews } from './models/cohorts.ts';
import type { IntegrityViews } from './models/integrity.ts';
import type { PeopleViews } from './models/people.ts';
import type { CommentsModel, ProgressViews } from './models/progress.ts';

/** What each view is given, by the name of its file under views/. */
export interface ViewModels
  extends CatalogueViews,
    PeopleViews,
    CohortsViews,
    AssessmentsViews,
    ProgressViews,
    IntegrityViews {
  workbench: WorkbenchPage;
  grade: GradePage;
  diff: DiffPage;
  error: ErrorPage;
  'attempt/status': StatusModel;
  'attempt/checks': ChecksModel;
  'attempt/check': CheckRow;
  'attempt/outcome': OutcomeModel;
  'attempt/step': StepModel;
  'attempt/attacked': AttackedModel;
  'attempt/call': CallRow;
  'attempt/tree': TreeModel;
  'attempt/editor': EditorModel;
  'attempt/fault': FaultModel;
  'attempt/hints': HintsModel;
  'attempt/logs': LogsModel;
  'attempt/test-event': TestEventModel;
  'attempt/invoked': InvokedModel;
  'attempt/changes': ChangesModel;
  'attempt/log-line': LogLine;
  'attempt/map': MapModel;
  'attempt/presence': PresenceModel;
}

export interface StatusModel {
  attempt: string;
  status: AttemptStatus;
  word: string;
  points: number;
  /** Points are not told, for now. */
  untold: boolean;
  max: number;
  gaveUp: boolean;
}

export interface Evidence {
  title: string;
  as: string;
  command: string;
  outcome: 'succeeded' | 'denied' | 'failed' | 'answered';
  detail: string;
  decidedBy: string[];
}

export interface CheckRow {
  id: string;
  kind: CheckKind;
  title: string;
  /** `unknown` before the first grade. */
  status: CheckStatus | 'unknown';
  points: number;
  max: number;
  because: string;
  evidence: Evidence[];
  /** As a message of its own: the row takes the place of the one with its id. */
  oob: boolean;
  fresh: boolean;
}

export interface OutcomeModel {
  attempt: string;
  grade: string;
  verdict: 'solved' | 'unsolved' | 'void' | 'untold' | 'none';
  sentence: string;
  oob: boolean;
}

export interface ChecksModel {
  attempt: string;
  rows: CheckRow[];
  outcome: OutcomeModel;
  grades: { id: string; at: number; verdict: string; points: number; max: number }[];
  oob: boolean;
}

export interface StepModel {
  number: number;
  step: Evidence;
}

export interface AttackedModel {
  succeeded: boolean;
  sentence: string;
  steps: StepModel[];
  oob: boolean;
}

export interface CallRow {
  id: string;
  at: string;
  /** The person's name, in attempts that several work on; else empty. */
  by: string;
  /** Another person than the viewer made it. */
  other: boolean;
  who: string;
  arn: string;
  service: string;
  name: string;
  verdict: 'allowed' | 'denied' | 'failed';
  error: string;
  message: string;
  /** A read that this page itself made. */
  ours: boolean;
  /** It changed something, or tried to. */
  writes: boolean;
  parameters: string;
  source: string;
  region: string;
}

export interface PresenceModel {
  /** Several people work on the attempt. */
  shared: boolean;
  people: { name: string; since: number; you: boolean }[];
}

export interface FaultModel {
  code: string;
  message: string;
}

export interface HintsModel {
  attempt: string;
  hints: string[];
  total: number;
  cost: number;
  free: boolean;
  solution: string;
  canGiveUp: boolean;
  /** An assessment without hints. */
  off: boolean;
}

export interface LogsModel {
  attempt: string;
  groups: { name: string; events: { at: number; text: string; stream: string }[] }[];
  trouble: string;
}

export interface TestEventModel {
  attempt: string;
  functions: string[];
  trouble: string;
}

export interface InvokedModel {
  ok: boolean;
  sentence: string;
  payload: string;
  log: string;
}

export interface Change {
  change: 'added' | 'removed' | 'changed';
  title: string;
  account: string;
  id: string;
  rows: DiffRow[];
  cut: boolean;
}

export interface ChangesModel {
  changes: Change[];
  of: string;
}

export interface LogLine {
  at: number;
  text: string;
  oob: boolean;
}

export interface MapModel {
  width: number;
  height: number;
  nodes: {
    id: string;
    label: string;
    lines: string[];
    kind: string;
    x: number;
    y: number;
    width: number;
    height: number;
  }[];
  edges: {
    call: string;
    path: string;
    labelX: number;
    labelY: number;
    cut: boolean;
    from: string;
    to: string;
    by: string[];
    checks: string;
  }[];
}

export interface Head {
  id: string;
  /** Who owns the attempt: a person, a team, an entry of an assessment. */
  owner: string;
  lab: string;
  title: string;
  account: string;
  accounts: { id: string; kind: string; name: string }[];
  region: string;
  backend: string;
  startedAt: number;
  endedAt: number | undefined;
  over: boolean;
  /** Attack runs and ending are not offered where an assessment's rules never allow them. */
  canAttack: boolean;
  canEnd: boolean;
  canExport: boolean;
}

export interface WorkbenchPage {
  /** The assessment that it belongs to. */
  assessment: BadgeModel | undefined;
  head: Head;
  status: StatusModel;
  situation: string;
  task: string;
  mustKeepWorking: string;
  checks: ChecksModel;
  hints: HintsModel;
  map: MapModel;
  outputs: { name: string; value: string }[];
  exports: string;
  endpoint: string;
  tree: TreeModel | undefined;
  editor: EditorModel;
  /** The name of the team that owns the attempt; empty for one's own. */
  team: string;
  presence: PresenceModel;
  calls: CallRow[];
  log: LogLine[];
  comments: CommentsModel;
  eventsUrl: string;
}

export interface GradePage {
  head: Head;
  grade: string;
  at: number;
  verdict: 'solved' | 'unsolved' | 'void' | 'untold';
  sentence: string;
  awarded: number;
  max: number;
  worth: number;
  durationMs: number;
  seed: string;
  rows: CheckRow[];
  changes: ChangesModel;
}

export interface DiffPage {
  head: Head;
  changes: ChangesModel;
}

export interface ErrorPage {
  status: number;
  title: string;
  message: string;
}
