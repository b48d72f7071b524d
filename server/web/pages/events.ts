import { type Response, Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../app.ts';
import type { CallRecord } from '../../cloud/call-log.ts';
import { LearnerError } from '../../training/errors.ts';
import type { AttemptEvent } from '../../training/training.ts';
import type { StoredGrade } from '../../training/types.ts';
import { attemptParams, parse } from '../input.ts';
import { html } from '../render.ts';
import { type Visit, visit } from '../visit.ts';
import {
  attackedModel,
  callRow,
  checkRow,
  checksModel,
  evidenceModel,
  outcomeModel,
  statusModel,
  verdictSentence,
} from './attempt-models.ts';

/** The id of the last call that the page shows. */
const eventsQuery = z.object({ since: z.string().max(64).default('') });

const heartbeatMs = 20_000;
/** Streams of one attempt, over all its pages. */
const mostStreams = 24;
/** A page that does not read is let go: it connects again by itself. */
const mostBufferedBytes = 1_000_000;

/** What happens in an attempt, as server-sent events whose data are fragments of its page. */
export function eventsRouter(app: AppContext): Router {
  const open = new Map<string, number>();
  const router = Router();

  router.get('/attempts/:attempt/events', (request, response) => {
    const context = visit(app, request);
    const { training, learner } = context;
    const { attempt } = parse(attemptParams, request.params);
    const { since } = parse(eventsQuery, request.query);
    training.view(learner, attempt);
    const streams = open.get(attempt) ?? 0;
    if (streams >= mostStreams) throw new LearnerError(429, 'This attempt is open in too many pages.');
    open.set(attempt, streams + 1);
    response
      .status(200)
      .set({ 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    response.flushHeaders();
    response.write('retry: 2000\n\n');
    let steps = 0;
    // Fragments are rendered asynchronously; one chain keeps them in the order of their events.
    let chain = Promise.resolve();
    const tell = (event: AttemptEvent): void => {
      if (event.type === 'status' && event.status === 'attacking') steps = 0;
      const number = event.type === 'step' ? ++steps : 0;
      chain = chain
        .then(async () => {
          const id = event.type === 'call' ? event.record.eventID : undefined;
          for (const [name, data] of await fragments(context, attempt, event, number)) send(response, name, data, id);
        })
        .catch((error: unknown) => context.log.error({ error: String(error) }, 'an event could not be shown'));
    };
    // What was called between the page and its stream, or while the connection was lost.
    const missed = callsSince(context, attempt, request.get('last-event-id') ?? since);
    const unsubscribe = training.subscribe(learner, attempt, tell);
    for (const record of missed) tell({ type: 'call', record });
    const heartbeat = setInterval(() => response.write(': alive\n\n'), heartbeatMs);
    heartbeat.unref();
    response.on('close', () => {
      clearInterval(heartbeat);
      unsubscribe();
      const left = (open.get(attempt) ?? 1) - 1;
      if (left > 0) open.set(attempt, left);
      else open.delete(attempt);
    });
  });

  return router;
}

/** Calls after the one with this id, at most a page of them; none when it is not known any more. */
function callsSince(context: Visit, attempt: string, id: string): readonly CallRecord[] {
  const calls = context.training.cloud(context.learner, attempt)?.calls.list() ?? [];
  const at = id === '' ? -1 : calls.findLastIndex(({ eventID }) => eventID === id);
  return at < 0 ? [] : calls.slice(at + 1).slice(-100);
}

function send(response: Response, name: string, data: string, id?: string): void {
  if (response.writableEnded || response.destroyed) return;
  if (response.writableLength > mostBufferedBytes) return void response.destroy();
  response.write(
    `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\n${data
      .split(/\r\n|\r|\n/)
      .map((line) => `data: ${line}`)
      .join('\n')}\n\n`,
  );
}

/**
 * The outcome and all checks once more: single checks were told before their points were known, and this message comes
 * after them, whatever the answer to the grade's own request overtook.
 */
async function gradedFragment(context: Visit, attempt: string, grade: StoredGrade): Promise<string> {
  const view = context.training.view(context.learner, attempt);
  const [outcome, checks] = await Promise.all([
    html('attempt/outcome', outcomeModel(attempt, grade, true)),
    html('attempt/checks', checksModel(context, view)),
  ]);
  return `${outcome}<div id="checks" hx-swap-oob="innerHTML">${checks}</div>`;
}

async function fragments(
  context: Visit,
  attempt: string,
  event: AttemptEvent,
  number: number,
): Promise<[string, string][]> {
  const line = async (text: string): Promise<[string, string]> => [
    'log',
    await html('attempt/log-line', { at: Date.now(), text, oob: false }),
  ];
  switch (event.type) {
    case 'call': {
      const row = callRow(event.record);
      return row.ours ? [] : [['call', await html('attempt/call', row)]];
    }
    case 'check':
      return [['check', await html('attempt/check', checkRow(event.report, true))]];
    case 'graded':
      return [
        ['graded', await gradedFragment(context, attempt, event.grade)],
        await line(`Graded: ${verdictSentence(event.grade.report)}`),
      ];
    case 'step':
      return [['step', await html('attempt/step', { number, step: evidenceModel(event.step) })]];
    case 'attacked': {
      const model = attackedModel(event.report);
      return [await line(model.sentence)];
    }
    case 'reset':
      return [['reset', ''], await line('Reset to the start.')];
    case 'queued': {
      const view = context.training.view(context.learner, attempt);
      const { place, of } = event;
      return [['status', await html('attempt/status', statusModel({ ...view, queued: { place, of } }))]];
    }
    case 'status': {
      const view = context.training.view(context.learner, attempt);
      const model = statusModel({ ...view, status: event.status, queued: undefined });
      return [
        ['status', await html('attempt/status', model)],
        ...(event.status === 'grading' || event.status === 'attacking' || event.status === 'provisioning'
          ? [await line(`${model.word} …`)]
          : []),
      ];
    }
  }
}
