import { Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../app.ts';
import { LearnerError } from '../../training/errors.ts';
import { moment, topModel } from '../assessment-models.ts';
import { parse } from '../input.ts';
import type { BoardPart } from '../models/assessments.ts';
import { render } from '../render.ts';
import { type Visit, visit } from '../visit.ts';
import { assessmentParams } from './assessments.ts';

const viewQuery = z.object({
  view: z.enum(['projector', 'live', 'public']).default('live'),
  bracket: z.string().max(100).default(''),
});

const heartbeatMs = 20_000;
/** Changes that come close together are told once. */
const gatherMs = 500;
/** Streams of one assessment: each member's pages, and the organisers'. */
const mostStreams = 4000;

/** Who stands where: a page for everybody, a picture for the projector; and the stream that says that something changed. */
export function scoreboardRouter(app: AppContext): Router {
  const router = Router();
  const open = new Map<string, number>();

  router.get('/assessments/:assessment/scoreboard', async (request, response) => {
    const context = visit(app, request);
    const { assessment: id } = parse(assessmentParams, request.params);
    const { view, bracket } = parse(viewQuery, request.query);
    const board = boardModel(context, id, view === 'live' ? 'live' : 'public', bracket);
    await render(response, 'assessments/scoreboard', {
      top: topModel(context, context.assessments.desk.visible(context.viewer, id)),
      projector: view === 'projector',
      view: view === 'live' ? 'live' : 'public',
      board,
      partUrl: `/assessments/${id}/scoreboard/rows?view=${view}&bracket=${encodeURIComponent(bracket)}`,
      eventsUrl: `/assessments/${id}/events`,
    });
  });

  router.get('/assessments/:assessment/scoreboard/rows', async (request, response) => {
    const context = visit(app, request);
    const { assessment: id } = parse(assessmentParams, request.params);
    const { view, bracket } = parse(viewQuery, request.query);
    await render(response, 'assessments/board', boardModel(context, id, view === 'live' ? 'live' : 'public', bracket));
  });

  router.get('/assessments/:assessment/events', (request, response) => {
    const { assessments, viewer } = visit(app, request);
    const { assessment: id } = parse(assessmentParams, request.params);
    assessments.desk.visible(viewer, id);
    const streams = open.get(id) ?? 0;
    if (streams >= mostStreams) throw new LearnerError(429, 'This assessment is open in too many pages.');
    open.set(id, streams + 1);
    response
      .status(200)
      .set({ 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    response.flushHeaders();
    response.write('retry: 2000\n\n');
    const waiting = new Set<string>();
    let gathering: NodeJS.Timeout | undefined;
    const unsubscribe = assessments.desk.subscribe(id, (event) => {
      waiting.add(event);
      gathering ??= setTimeout(() => {
        gathering = undefined;
        response.write(`event: changed\ndata: ${[...waiting].join(' ')}\n\n`);
        waiting.clear();
      }, gatherMs);
    });
    const heartbeat = setInterval(() => response.write(': alive\n\n'), heartbeatMs);
    heartbeat.unref();
    response.on('close', () => {
      clearInterval(heartbeat);
      clearTimeout(gathering);
      unsubscribe();
      const left = (open.get(id) ?? 1) - 1;
      if (left > 0) open.set(id, left);
      else open.delete(id);
    });
  });

  return router;
}

function boardModel({ assessments, viewer }: Visit, id: string, view: 'live' | 'public', bracket: string): BoardPart {
  const { rows, frozenAt, organiser, brackets } = assessments.scoreboard.board(viewer, id, view);
  const { zone } = assessments.desk.visible(viewer, id).settings;
  return {
    rows: bracket === '' ? rows : rows.filter((row) => row.bracket === bracket),
    frozen: frozenAt === undefined ? undefined : moment(frozenAt, zone),
    organiser,
    brackets,
    bracket,
  };
}
