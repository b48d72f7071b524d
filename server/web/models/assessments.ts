import type { LabChoice } from '../../assessment/desk.ts';
import type { Phase } from '../../assessment/overview.ts';
import type { BoardRow } from '../../assessment/scoreboard.ts';

/** What the views of this area are given, by the name of their file under views/. */
export interface AssessmentsViews {
  'assessments/list': AssessmentListPage;
  'assessments/sit': SitPage;
  'assessments/sitting': SittingPart;
  'assessments/edit': EditPage;
  'assessments/run': RunPage;
  'assessments/entries': EntriesPart;
  'assessments/standing': StandingPart;
  'assessments/results': ResultsPage;
  'assessments/scoreboard': ScoreboardPage;
  'assessments/board': BoardPart;
  'assessments/badge': BadgeModel;
}

/** A moment with the words of the assessment's zone. */
export interface Moment {
  at: number;
  text: string;
}

export interface CardModel {
  id: string;
  name: string;
  cohort: string;
  phase: Phase;
  word: string;
  opens: Moment;
  closes: Moment;
  leftMs: number | undefined;
}

export interface AssessmentListPage {
  now: CardModel[];
  past: CardModel[];
  organised: CardModel[];
  organises: boolean;
}

/** The line about an assessment on top of a page of it. */
export interface TopModel {
  id: string;
  name: string;
  cohort: string;
  organiser: boolean;
  board: boolean;
}

export interface SitPage {
  top: TopModel;
  rules: { name: string; value: string }[];
  sitting: SittingPart;
  eventsUrl: string;
  partUrl: string;
}

export interface SittingPart {
  id: string;
  dryRun: boolean;
  phase: Phase;
  word: string;
  opens: Moment;
  closes: Moment;
  ends: Moment | undefined;
  leftMs: number;
  paused: boolean;
  party: string;
  team: boolean;
  members: string[];
  honour: string;
  mustAccept: boolean;
  canBegin: boolean;
  because: string;
  begun: boolean;
  voided: string;
  labs: {
    lab: string;
    title: string;
    minutes: number;
    max: number;
    attempt: string;
    state: 'not opened' | 'opened' | 'graded' | 'solved';
    points: number | undefined;
    tries: string;
  }[];
  points: number | undefined;
  max: number;
  announcements: { at: number; text: string }[];
  canFinish: boolean;
}

export interface EditPage {
  id: string;
  state: 'new' | 'draft' | 'published' | 'archived';
  version: number;
  top: TopModel | undefined;
  /** Maps: that a field is not there is no mistake of the view. */
  fields: ReadonlyMap<string, string>;
  errors: ReadonlyMap<string, string>;
  cohorts: { id: string; name: string }[];
  labs: LabChoice[];
  pools: number[];
  zones: string[];
  /** Of two edits: what is stored where it differs from what was typed. */
  stored: { label: string; value: string }[];
  saved: boolean;
}

export interface RunPage {
  top: TopModel;
  entries: EntriesPart;
  absent: string[];
  announcements: { at: number; text: string }[];
  extras: { person: string; name: string; minutes: number }[];
  members: { id: string; name: string }[];
  opens: Moment;
  closes: Moment;
  standing: StandingPart;
  fault: string;
  eventsUrl: string;
}

/** How many work, and whether time goes on. */
export interface StandingPart {
  id: string;
  running: number;
  finished: number;
  absent: number;
  paused: boolean;
}

export interface EntriesPart {
  id: string;
  rows: {
    id: string;
    name: string;
    phase: Phase;
    word: string;
    leftMs: number;
    paused: boolean;
    ownPause: boolean;
    running: boolean;
    extraMinutes: number;
    opened: string;
    points: number;
    lastActiveAt: number | undefined;
    voided: boolean;
    settled: boolean;
  }[];
}

export interface ResultsPage {
  top: TopModel;
  version: number;
  released: number | undefined;
  /** Entries that are not settled. */
  open: number;
  labs: { id: string; title: string }[];
  rows: {
    id: string;
    rank: number | undefined;
    name: string;
    bracket: string;
    points: number;
    solved: string;
    elapsedMs: number;
    labs:
      | { points: number; tries: number; solved: boolean }[]
      | (undefined | { points: number; tries: number; solved: boolean })[];
    choices: { id: string; title: string }[];
    voided: string | undefined;
    settled: boolean;
    notes: { at: number; text: string }[];
  }[];
  archived: boolean;
  fault: string;
}

export interface ScoreboardPage {
  top: TopModel;
  projector: boolean;
  view: 'live' | 'public';
  board: BoardPart;
  partUrl: string;
  eventsUrl: string;
}

export interface BoardPart {
  rows: BoardRow[];
  frozen: Moment | undefined;
  organiser: boolean;
  brackets: string[];
  bracket: string;
}

/** What the workbench says of the assessment that an attempt belongs to. */
export interface BadgeModel {
  id: string;
  name: string;
  dryRun: boolean;
  leftMs: number;
  paused: boolean;
  over: boolean;
  tries: string;
}
