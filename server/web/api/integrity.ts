import { z } from 'zod';
import type { RegradeView } from '../../integrity/regrade.ts';
import type { NamedAuditRow } from '../../store/audit-trail.ts';
import { signalKinds } from '../../store/signals.ts';
import { auditCsv } from '../pages/integrity/audit.ts';
import { type ApiRoute, route } from './route.ts';

const tag = 'integrity';
const id = z.string().max(40);
const cohort = z.object({ cohort: id });
const from = z.coerce.number().int().min(0).max(10_000_000).default(0);
const limit = z.coerce.number().int().min(1).max(500).default(100);
const state = z.enum(['open', 'dismissed', 'confirmed']);

const signal = z.object({
  id: z.string(),
  kind: z.enum(signalKinds),
  attempt: z.string(),
  lab: z.string(),
  owner: z.string().nullable(),
  /** The other attempt, where its owner is of this cohort too. */
  other: z.string().nullable(),
  otherOwner: z.string().nullable(),
  firstAt: z.number(),
  lastAt: z.number(),
  times: z.number(),
  evidence: z.record(z.string(), z.unknown()),
  state,
  note: z.string().nullable(),
  version: z.number(),
});
const job = z.object({
  id: z.string(),
  lab: z.string(),
  assessment: z.string().nullable(),
  which: z.enum(['counting', 'all']),
  createdAt: z.number(),
  finishedAt: z.number().nullable(),
  policy: z.enum(['show', 'raise', 'apply']).nullable(),
  counts: z.record(z.string(), z.number()),
});

const auditQuery = z.object({
  person: z.string().max(200).optional(),
  attempt: z.string().max(40).optional(),
  event: z.string().max(100).optional(),
  before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
});

