import { z } from 'zod';
import { domainField, emailField, nameField, passwordField, roleField } from '../../people/fields.ts';
import { mostInviteSeats } from '../../people/invites.ts';
import { LearnerError } from '../../training/errors.ts';
import type { Visit } from '../visit.ts';
import { type ApiRoute, route } from './route.ts';

const id = z.string().max(40);
const cohort = z.object({ cohort: id });
const user = z.object({ user: id });
/** Milliseconds since the epoch, until the year 2100. */
const time = z.number().int().min(0).max(4_102_444_800_000);
const tag = 'people';

const me = z.object({ id: z.string(), name: z.string(), email: z.string(), role: roleField });
const person = me.extend({
  state: z.enum(['active', 'disabled', 'no password yet']),
  createdAt: z.number(),
  lastSeenAt: z.number().optional(),
});
const token = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.number(),
  expiresAt: z.number().optional(),
  lastUsedAt: z.number().optional(),
  expired: z.boolean(),
});
const invite = z.object({
  id: z.string(),
  role: roleField,
  cohort: z.object({ id: z.string(), name: z.string() }).optional(),
  domains: z.array(z.string()),
  seats: z.number(),
  used: z.number(),
  createdAt: z.number(),
  expiresAt: z.number(),
  state: z.enum(['open', 'full', 'expired', 'revoked']),
});
const newInvite = z.strictObject({
  role: roleField.default('learner'),
  cohort: id.optional(),
  domains: z.array(domainField).max(50).default([]),
  seats: z.number().int().min(1).max(mostInviteSeats),
  expiresAt: time,
});
const link = z.object({ url: z.string(), expiresAt: z.number() });
const rosterAnswer = z.object({
  imported: z.boolean(),
  newTeams: z.array(z.string()),
  faults: z.array(z.object({ line: z.number(), reason: z.string() })),
  people: z.array(
    z.object({
      line: z.number(),
      name: z.string(),
      email: z.string(),
      role: roleField,
      team: z.string().optional(),
      does: z.enum(['new account', 'joins', 'stays']),
      link: z.string().optional(),
    }),
  ),
});

/** Accounts are needed: the one local learner has none. */
function withAccounts<A>(work: (visit: Visit, given: A) => unknown): (visit: Visit, given: A) => unknown {
  return (visit, given) => {
    if (!visit.identity.accounts)
      throw new LearnerError(404, 'There are no accounts here: the server runs without them.');
    return work(visit, given);
  };
}

