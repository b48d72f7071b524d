/** A cohort in a list. */
export interface CohortCard {
  id: string;
  name: string;
  /** Counts changes: an edit says which one it was made from. */
  version: number;
  createdAt: number;
  archivedAt: number | undefined;
  members: number;
  teams: number;
}

export interface CohortPerson {
  id: string;
  name: string;
  email: string;
  lastSeenAt: number | undefined;
}

export interface CohortMember extends CohortPerson {
  joinedAt: number;
  team: { id: string; name: string } | undefined;
}

export interface CohortView extends Omit<CohortCard, 'members' | 'teams'> {
  instructors: CohortPerson[];
  members: CohortMember[];
  teams: TeamCard[];
}

/** What a person belongs to. */
export interface Membership {
  cohort: { id: string; name: string; archived: boolean };
  team: { id: string; name: string } | undefined;
}

/** A team in its cohort's list. */
export interface TeamCard {
  id: string;
  cohort: string;
  name: string;
  seats: number;
  bracket: string | undefined;
  members: number;
  /** As it is read out: `ABCD-2345`. */
  joinCode: string;
  version: number;
}

export interface TeamView extends Omit<TeamCard, 'members'> {
  cohortName: string;
  archived: boolean;
  /** The actor is one of its members; else one of the cohort's instructors. */
  mine: boolean;
  members: { id: string; name: string; joinedAt: number; lastSeenAt: number | undefined }[];
}

/** What instructors say of a team. */
export interface TeamEdit {
  name: string;
  seats: number;
  bracket: string | undefined;
}