/** Signals, audit trail, re-grading: for those who instruct the cohort. */
export const integrityRoutes: ApiRoute[] = [
  route({
    method: 'get',
    path: '/cohorts/:cohort/signals',
    tag,
    who: 'instructor',
    summary: 'Signs that work may not be somebody’s own, newest first.',
    params: cohort,
    query: z.object({ state: state.optional(), from, limit }),
    answer: z.object({ counts: z.record(z.string(), z.number()), signals: z.array(signal) }),
    run(visit, { params, query }) {
      visit.people.demandCohort(visit.viewer, params.cohort);
      const { signals } = visit.integrity;
      return {
        counts: signals.counts(params.cohort),
        signals: signals
          .list(params.cohort, query.state, query.limit, query.from)
          .map((row) => signals.shown(params.cohort, row)),
      };
    },
  }),
  route({
    method: 'get',
    path: '/cohorts/:cohort/signals/:signal',
    tag,
    who: 'instructor',
    summary: 'A signal with its evidence.',
    params: cohort.extend({ signal: id }),
    answer: signal,
    run(visit, { params }) {
      visit.people.demandCohort(visit.viewer, params.cohort);
      const { signals } = visit.integrity;
      return signals.shown(params.cohort, signals.get(params.cohort, params.signal));
    },
  }),
  route({
    method: 'post',
    path: '/cohorts/:cohort/signals/:signal',
    tag,
    who: 'instructor',
    summary: 'Judge a signal. No points change.',
    params: cohort.extend({ signal: id }),
    body: z.strictObject({
      state,
      note: z.string().max(2000).default(''),
      version: z.number().int().min(1).max(1_000_000),
    }),
    answer: signal,
    run(visit, { params, body }) {
      visit.people.demandCohort(visit.viewer, params.cohort);
      const { signals } = visit.integrity;
      return signals.shown(params.cohort, signals.judge(visit.viewer.id, params.cohort, params.signal, body));
    },
  }),
  route({
    method: 'get',
    path: '/cohorts/:cohort/audit',
    tag,
    who: 'instructor',
    summary: 'The audit trail of a cohort, newest first.',
    params: cohort,
    query: auditQuery.extend({ limit }),
    run(visit, { params, query }) {
      visit.people.demandCohort(visit.viewer, params.cohort);
      const rows = visit.integrity.store.scores.trail.list({ cohort: params.cohort, ...query });
      return { rows: rows.map(auditRow) };
    },
  }),
  route({
    method: 'get',
    path: '/cohorts/:cohort/audit.csv',
    tag,
    who: 'instructor',
    summary: 'The audit trail of a cohort as CSV.',
    params: cohort,
    query: auditQuery,
    contentType: 'text/csv',
    run(visit, { params, query }) {
      visit.people.demandCohort(visit.viewer, params.cohort);
      return auditCsv(visit.integrity.store.scores.trail.list({ cohort: params.cohort, ...query, limit: 50_000 }));
    },
  }),
  route({
    method: 'get',
    path: '/cohorts/:cohort/regrades',
    tag,
    who: 'instructor',
    summary: 'Re-gradings, newest first.',
    params: cohort,
    answer: z.object({ regrades: z.array(job) }),
    run(visit, { params }) {
      visit.people.demandCohort(visit.viewer, params.cohort);
      return { regrades: visit.integrity.regrades.list(params.cohort).map(jobAnswer) };
    },
  }),
  route({
    method: 'post',
    path: '/cohorts/:cohort/regrades',
    tag,
    who: 'instructor',
    summary: 'Make the grades of a lab again, to compare. No points change.',
    params: cohort,
    body: z.strictObject({
      lab: z.string().max(100),
      assessment: id.nullable().default(null),
      which: z.enum(['counting', 'all']).default('counting'),
    }),
    status: 201,
    answer: job,
    run(visit, { params, body }) {
      visit.people.demandCohort(visit.viewer, params.cohort);
      return jobAnswer(visit.integrity.regrades.start(visit.viewer.id, params.cohort, body));
    },
  }),
  route({
    method: 'get',
    path: '/cohorts/:cohort/regrades/:job',
    tag,
    who: 'instructor',
    summary: 'A re-grading: how far it is, and each grade then and now.',
    params: cohort.extend({ job: id }),
    query: z.object({ from, limit }),
    run(visit, { params, query }) {
      visit.people.demandCohort(visit.viewer, params.cohort);
      const { regrades } = visit.integrity;
      return {
        ...jobAnswer(regrades.get(params.cohort, params.job)),
        grades: regrades.rows(params.cohort, params.job, query.limit, query.from).map((row) => ({
          grade: row.grade,
          attempt: row.attempt,
          owner: row.owner_name,
          state: row.state,
          trouble: row.trouble,
          before: { points: row.old_points, verdict: row.old_verdict },
          after: { points: row.new_points, verdict: row.new_verdict },
          appliedAt: row.applied_at,
        })),
      };
    },
  }),
  route({
    method: 'post',
    path: '/cohorts/:cohort/regrades/:job/decision',
    tag,
    who: 'instructor',
    summary: 'Say what becomes of the differences: nothing, what rises, or all. Once.',
    params: cohort.extend({ job: id }),
    body: z.strictObject({
      policy: z.enum(['show', 'raise', 'apply']),
      reason: z.string().trim().min(1).max(500),
      lower: z.boolean().default(false),
    }),
    answer: job,
    run(visit, { params, body }) {
      visit.people.demandCohort(visit.viewer, params.cohort);
      return jobAnswer(visit.integrity.regrades.decide(visit.viewer.id, params.cohort, params.job, body));
    },
  }),
];

function jobAnswer(of: RegradeView) {
  const { id: job, lab, assessment, which, created_at, finished_at, policy, counts } = of;
  return {
    id: job,
    lab,
    assessment,
    which,
    createdAt: created_at,
    finishedAt: finished_at,
    policy,
    counts: { ...counts },
  };
}

const auditRow = ({ seq, at, actor, actor_name, event, attempt, owner, lab, details }: NamedAuditRow) => ({
  row: seq,
  at,
  who: actor,
  whoName: actor_name,
  event,
  attempt,
  owner,
  lab,
  details: JSON.parse(details) as unknown,
});