/** One's own account, and people, invites and rosters for who manages them. */
export const peopleRoutes: ApiRoute[] = [
  route({
    method: 'get',
    path: '/me',
    tag,
    who: 'learner',
    summary: 'Who you are, and your cohorts.',
    answer: me.extend({
      cohorts: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          as: z.enum(['member', 'instructor']),
          team: z.string().nullable(),
        }),
      ),
    }),
    run: withAccounts(({ people, learner }) => ({ ...mine(people.get(learner)), cohorts: people.cohortsOf(learner) })),
  }),
  route({
    method: 'patch',
    path: '/me',
    tag,
    who: 'learner',
    summary: 'Change your name.',
    body: z.strictObject({ name: nameField }),
    answer: me,
    run: withAccounts(({ people, learner }, { body }: { body: { name: string } }) => {
      people.rename(learner, body.name);
      return mine(people.get(learner));
    }),
  }),
  route({
    method: 'get',
    path: '/me/export',
    tag,
    who: 'learner',
    summary: 'All that is kept of you.',
    run: withAccounts(({ people, learner }) => people.departures.export(learner)),
  }),
  route({
    method: 'delete',
    path: '/me',
    tag,
    who: 'learner',
    summary: 'Delete your account with its attempts and grades; your password confirms it.',
    body: z.strictObject({ password: passwordField }),
    status: 204,
    run: withAccounts(({ people, learner }, { body }: { body: { password: string } }) =>
      people.departures.delete(learner, body.password),
    ),
  }),
  route({
    method: 'delete',
    path: '/me/cohorts/:cohort',
    tag,
    who: 'learner',
    summary: 'Leave a cohort, and your team in it.',
    params: cohort,
    status: 204,
    run: withAccounts(({ people, learner }, { params }: { params: { cohort: string } }) =>
      people.departures.leaveCohort(learner, params.cohort),
    ),
  }),
  route({
    method: 'get',
    path: '/me/tokens',
    tag,
    who: 'learner',
    summary: 'Your tokens, without their secrets.',
    answer: z.object({ tokens: z.array(token) }),
    run: withAccounts(({ people, learner }) => ({ tokens: people.tokens.list(learner) })),
  }),
  route({
    method: 'post',
    path: '/me/tokens',
    tag,
    who: 'learner',
    summary: 'Make a token; the answer is the only one that holds it.',
    body: z.strictObject({ name: nameField, expiresAt: time.optional() }),
    status: 201,
    answer: z.object({ id: z.string(), token: z.string() }),
    run: withAccounts(({ people, learner }, { body }: { body: { name: string; expiresAt?: number | undefined } }) =>
      people.tokens.make(learner, body.name, body.expiresAt),
    ),
  }),
  route({
    method: 'delete',
    path: '/me/tokens/:token',
    tag,
    who: 'learner',
    summary: 'Revoke a token.',
    params: z.object({ token: id }),
    status: 204,
    run: withAccounts(({ people, learner }, { params }: { params: { token: string } }) =>
      people.tokens.revoke(learner, params.token),
    ),
  }),
  route({
    method: 'get',
    path: '/users',
    tag,
    who: 'administrator',
    summary: 'People by name, a page of them.',
    query: z.object({
      text: z.string().max(300).default(''),
      limit: z.coerce.number().int().min(1).max(500).default(100),
      offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
    }),
    answer: z.object({ total: z.number(), users: z.array(person) }),
    run: withAccounts(({ people }, { query }: { query: { text: string; limit: number; offset: number } }) => ({
      total: people.count(query.text),
      users: people.list(query),
    })),
  }),
  route({
    method: 'post',
    path: '/users',
    tag,
    who: 'administrator',
    summary: 'Make an account; the answer holds the link by which its owner chooses a password.',
    body: z.strictObject({ email: emailField, name: nameField, role: roleField.default('learner') }),
    status: 201,
    answer: me.extend({ link }),
    run({ people, learner, url }, { body }) {
      const made = people.create(learner, body);
      const { secret, expiresAt } = people.resets.make(learner, made);
      return { ...mine(made), link: { url: `${url}/reset/${secret}`, expiresAt } };
    },
  }),
  route({
    method: 'patch',
    path: '/users/:user',
    tag,
    who: 'administrator',
    summary: 'Change somebody’s role, or disable or enable them.',
    params: user,
    body: z.strictObject({ role: roleField.optional(), disabled: z.boolean().optional() }),
    answer: me,
    run({ people, learner }, { params, body }) {
      people.get(params.user);
      if (body.role !== undefined) people.setRole(learner, params.user, body.role);
      if (body.disabled !== undefined) people.setDisabled(learner, params.user, body.disabled);
      return mine(people.get(params.user));
    },
  }),
  route({
    method: 'post',
    path: '/users/:user/reset-links',
    tag,
    who: 'instructor',
    summary: 'Make a one-time link by which a person chooses a password.',
    params: user,
    status: 201,
    answer: link,
    run({ people, viewer, url }, { params }) {
      const { secret, expiresAt } = people.resetLink(viewer, params.user);
      return { url: `${url}/reset/${secret}`, expiresAt };
    },
  }),
  route({
    method: 'get',
    path: '/invites',
    tag,
    who: 'instructor',
    summary: 'Invites of a cohort; for administrators, of all without one.',
    query: z.object({ cohort: id.optional() }),
    answer: z.object({ invites: z.array(invite) }),
    run: ({ people, viewer }, { query }) => ({ invites: people.invites.list(viewer, query.cohort) }),
  }),
  route({
    method: 'post',
    path: '/invites',
    tag,
    who: 'instructor',
    summary: 'Make an invite; the answer is the only one that holds its link.',
    body: newInvite,
    status: 201,
    answer: z.object({ id: z.string(), url: z.string() }),
    run({ people, viewer, url }, { body }) {
      const made = people.invites.make(viewer, { ...body, cohort: body.cohort });
      return { id: made.id, url: `${url}/invites/${made.secret}` };
    },
  }),
  route({
    method: 'delete',
    path: '/invites/:invite',
    tag,
    who: 'instructor',
    summary: 'Take an invite back: nobody comes in by it any more.',
    params: z.object({ invite: id }),
    status: 204,
    run: ({ people, viewer }, { params }) => people.invites.revoke(viewer, params.invite),
  }),
  route({
    method: 'post',
    path: '/cohorts/:cohort/roster',
    tag,
    who: 'instructor',
    summary:
      'Import people from CSV: all of them or, where a row is broken, none. With dryRun, says what would be done.',
    params: cohort,
    body: z.strictObject({ csv: z.string().max(900_000), dryRun: z.boolean().default(false) }),
    bodyLimit: '1mb',
    answer: rosterAnswer,
    run({ people, viewer, url }, { params, body }) {
      const { rows, ...result } = people.roster.import(viewer, params.cohort, body.csv, body.dryRun);
      if (!body.dryRun && !result.imported)
        throw new LearnerError(
          400,
          `Nothing was imported: ${result.faults
            .slice(0, 20)
            .map(({ line, reason }) => `line ${line}: ${reason}`)
            .join('; ')}`,
        );
      return {
        ...result,
        people: rows.map(({ secret, ...row }) => ({
          ...row,
          ...(secret === undefined ? {} : { link: `${url}/reset/${secret}` }),
        })),
      };
    },
  }),
];

const mine = ({
  id: own,
  name,
  email,
  role,
}: {
  id: string;
  name: string;
  email: string;
  role: Visit['viewer']['role'];
}) => ({
  id: own,
  name,
  email,
  role,
});
