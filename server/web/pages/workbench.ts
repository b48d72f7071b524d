import { Router } from 'express';
import type { AppContext } from '../../app.ts';
import type { AttemptView, Doer } from '../../training/types.ts';
import { badgeModel } from '../assessment-models.ts';
import { describe } from '../describe-error.ts';
import type { EditorModel } from '../editor-models.ts';
import { attemptParams, gradeParams, parse, resourceQuery } from '../input.ts';
import { markdownHtml } from '../markdown.ts';
import type { Presence } from '../presence.ts';
import { render } from '../render.ts';
import { findKind } from '../resources/registry.ts';
import type { LogLine, WorkbenchPage } from '../view-models.ts';
import { type Visit, visit } from '../visit.ts';
import {
  callRow,
  checkRow,
  checksModel,
  headModel,
  hintsModel,
  statusModel,
  verdictSentence,
} from './attempt-models.ts';
import { changesModel } from './changes.ts';
import { mapModel } from './map.ts';
import { attemptComments } from './progress/comments.ts';
import { Aws, editorModel, faultyEditor, treeModel, welcomeModel } from './resource-models.ts';
import { callersName, presenceModel } from './team-models.ts';

/** The workbench of an attempt, and what was measured in it: grades and differences. */
export function workbenchRouter(app: AppContext, presence: Presence): Router {
  const router = Router();

  router.get('/attempts/:attempt', async (request, response) => {
    const context = visit(app, request);
    const { training, learner } = context;
    const { attempt } = parse(attemptParams, request.params);
    const selected = parse(resourceQuery.partial(), request.query);
    const view = training.view(learner, attempt);
    const chosen = { kind: selected.kind ?? '', id: selected.id ?? '' };
    const lab = training.lab(view.lab);
    const checks = checksModel(context, view);
    const running = training.cloud(learner, attempt) !== undefined;
    const aws = new Aws({ training, learner, attempt });
    const model: WorkbenchPage = {
      assessment: badgeModel(context, view),
      head: headModel(view),
      status: statusModel(view),
      situation: markdownHtml(lab.texts.situation),
      task: markdownHtml(lab.texts.task),
      mustKeepWorking: markdownHtml(lab.texts.mustKeepWorking),
      checks,
      hints: hintsModel(context, view),
      map: mapModel(lab.definition.map, checks.rows),
      outputs: Object.entries(view.outputs).map(([name, value]) => ({ name, value })),
      exports: running ? exportLines(context, view) : '',
      endpoint: view.endpoint,
      tree: running ? await treeModel(aws, attempt, chosen) : undefined,
      editor: running ? await chosenEditor(context, aws, attempt, chosen) : welcomeModel(attempt),
      team: context.cohorts.teams.nameOf(view.learner) ?? '',
      presence: presenceModel(context, attempt, presence),
      calls: running ? callRows(context, attempt) : [],
      comments: attemptComments(context.progress, attempt),
      log: logLines(context, view),
      eventsUrl: running ? `/attempts/${attempt}/events?since=${lastCall(context, attempt)}` : '',
    };
    await render(response, 'workbench', model);
  });

  router.get('/attempts/:attempt/grades/:grade', async (request, response) => {
    const context = visit(app, request);
    const { training, learner } = context;
    const { attempt, grade: id } = parse(gradeParams, request.params);
    const view = training.view(learner, attempt);
    const grade = training.gradeById(learner, attempt, id);
    const { report } = grade;
    await render(response, 'grade', {
      head: headModel(view),
      grade: grade.id,
      at: grade.createdAt,
      verdict: report.verdict,
      sentence: verdictSentence(report),
      awarded: grade.awarded,
      max: report.max,
      worth: report.worth,
      durationMs: report.durationMs,
      seed: report.seed,
      rows: report.checks.map((check) => checkRow(check)),
      changes: changesModel(grade.diff),
    });
  });

  router.get('/attempts/:attempt/diff', async (request, response) => {
    const context = visit(app, request);
    const { training, learner } = context;
    const { attempt } = parse(attemptParams, request.params);
    const { id: of } = parse(resourceQuery.pick({ id: true }), { id: request.query.of });
    const view = training.view(learner, attempt);
    const changes = changesModel(training.diff(learner, attempt), of);
    if (request.headers['hx-request']) return render(response, 'attempt/changes', changes);
    await render(response, 'diff', { head: headModel(view), changes });
  });

  return router;
}

