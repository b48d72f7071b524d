import { type Response, Router } from 'express';
import type { AppContext } from '../../app.ts';
import { LearnerError } from '../../training/errors.ts';
import type { AttemptEvent } from '../../training/training.ts';
import { attemptParams, parse } from '../input.ts';
import { html } from '../render.ts';
import {
  attackedModel,
  callRow,
  checkRow,
  evidenceModel,
  outcomeModel,
  statusModel,
  verdictSentence,
} from './attempt-models.ts';

const heartbeatMs = 20_000;
/** Streams of one attempt, over all its pages. */
const mostStreams = 24;
/** A page that does not read is let go: it connects again by itself. */
const mostBufferedBytes = 1_000_000;

/** What happens in an attempt, as server-sent events whose data are fragments of its page. */
export function eventsRouter(context: AppContext): Router {
  const { training, learner } = context;
  const open = new Map<string, number>();
  const router = Router();

  router.get('/attempts/:attempt/events', (request, response) => {
    const { attempt } = parse(attemptParams, request.params);
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
    const unsubscribe = training.subscribe(learner, attempt, (event) => {
      if (event.type === 'status' && event.status === 'attacking') steps = 0;
      const number = event.type === 'step' ? ++steps : 0;
      chain = chain
        .then(async () => {
          for (const [name, data] of await fragments(context, attempt, event, number)) send(response, name, data);
        })
        .catch((error: unknown) => context.log.error({ error: String(error) }, 'an event could not be shown'));
    });
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

function send(response: Response, name: string, data: string): void {
  if (response.writableEnded || response.destroyed) return;
  if (response.writableLength > mostBufferedBytes) return void response.destroy();
  response.write(
    `event: ${name}\n${data
      .split(/\r\n|\r|\n/)
      .map((line) => `data: ${line}`)
      .join('\n')}\n\n`,
  );
}

async function fragments(
  context: AppContext,
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
        ['graded', await html('attempt/outcome', outcomeModel(attempt, event.grade, true))],
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
    case 'status': {
      const view = context.training.view(context.learner, attempt);
      const model = statusModel({ ...view, status: event.status });
      return [
        ['status', await html('attempt/status', model)],
        ...(event.status === 'grading' || event.status === 'attacking' || event.status === 'provisioning'
          ? [await line(`${model.word} …`)]
          : []),
      ];
    }
  }
}
