import { z } from 'zod';
import { mostSeats, usualSeats } from '../../cohorts/teams.ts';
import { type ApiRoute, route } from './route.ts';

const tag = 'cohorts';
const id = z.string().max(40);
const cohortParams = z.object({ cohort: id });
const personParams = cohortParams.extend({ person: id });
const teamParams = z.object({ team: id });
/** Its other rules are told in sentences by what is named. */
const name = z.string().max(1000);
const email = z.string().max(254);
const version = z.number().int().min(0);
const seats = z.number().int().min(1).max(mostSeats);
const bracket = z.string().max(1000);

const person = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  lastSeenAt: z.number().optional(),
});
const named = z.object({ id: z.string(), name: z.string() });
const teamFacts = z.object({
  id: z.string(),
  cohort: z.string(),
  name: z.string(),
  seats: z.number(),
  bracket: z.string().optional(),
  joinCode: z.string(),
  version: z.number(),
});
const team = teamFacts.extend({
  cohortName: z.string(),
  archived: z.boolean(),
  mine: z.boolean(),
  members: z.array(named.extend({ joinedAt: z.number(), lastSeenAt: z.number().optional() })),
});
const cohortFacts = z.object({
  id: z.string(),
  name: z.string(),
  version: z.number(),
  createdAt: z.number(),
  archivedAt: z.number().optional(),
});
const cohort = cohortFacts.extend({
  instructors: z.array(person),
  members: z.array(person.extend({ joinedAt: z.number(), team: named.optional() })),
  teams: z.array(teamFacts.extend({ members: z.number() })),
});
const conflict = { 409: 'Not now, or somebody else changed it meanwhile: the message has both texts.' };

