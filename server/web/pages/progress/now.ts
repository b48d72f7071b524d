import { type Request, type Response, Router } from 'express';
import type { AppContext } from '../../../app.ts';
import { forecastText } from '../../../progress/forecast.ts';
import type { WorkingNow } from '../../../progress/now-board.ts';
import type { Progress } from '../../../progress/progress.ts';
import { type Finding, ruleTexts } from '../../../progress/stuck.ts';
import type { Group } from '../../../store/progress-rows.ts';
import { LearnerError } from '../../../training/errors.ts';
import type { BoardModel, BoardRow, FindingModel } from '../../models/progress.ts';
import { html, render } from '../../render.ts';
import { timeText } from './cells.ts';
import { type Desk, deskOf, groupOf, groupSearch, headModel } from './desk.ts';

const everyMs = 3000;
const heartbeatMs = 20_000;
const mostStreams = 200;

/** Who works on what at this moment, and who is stuck; kept current by one stream a page. */
export function nowRouter(app: AppContext): Router {
  const router = Router();
  let open = 0;

  router.get('/cohorts/:cohort/now', async (request, response) => {
    const desk = deskOf(app, request);
    const group = groupOf(desk, request.query);
    await render(response, 'progress/now', {
      head: headModel(desk, group, 'now'),
      board: boardModel(desk.progress, group),
      events: `/cohorts/${desk.cohort.id}/now/events${groupSearch(group)}`,
      rules: Object.values(ruleTexts),
      forecastText: group.of === 'entries' ? forecastText : '',
    });
  });

  router.get('/cohorts/:cohort/now/events', (request, response) => {
    const desk = deskOf(app, request);
    const group = groupOf(desk, request.query);
    if (open >= mostStreams) throw new LearnerError(429, 'Too many of these pages are open.');
    open += 1;
    stream(app, desk, group, request, response, () => {
      open -= 1;
    });
  });

  return router;
}

function stream(
  app: AppContext,
  desk: Desk,
  group: Group,
  request: Request,
  response: Response,
  ended: () => void,
): void {
  response
    .status(200)
    .set({ 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  response.flushHeaders();
  response.write('retry: 2000\n\n');
  let shown = '';
  const tell = async (): Promise<void> => {
    // Whose session ended, or who does not teach here any more, sees no more.
    deskOf(app, request);
    // A page that does not read is not written to: the next board is all that it needs.
    if (response.writableLength > 0) return;
    const text = await html('progress/board', boardModel(desk.progress, group));
    if (text === shown || response.destroyed) return;
    shown = text;
    response.write(`event: board\n${text.replace(/^/gm, 'data: ')}\n\n`);
  };
  const telling = setInterval(() => {
    tell().catch((error: unknown) => {
      if (!(error instanceof LearnerError)) app.log.error({ error: String(error) }, 'the board could not be shown');
      response.end();
    });
  }, everyMs);
  const heartbeat = setInterval(() => response.write(': alive\n\n'), heartbeatMs);
  telling.unref();
  heartbeat.unref();
  response.on('close', () => {
    clearInterval(telling);
    clearInterval(heartbeat);
    ended();
  });
}

/** The board as a page shows it. */
export function boardModel(progress: Progress, group: Group): BoardModel {
  const board = progress.nowBoard(group);
  const rows = board.working.map((working) => ({ working, row: rowModel(progress, working) }));
  return {
    cohort: group.cohort,
    search: groupSearch(group),
    at: board.at,
    stuck: rows.filter(({ working }) => working.findings.length > 0).map(({ row }) => row),
    working: rows.filter(({ working }) => working.findings.length === 0).map(({ row }) => row),
    snoozed: board.snoozed,
    hasForecasts: group.of === 'entries',
    forecasts: board.forecasts.map((forecast) => ({ ...forecast, ...verdictOn(forecast) })),
  };
}

function rowModel(progress: Progress, working: WorkingNow): BoardRow {
  return {
    owner: working.owner,
    name: working.name,
    attempt: working.attempt,
    title: working.title,
    people: working.people.join(', '),
    since: working.since,
    lastAt: working.lastAt,
    time: timeText(working.activeMs),
    solved: working.solved,
    findings: working.findings.map((finding) => findingModel(progress, working.lab, finding)),
  };
}

/** A rule that holds, with its value and threshold; a check by its title. */
export function findingModel(progress: Progress, lab: string, { rule, sentence, check }: Finding): FindingModel {
  const title = check === undefined ? undefined : progress.lab(lab).checks.find(({ id }) => id === check)?.title;
  return { rule, text: check === undefined ? sentence : `“${title ?? check}” ${sentence}` };
}

function verdictOn({ left, at, deadline }: { left: number; at: number | undefined; deadline: number | undefined }): {
  verdict: string;
  late: boolean;
} {
  if (left === 0 || at === undefined) return { verdict: 'all solved', late: false };
  if (deadline === undefined) return { verdict: '', late: false };
  const late = at > deadline;
  return { verdict: `${timeText(Math.abs(at - deadline))} ${late ? 'after' : 'before'} the deadline`, late };
}
