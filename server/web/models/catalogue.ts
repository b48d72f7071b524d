import type { CheckKind } from '../../grading/types.ts';
import type { AttemptStatus, LabCard } from '../../training/types.ts';
import type { CommentsModel } from './progress.ts';

/** What the views of the catalogue and of one's own progress are given. */
export interface CatalogueViews {
  catalogue: CataloguePage;
  lab: LabPage;
  progress: ProgressPage;
}

export interface CataloguePage {
  /** Where new attempts live. */
  backend: string;
  going: {
    attempt: string;
    title: string;
    lab: string;
    /** The team whose attempt it is; empty for one's own. */
    team: string;
    status: AttemptStatus;
    points: number;
    max: number;
    startedAt: number;
    backend: string;
  }[];
  tracks: { id: string; title: string; about: string; solved: number; labs: LabCard[] }[];
  solved: number;
  total: number;
  points: number;
  max: number;
}

export interface LabPage {
  card: LabCard;
  /** The viewer's teams, each with its open attempt at this lab. */
  teams: { id: string; name: string; attempt: string | undefined }[];
  track: string;
  situation: string;
  task: string;
  mustKeepWorking: string;
  checks: { kind: CheckKind; title: string; points: number }[];
  /** Labs that are better done before. */
  before: { id: string; title: string; solved: boolean }[];
  controls: { name: string; values: string[] }[];
}

export interface ProgressPage {
  labs: (LabCard & { track: string })[];
  skills: { name: string; solved: number; total: number }[];
  solved: number;
  points: number;
  max: number;
  timeMs: number;
  tries: number;
  /** What those who teach wrote to this person, their teams and entries. */
  comments: CommentsModel;
}
