import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../app.ts';
import { describe } from '../describe-error.ts';
import { attemptParams, parse } from '../input.ts';
import { html, render } from '../render.ts';
import { visit } from '../visit.ts';
import { attackedModel, checksModel, hintsModel, outcomeModel, statusModel } from './attempt-models.ts';
import { mapModel } from './map.ts';

const invokeBody = z.object({ function: z.string().min(1).max(200), event: z.string().max(6_000_000) });
/** The hint that the page offered: another member may have taken it meanwhile. */
const hintBody = z.object({ number: z.coerce.number().int().min(1).max(99).optional() });
const logsQuery = z.object({ group: z.string().max(512).default('') });

/** What a learner does with an attempt besides changing its account: attack, grade, hints, reset, give up, end; and a function's test. */
export function attemptActionsRouter(app: AppContext): Router {
  const router = Router();
  const fragment = (request: Request): boolean => request.headers['hx-request'] !== undefined;

  router.post('/attempts/:attempt/attack', async (request, response) => {
    const context = visit(app, request);
    const { training, learner } = context;
    const { attempt } = parse(attemptParams, request.params);
    try {
      const report = await training.attack(learner, attempt);
      if (!fragment(request)) return response.redirect(303, `/attempts/${attempt}`);
      await render(response, 'attempt/attacked', attackedModel(report));
    } catch (error) {
      await inPlace(request, response, error);
    }
  });

  router.post('/attempts/:attempt/grade', async (request, response) => {
    const context = visit(app, request);
    const { training, learner } = context;
    const { attempt } = parse(attemptParams, request.params);
    try {
      const grade = await training.grade(learner, attempt);
      if (!fragment(request)) return response.redirect(303, `/attempts/${attempt}/grades/${grade.id}`);
      const view = training.view(learner, attempt);
      const checks = checksModel(context, view);
      const parts = await Promise.all([
        html('attempt/checks', checks),
        html('attempt/status', statusModel(view)),
        html('attempt/hints', hintsModel(context, view)),
        html('attempt/outcome', outcomeModel(attempt, grade, true)),
        html('attempt/map', mapModel(training.lab(view.lab).definition.map, checks.rows)),
      ]);
      const [list, status, hints, outcome, map] = parts;
      response.type('html').set('cache-control', 'no-store');
      response.send(
        `${list}<div id="status" hx-swap-oob="innerHTML">${status}</div><div id="hints" hx-swap-oob="innerHTML">${hints}</div>` +
          `<div id="map" hx-swap-oob="innerHTML">${map}</div>${outcome}`,
      );
    } catch (error) {
      await inPlace(request, response, error);
    }
  });

  router.post(
    '/attempts/:attempt/hints',
    express.urlencoded({ extended: false, limit: '1kb' }),
    async (request, response) => {
      const context = visit(app, request);
      const { training, learner } = context;
      const { attempt } = parse(attemptParams, request.params);
      training.revealHint(learner, attempt, parse(hintBody, request.body).number);
      await hintsAnswer(request, response, attempt);
    },
  );

  router.post('/attempts/:attempt/give-up', async (request, response) => {
    const context = visit(app, request);
    const { training, learner } = context;
    const { attempt } = parse(attemptParams, request.params);
    training.giveUp(learner, attempt);
    await hintsAnswer(request, response, attempt);
  });

  router.post('/attempts/:attempt/reset', async (request, response) => {
    const context = visit(app, request);
    const { training, learner } = context;
    const { attempt } = parse(attemptParams, request.params);
    await training.reset(learner, attempt);
    response.redirect(303, `/attempts/${attempt}`);
  });

  router.get('/attempts/:attempt/account', async (request, response) => {
    const context = visit(app, request);
    const { training, learner } = context;
    const { attempt } = parse(attemptParams, request.params);
    const { lab } = training.view(learner, attempt);
    const file = await training.exportAccount(learner, attempt);
    response.set('cache-control', 'no-store').attachment(`${lab}-${attempt}.range`);
    response.type('application/octet-stream').send(file);
  });

  router.post('/attempts/:attempt/end', async (request, response) => {
    const context = visit(app, request);
    const { training, learner } = context;
    const { attempt } = parse(attemptParams, request.params);
    const { lab } = training.view(learner, attempt);
    await training.end(learner, attempt);
    response.redirect(303, `/labs/${lab}`);
  });

  router.get('/attempts/:attempt/logs', async (request, response) => {
    const context = visit(app, request);
    const { training, learner } = context;
    const { attempt } = parse(attemptParams, request.params);
    const { group } = parse(logsQuery, request.query);
    training.demand(learner, attempt);
    try {
      const call = <O>(operation: string, input: object): Promise<O> =>
        training.call<O>(learner, attempt, 'logs', operation, input);
      const { logGroups = [] } = await call<{ logGroups?: { logGroupName: string }[] }>('DescribeLogGroups', {
        limit: 50,
      });
      const groups = await Promise.all(
        logGroups
          .filter(({ logGroupName }) => group === '' || group === logGroupName)
          .map(async ({ logGroupName }) => {
            const { events = [] } = await call<{
              events?: { timestamp: number; message: string; logStreamName: string }[];
            }>('FilterLogEvents', { logGroupName, limit: 1000 });
            return {
              name: logGroupName,
              events: events.slice(-200).map(({ timestamp, message, logStreamName }) => ({
                at: timestamp,
                text: message.replace(/\n$/, ''),
                stream: logStreamName,
              })),
            };
          }),
      );
      await render(response, 'attempt/logs', { attempt, groups, trouble: '' });
    } catch (error) {
      const { message } = describe(error, context.log);
      await render(response, 'attempt/logs', { attempt, groups: [], trouble: message });
    }
  });

  router.get('/attempts/:attempt/test-event', async (request, response) => {
    const context = visit(app, request);
    const { training, learner } = context;
    const { attempt } = parse(attemptParams, request.params);
    training.demand(learner, attempt);
    try {
      const { Functions = [] } = await training.call<{ Functions?: { FunctionName: string }[] }>(
        learner,
        attempt,
        'lambda',
        'ListFunctions',
        {},
      );
      await render(response, 'attempt/test-event', {
        attempt,
        functions: Functions.map(({ FunctionName }) => FunctionName),
        trouble: '',
      });
    } catch (error) {
      await render(response, 'attempt/test-event', {
        attempt,
        functions: [],
        trouble: describe(error, context.log).message,
      });
    }
  });

  router.post(
    '/attempts/:attempt/invoke',
    express.urlencoded({ extended: false, limit: '7mb' }),
    async (request, response) => {
      const context = visit(app, request);
      const { training, learner } = context;
      const { attempt } = parse(attemptParams, request.params);
      const { function: FunctionName, event } = parse(invokeBody, request.body);
      training.demand(learner, attempt);
      try {
        const answer = await training.call<{
          StatusCode?: number;
          FunctionError?: string;
          Payload?: Uint8Array;
          LogResult?: string;
          ExecutedVersion?: string;
        }>(learner, attempt, 'lambda', 'Invoke', { FunctionName, LogType: 'Tail', Payload: Buffer.from(event) });
        await render(response, 'attempt/invoked', {
          ok: answer.FunctionError === undefined,
          sentence: answer.FunctionError
            ? `The function failed (${answer.FunctionError}).`
            : `The function answered, version ${answer.ExecutedVersion ?? '$LATEST'}.`,
          payload: Buffer.from(answer.Payload ?? [])
            .toString()
            .slice(0, 100_000),
          log: Buffer.from(answer.LogResult ?? '', 'base64').toString(),
        });
      } catch (error) {
        const { code, message } = describe(error, context.log);
        await render(response, 'attempt/invoked', { ok: false, sentence: `${code}: ${message}`, payload: '', log: '' });
      }
    },
  );

  async function hintsAnswer(request: Request, response: Response, attempt: string): Promise<void> {
    const context = visit(app, request);
    const { training, learner } = context;
    if (!fragment(request)) return response.redirect(303, `/attempts/${attempt}`);
    await render(response, 'attempt/hints', hintsModel(context, training.view(learner, attempt)));
  }

  /** An error of a fragment: where the answer would have stood. */
  async function inPlace(request: Request, response: Response, error: unknown): Promise<void> {
    if (!fragment(request)) throw error;
    const { status, code, message } = describe(error, app.log);
    response.set('HX-Retarget', '#notice').set('HX-Reswap', 'innerHTML');
    response
      .status(status === 500 ? 500 : 422)
      .set('cache-control', 'no-store')
      .type('html');
    response.send(await html('attempt/fault', { code: code === 'learner' ? '' : code, message }));
  }

  return router;
}
