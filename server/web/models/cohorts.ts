import type { CohortCard, CohortView, Membership, TeamView } from '../../cohorts/types.ts';
import type { AttemptStatus } from '../../training/types.ts';

/** What the views of this area are given, by the name of their file under views/. */
export interface CohortsViews {
  'cohorts/list': CohortsPage;
  'cohorts/cohort': CohortPage;
  'cohorts/join': JoinPage;
  'cohorts/team': TeamPage;
}

/** A form that was refused: why, and what had been typed into it. */
export interface RefusedForm {
  form: string;
  message: string;
  given: Record<string, string>;
  /** Where somebody else changed the thing meanwhile: what is stored, member by member. */
  stored: { name: string; value: string }[];
}

export interface CohortsPage {
  instructs: boolean;
  cohorts: CohortCard[];
  memberships: Membership[];
  refused: RefusedForm | undefined;
}

export interface CohortPage {
  cohort: CohortView;
  you: string;
  mostSeats: number;
  usualSeats: number;
  refused: RefusedForm | undefined;
}

export interface JoinPage {
  memberships: Membership[];
  refused: RefusedForm | undefined;
}

export interface TeamPage {
  team: TeamView;
  you: string;
  /** Manages the cohort, and so may edit and move. */
  manages: boolean;
  mostSeats: number;
  attempts: {
    id: string;
    title: string;
    status: AttemptStatus;
    word: string;
    points: number;
    max: number;
    startedAt: number;
    here: string[];
  }[];
  refused: RefusedForm | undefined;
}