/** Cohorts and teams: what instructors do with them, and what members do. */
export const cohortRoutes: ApiRoute[] = [
  route({
    method: 'get',
    path: '/cohorts',
    tag,
    who: 'instructor',
    summary: 'The cohorts that you instruct; all for administrators.',
    answer: z.object({ cohorts: z.array(cohortFacts.extend({ members: z.number(), teams: z.number() })) }),
    run: ({ cohorts, viewer }) => ({ cohorts: cohorts.list(viewer) }),
  }),
  route({
    method: 'post',
    path: '/cohorts',
    tag,
    who: 'instructor',
    summary: 'Make a cohort, and become its first instructor.',
    body: z.strictObject({ name }),
    status: 201,
    answer: cohort,
    run: ({ cohorts, viewer }, { body }) => cohorts.make(viewer, body),
  }),
  route({
    method: 'get',
    path: '/cohorts/:cohort',
    tag,
    who: 'instructor',
    summary: 'A cohort with its instructors, members and teams.',
    params: cohortParams,
    answer: cohort,
    run: ({ cohorts, viewer }, { params }) => cohorts.view(viewer, params.cohort),
  }),
  route({
    method: 'patch',
    path: '/cohorts/:cohort',
    tag,
    who: 'instructor',
    summary: 'Rename a cohort. The version is that of the cohort as you read it.',
    params: cohortParams,
    body: z.strictObject({ name, version }),
    answer: cohort,
    also: conflict,
    run: ({ cohorts, viewer }, { params, body }) => cohorts.rename(viewer, params.cohort, body),
  }),
  route({
    method: 'put',
    path: '/cohorts/:cohort/archived',
    tag,
    who: 'instructor',
    summary: 'Archive a cohort, or open it again.',
    params: cohortParams,
    body: z.strictObject({ archived: z.boolean() }),
    answer: cohort,
    run: ({ cohorts, viewer }, { params, body }) => cohorts.archive(viewer, params.cohort, body.archived),
  }),
  route({
    method: 'post',
    path: '/cohorts/:cohort/members',
    tag,
    who: 'instructor',
    summary: 'Add somebody with an account, by e-mail address.',
    params: cohortParams,
    body: z.strictObject({ email }),
    answer: cohort,
    run: ({ cohorts, viewer }, { params, body }) => cohorts.addMember(viewer, params.cohort, body.email),
  }),
  route({
    method: 'delete',
    path: '/cohorts/:cohort/members/:person',
    tag,
    who: 'instructor',
    summary: 'Take a member out of the cohort and of their team.',
    params: personParams,
    answer: cohort,
    run: ({ cohorts, viewer }, { params }) => cohorts.removeMember(viewer, params.cohort, params.person),
  }),
  route({
    method: 'put',
    path: '/cohorts/:cohort/members/:person/team',
    tag,
    who: 'instructor',
    summary: 'Move a member into another team of the cohort; null: into none.',
    params: personParams,
    body: z.strictObject({ team: id.nullable() }),
    answer: cohort,
    run({ cohorts, viewer }, { params, body }) {
      cohorts.teams.move(viewer, params.cohort, params.person, body.team ?? undefined);
      return cohorts.view(viewer, params.cohort);
    },
  }),
  route({
    method: 'post',
    path: '/cohorts/:cohort/instructors',
    tag,
    who: 'instructor',
    summary: 'Give the cohort another instructor, by e-mail address.',
    params: cohortParams,
    body: z.strictObject({ email }),
    answer: cohort,
    run: ({ cohorts, viewer }, { params, body }) => cohorts.addInstructor(viewer, params.cohort, body.email),
  }),
  route({
    method: 'delete',
    path: '/cohorts/:cohort/instructors/:person',
    tag,
    who: 'instructor',
    summary: 'Take an instructor from the cohort; the last one stays.',
    params: personParams,
    status: 204,
    run: ({ cohorts, viewer }, { params }) => cohorts.removeInstructor(viewer, params.cohort, params.person),
  }),
  route({
    method: 'post',
    path: '/cohorts/:cohort/teams',
    tag,
    who: 'instructor',
    summary: 'Make a team.',
    params: cohortParams,
    body: z.strictObject({ name, seats: seats.default(usualSeats), bracket: bracket.optional() }),
    status: 201,
    answer: team,
    run: ({ cohorts, viewer }, { params, body }) => cohorts.teams.make(viewer, params.cohort, body),
  }),
  route({
    method: 'get',
    path: '/teams',
    tag,
    who: 'learner',
    summary: 'The cohorts that you are a member of, each with your team.',
    answer: z.object({
      memberships: z.array(z.object({ cohort: named.extend({ archived: z.boolean() }), team: named.optional() })),
    }),
    run: ({ cohorts, learner }) => ({ memberships: cohorts.memberships(learner) }),
  }),
  route({
    method: 'post',
    path: '/teams/join',
    tag,
    who: 'learner',
    summary: 'Join a team of your cohort by its code.',
    body: z.strictObject({ code: z.string().max(40) }),
    answer: team,
    run: ({ cohorts, viewer }, { body }) => cohorts.teams.join(viewer, body.code),
  }),
  route({
    method: 'get',
    path: '/teams/:team',
    tag,
    who: 'learner',
    summary: 'A team, for its members and its instructors.',
    params: teamParams,
    answer: team,
    run: ({ cohorts, viewer }, { params }) => cohorts.teams.view(viewer, params.team),
  }),
  route({
    method: 'put',
    path: '/teams/:team',
    tag,
    who: 'instructor',
    summary: 'Edit a team. The version is that of the team as you read it.',
    params: teamParams,
    body: z.strictObject({ name, seats, bracket: bracket.optional(), version }),
    answer: team,
    also: conflict,
    run: ({ cohorts, viewer }, { params, body }) =>
      cohorts.teams.edit(viewer, params.team, { ...body, bracket: body.bracket }),
  }),
  route({
    method: 'post',
    path: '/teams/:team/code',
    tag,
    who: 'learner',
    summary: 'Make a new join code; the old one opens nothing any more.',
    params: teamParams,
    answer: team,
    run: ({ cohorts, viewer }, { params }) => cohorts.teams.rotate(viewer, params.team),
  }),
  route({
    method: 'delete',
    path: '/teams/:team/membership',
    tag,
    who: 'learner',
    summary: 'Leave a team. What you did in it stays.',
    params: teamParams,
    status: 204,
    run: ({ cohorts, viewer }, { params }) => cohorts.teams.leave(viewer, params.team),
  }),
  route({
    method: 'get',
    path: '/teams/:team/attempts',
    tag,
    who: 'learner',
    summary: "A team's open attempts, for its members.",
    params: teamParams,
    run({ cohorts, training, viewer, learner }, { params }) {
      cohorts.teams.view(viewer, params.team);
      return { attempts: training.attempts(learner, params.team) };
    },
  }),
];
