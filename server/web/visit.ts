import type { Request } from 'express';
import type { AppContext } from '../app.ts';
import type { Role } from '../store/users.ts';
import { LearnerError } from '../training/errors.ts';

export type { Role };

/** Who makes a request. */
export interface Viewer {
  /** The person's id; also the owner of their own attempts. */
  id: string;
  name: string;
  role: Role;
}

/** How requests are told apart: one local learner, or accounts. */
export interface Identity {
  /** People sign in. */
  accounts: boolean;
  /** Who looks at a page; undefined: nobody is signed in. */
  ofPage(request: Request): Viewer | undefined;
  /** Who calls the JSON API; undefined: no token, or a wrong one. */
  ofApi(request: Request): Viewer | undefined;
}

/** One request: the application, and who asks. */
export interface Visit extends AppContext {
  viewer: Viewer;
  /** The viewer's id: what every method of `training` asks for first. */
  learner: string;
}

/** Thrown where somebody must sign in first: a page of its own leads there. */
export class SignInFirst extends LearnerError {
  constructor() {
    super(401, 'Sign in first.');
  }
}

/** @throws SignInFirst */
export function visit(context: AppContext, request: Request): Visit {
  const viewer = context.identity.ofPage(request);
  if (!viewer) throw new SignInFirst();
  return { ...context, viewer, learner: viewer.id };
}

const ranks: Record<Role, number> = { learner: 0, instructor: 1, administrator: 2 };

/** @throws LearnerError 403 for who has a lesser role */
export function demandRole(viewer: Viewer, role: Role): void {
  if (ranks[viewer.role] < ranks[role])
    throw new LearnerError(403, `This is for ${role === 'instructor' ? 'instructors' : 'administrators'}.`);
}