async function chosenEditor(
  context: Visit,
  aws: Aws,
  attempt: string,
  chosen: { kind: string; id: string },
): Promise<EditorModel> {
  if (chosen.kind === '') return welcomeModel(attempt);
  const kind = findKind(chosen.kind);
  if (!kind) return faultyEditor(attempt, chosen.kind, chosen.id, `There is no editor for "${chosen.kind}".`);
  try {
    return await editorModel({ attempt, kind, id: chosen.id, aws });
  } catch (error) {
    const { code, message } = describe(error, context.log);
    return faultyEditor(attempt, chosen.kind, chosen.id, `${code}: ${message}`);
  }
}

/** What a shell needs to speak to this account. */
function exportLines(context: Visit, view: AttemptView): string {
  const { accessKeyId, secretAccessKey, sessionToken } = context.training.credentials(context.learner, view.id);
  return [
    `export AWS_ACCESS_KEY_ID=${accessKeyId}`,
    `export AWS_SECRET_ACCESS_KEY=${secretAccessKey}`,
    `export AWS_SESSION_TOKEN=${sessionToken}`,
    `export AWS_ENDPOINT_URL=${view.endpoint}`,
    `export AWS_DEFAULT_REGION=${view.region}`,
    `export AWS_REGION=${view.region}`,
  ].join('\n');
}

/** The id of the last call before the page is made: its stream goes on from there. */
function lastCall(context: Visit, attempt: string): string {
  return context.training.cloud(context.learner, attempt)?.calls.list().at(-1)?.eventID ?? '';
}

function callRows(context: Visit, attempt: string): WorkbenchPage['calls'] {
  const cloud = context.training.cloud(context.learner, attempt);
  const named = callersName(context, attempt);
  const rows = (cloud?.calls.list() ?? [])
    .map((record) => callRow(record, named(record), context.learner))
    .filter(({ ours }) => !ours);
  return rows.slice(-100).reverse();
}

function logLines(context: Visit, view: AttemptView): LogLine[] {
  const { training, learner } = context;
  const line = (at: number, by: Doer | undefined, mine: string, theirs: string): LogLine => ({
    at,
    text: by === undefined || by.id === learner ? mine : `${by.name} ${theirs}`,
    oob: false,
  });
  const grades = training.grades(learner, view.id).map(({ createdAt, by, report }) => {
    const sentence = verdictSentence(report);
    return line(createdAt, by, `Graded: ${sentence}`, `graded: ${sentence}`);
  });
  const deeds = training.history(learner, view.id).flatMap(({ at, by, event, details }) => {
    if (event === 'hint') return [line(at, by, `Hint ${details.number} shown.`, `took hint ${details.number}`)];
    if (event === 'gave-up')
      return [line(at, by, 'Given up: the solution is shown.', 'gave up: the solution is shown')];
    if (event === 'imported') return [line(at, by, 'Account imported.', 'imported an account')];
    return event === 'reset' ? [line(at, by, 'Reset to the start.', 'reset the account to its start')] : [];
  });
  const start = `account ${view.account} in ${view.region}, backend ${view.backend}.`;
  return [
    line(view.startedAt, undefined, `Provisioned ${start}`, ''),
    ...grades,
    ...deeds,
    ...(view.solvedAt === undefined ? [] : [line(view.solvedAt, undefined, 'Solved.', '')]),
  ].sort((a, b) => b.at - a.at);
}
