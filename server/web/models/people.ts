import type { Health } from '../../health.ts';
import type { InviteView } from '../../people/invites.ts';
import type { PersonView } from '../../people/people.ts';
import type { RosterResult } from '../../people/roster.ts';
import type { SessionView } from '../../people/sessions.ts';
import type { TokenView } from '../../people/tokens.ts';
import type { Role } from '../../store/users.ts';

/** What the views of this area are given, by the name of their file under views/. */
export interface PeopleViews {
  'people/sign-in': SignInPage;
  'people/reset': ResetPage;
  'people/accept': AcceptPage;
  'people/settings': SettingsPage;
  'people/people': PeoplePage;
  'people/invites': InvitesPage;
  'people/health': HealthPage;
  'people/roster': RosterPage;
}

export interface SignInPage {
  /** Where to go when signed in. */
  next: string;
  email: string;
  fault: string | undefined;
}

export interface ResetPage {
  secret: string;
  email: string;
  /** A first password, or a new one. */
  first: boolean;
  fault: string | undefined;
}

export interface AcceptPage {
  secret: string;
  invite: InviteView;
  /** Who is signed in joins as they are. */
  viewer: { name: string; email: string } | undefined;
  email: string;
  name: string;
  fault: string | undefined;
}

/** What a form that was refused says, and which form it is. */
export interface FormFault {
  form: string;
  message: string;
}

export interface SettingsPage {
  name: string;
  email: string;
  role: Role;
  sessions: SessionView[];
  tokens: TokenView[];
  /** A token that was just made: shown once. */
  made: { name: string; token: string } | undefined;
  cohorts: { id: string; name: string; as: 'member' | 'instructor'; team: string | null }[];
  fault: FormFault | undefined;
  saved: boolean;
}

export interface PeoplePage {
  text: string;
  page: number;
  pages: number;
  total: number;
  people: (PersonView & { self: boolean })[];
  /** A link that was just made: shown once. */
  link: { name: string; url: string; expiresAt: number } | undefined;
  fault: string | undefined;
}

export interface InvitesPage {
  /** Undefined on the administrators' page. */
  cohort: { id: string; name: string } | undefined;
  /** Where its forms go. */
  path: string;
  invites: InviteView[];
  /** A link that was just made: shown once. */
  link: string | undefined;
  cohorts: { id: string; name: string }[];
  fault: string | undefined;
}

export interface HealthPage {
  health: Health;
}

export interface RosterPage {
  cohort: { id: string; name: string };
  text: string;
  mostRows: number;
  result: RosterResult | undefined;
  /** What was imported, as CSV with each new person's link: shown once. */
  links: string | undefined;
  linked: number;
  fault: string | undefined;
}
