import { type Response, Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../app.ts';
import type { CallRecord } from '../../cloud/call-log.ts';
import { LearnerError } from '../../training/errors.ts';
import type { AttemptEvent } from '../../training/training.ts';
import { attemptParams, parse } from '../input.ts';
import type { Presence } from '../presence.ts';
import { html } from '../render.ts';
import { type Visit, visit } from '../visit.ts';
import { fragments } from './event-fragments.ts';
import { presenceModel } from './team-models.ts';

/** The id of the last call that the page shows. */
const eventsQuery = z.object({ since: z.string().max(64).default('') });

const heartbeatMs = 20_000;
/** Pages that one person has open on one attempt: nobody shuts the others out. */
const mostPages = 12;
/** A page that does not read is let go: it connects again by itself. */
const mostBufferedBytes = 1_000_000;

/** What happens in an attempt, as server-sent events whose data are fragments of its page. */
export function eventsRouter(app: AppContext, presence: Presence): Router {
  const open = new Set<Stream>();
  const router = Router();
  presence.onChange((attempt) => {
    for (const stream of open) if (stream.attempt === attempt) stream.present();
  });
  // Who is taken out of a team has its attempts no longer, in no page.
  app.cohorts.onLeft((person) => {
    for (const stream of [...open]) if (stream.person === person) stream.demand();
  });

  router.get('/attempts/:attempt/events', (request, response) => {
    const context = visit(app, request);
    const { training, learner, viewer } = context;
    const { attempt } = parse(attemptParams, request.params);
    const { since } = parse(eventsQuery, request.query);
    training.view(learner, attempt);
    if (presence.pages(attempt, learner) >= mostPages)
      throw new LearnerError(429, 'You have this attempt open in too many pages.');
    response
      .status(200)
      .set({ 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    response.flushHeaders();
    response.write('retry: 2000\n\n');
    let steps = 0;
    // Fragments are rendered asynchronously; one chain keeps them in the order of their events.
    let chain = Promise.resolve();
    const then = (work: () => Promise<void>): void => {
      chain = chain
        .then(() => {
          if (!response.destroyed && !response.writableEnded) return work();
        })
        .catch((error: unknown) => {
          // Their own no longer: nothing more is told.
          if (error instanceof LearnerError) return end(true);
          context.log.error({ error: String(error) }, 'an event could not be shown');
        });
    };
    const tell = (event: AttemptEvent): void => {
      if (event.type === 'status' && event.status === 'attacking') steps = 0;
      const number = event.type === 'step' ? ++steps : 0;
      then(async () => {
        const id = event.type === 'call' ? event.record.eventID : undefined;
        training.demand(learner, attempt);
        for (const [name, data] of await fragments(context, attempt, event, number)) send(response, name, data, id);
      });
    };
    const stream: Stream = {
      attempt,
      person: learner,
      present: () =>
        then(async () => {
          send(response, 'presence', await html('attempt/presence', presenceModel(context, attempt, presence)));
        }),
      demand() {
        try {
          training.demand(learner, attempt);
        } catch {
          end(true);
        }
      },
    };
    // What was called between the page and its stream, or while the connection was lost.
    const missed = callsSince(context, attempt, request.get('last-event-id') ?? since);
    const unsubscribe = training.subscribe(learner, attempt, tell);
    for (const record of missed) tell({ type: 'call', record });
    const heartbeat = setInterval(() => {
      stream.demand();
      if (!response.writableEnded) response.write(': alive\n\n');
    }, heartbeatMs);
    heartbeat.unref();
    open.add(stream);
    const left = presence.enter(attempt, { id: learner, name: viewer.name });
    stream.present();
    const end = (atOnce: boolean): void => {
      clearInterval(heartbeat);
      unsubscribe();
      open.delete(stream);
      left(atOnce);
      if (atOnce) response.end();
    };
    response.on('close', () => end(false));
  });

  return router;
}

/** One page that listens. */
interface Stream {
  attempt: string;
  person: string;
  /** Tells who is there. */
  present(): void;
  /** Ends the stream when its person may not see the attempt any more. */
  demand(): void;
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
