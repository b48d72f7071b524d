import type { CellState } from '../../progress/heat-map.ts';
import type { StuckRule } from '../../progress/stuck.ts';
import type { CommentKind } from '../../store/comments.ts';
import type { ChangesModel, CheckRow } from '../view-models.ts';

/** What the views of this area are given, by the name of their file under views/. */
export interface ProgressViews {
  'progress/head': ProgressHead;
  'progress/heat-map': HeatMapPage;
  'progress/heat-table': HeatMapPage;
  'progress/now': NowPage;
  'progress/board': BoardModel;
  'progress/checks': ChecksPage;
  'progress/person': PersonPage;
  'progress/attempt': InspectedPage;
  'progress/comments': CommentsModel;
  'progress/comment-form': CommentFormModel;
  'progress/report': ReportPage;
}

export interface ProgressHead {
  cohort: string;
  name: string;
  here: 'progress' | 'now' | 'checks' | 'person' | 'attempt';
  /** Whose progress, as part of every address: `?assessment=…`. */
  search: string;
  groups: { name: string; search: string; current: boolean }[];
}

export interface HeatColumn {
  kind: 'lab' | 'check';
  id: string;
  title: string;
  /** Where a click on the head goes. */
  sort: string;
  sorted: 'ascending' | 'descending' | 'none';
  /** Opens or closes the lab's checks. */
  expand: string;
  expanded: boolean;
  /** The line below: `7/12 solved`. */
  count: string;
  help: number;
}

export interface HeatCell {
  /** `none`, `share`, …, `passed`, `failed`. */
  kind: CellState | 'passed' | 'failed' | 'unknown';
  shape: string;
  text: string;
  word: string;
  attempt: string;
}

export interface HeatMapPage {
  head: ProgressHead;
  columns: HeatColumn[];
  fixed: { id: string; title: string; sort: string; sorted: HeatColumn['sorted'] }[];
  rows: {
    id: string;
    name: string;
    bracket: string;
    lastAt: number | undefined;
    solved: number;
    points: number;
    time: string;
    cells: HeatCell[];
  }[];
  legend: { kind: CellState; shape: string; word: string }[];
  filter: { name: string; bracket: string; state: string; sort: string; desc: boolean; size: number; expand: string };
  brackets: string[];
  states: { id: CellState; word: string }[];
  /** Hidden members of the filter's form: whose progress. */
  keep: { name: string; value: string }[];
  sentence: string;
  previous: string;
  next: string;
  csv: string;
  json: string;
}

export interface FindingModel {
  rule: StuckRule;
  text: string;
}

export interface BoardModel {
  cohort: string;
  search: string;
  at: number;
  stuck: BoardRow[];
  working: BoardRow[];
  snoozed: { attempt: string; owner: string; name: string; title: string; until: number }[];
  forecasts: {
    owner: string;
    name: string;
    solved: number;
    left: number;
    at: number | undefined;
    deadline: number | undefined;
    verdict: string;
    late: boolean;
    guessed: number;
  }[];
  hasForecasts: boolean;
}

export interface BoardRow {
  owner: string;
  name: string;
  attempt: string;
  title: string;
  people: string;
  since: number;
  lastAt: number;
  time: string;
  solved: boolean;
  findings: FindingModel[];
}

export interface NowPage {
  head: ProgressHead;
  board: BoardModel;
  events: string;
  rules: string[];
  forecastText: string;
}

export interface ChecksPage {
  head: ProgressHead;
  labs: { id: string; title: string; href: string; current: boolean }[];
  lab: { id: string; title: string } | undefined;
  checks: {
    id: string;
    title: string;
    graded: number;
    firstTry: string;
    passed: string;
    medianTries: string;
    fixes: {
      hash: string;
      sample: string;
      grades: number;
      people: { name: string; href: string }[];
      form: CommentFormModel;
    }[];
  }[];
}

export interface CommentModel {
  id: string;
  kind: CommentKind;
  shape: string;
  text: string;
  author: string;
  at: number;
  /** The lab or check that it is about; '' for none. */
  about: string;
  /** Where it is taken back; '' for those who cannot. */
  remove: string;
}

export interface CommentsModel {
  /** Of which attempt, so that live messages find it; '' elsewhere. */
  attempt: string;
  comments: CommentModel[];
}

export interface CommentFormModel {
  action: string;
  /** Makes the ids of its fields unique on a page. */
  key: string;
  to: string;
  fields: { name: string; value: string }[];
  kinds: readonly CommentKind[];
}

export interface PersonPage {
  head: ProgressHead;
  owner: string;
  name: string;
  bracket: string;
  /** Whose labs are theirs, too, and counted there: their teams, and what they sat. */
  also: { name: string; as: 'team' | 'entry'; url: string }[];
  solved: number;
  labsTotal: number;
  points: number;
  time: string;
  labs: {
    id: string;
    title: string;
    cell: HeatCell;
    tries: number;
    hints: number;
    time: string;
    lastAt: number | undefined;
    solvedAt: number | undefined;
    attempts: { id: string; at: number; ended: boolean }[];
  }[];
  comments: CommentsModel;
  form: CommentFormModel;
  report: string;
  pdf: string;
}

export interface TimelineRow {
  at: number;
  kind: 'calls' | 'edits' | 'grade' | 'hint' | 'attack' | 'reset' | 'other';
  who: string;
  text: string;
  /** Each call, where there are some. */
  calls: string[];
  href: string;
}

export interface InspectedPage {
  head: ProgressHead;
  attempt: string;
  owner: string;
  name: string;
  title: string;
  startedAt: number;
  ended: boolean;
  /** Where the account lives. */
  backend: string;
  time: string;
  cell: HeatCell;
  hints: string;
  findings: FindingModel[];
  snoozedUntil: number | undefined;
  people: { name: string; time: string; lastAt: number }[];
  grades: {
    id: string;
    at: number;
    by: string;
    verdict: string;
    passed: number;
    checks: number;
    points: number;
    max: number;
    voided: string;
    href: string;
    current: boolean;
  }[];
  grade: { id: string; at: number; rows: CheckRow[]; voided: boolean } | undefined;
  timeline: TimelineRow[];
  changes: ChangesModel;
  comments: CommentsModel;
  form: CommentFormModel;
  canReset: boolean;
  canExtend: boolean;
}

export interface ReportPage {
  cohort: string;
  cohortName: string;
  name: string;
  bracket: string;
  of: string;
  at: number;
  solved: number;
  labsTotal: number;
  points: number;
  time: string;
  labs: {
    title: string;
    state: string;
    points: number;
    passed: string;
    tries: number;
    hints: number;
    time: string;
    solvedAt: number | undefined;
    checks: { title: string; word: string; shape: string }[];
  }[];
  comments: CommentModel[];
  pdf: string;
}
