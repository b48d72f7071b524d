import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../app.ts';
import { parsePolicy } from '../../cloud/policy/index.ts';
import { LearnerError } from '../../training/errors.ts';
import { describe } from '../describe-error.ts';
import { attemptParams, parse, resourceQuery } from '../input.ts';
import { policyNotes } from '../policy-notes.ts';
import { html, render } from '../render.ts';
import { Aws } from '../resources/aws.ts';
import { findKind } from '../resources/registry.ts';
import type { ResourceKind } from '../resources/types.ts';
import { Values } from '../resources/values.ts';
import { visit } from '../visit.ts';
import { editorModel, faultyEditor, resourceUrls, treeModel } from './resource-models.ts';

const actionQuery = resourceQuery.extend({ action: z.string().max(40) });
const formBody = z.record(
  z.string().max(200),
  z.union([z.string(), z.array(z.string()).transform((values) => values.join('\n'))]),
);
const lintBody = z.object({ text: z.string(), kind: z.enum(['identity', 'resource', 'trust', 'endpoint', 'scp']) });

/** The resources of an account: the tree, each one's editors, and what they send. */
export function resourcesRouter(app: AppContext): Router {
  const router = Router();
  // Function code is the longest that an editor sends.
  const form = express.urlencoded({ extended: false, limit: '8mb', parameterLimit: 200 });

  router.get('/attempts/:attempt/tree', async (request, response) => {
    const context = visit(app, request);
    const { training, learner } = context;
    const { attempt } = parse(attemptParams, request.params);
    const selected = parse(resourceQuery.partial(), request.query);
    await render(
      response,
      'attempt/tree',
      await treeModel(new Aws({ training, learner, attempt }), attempt, {
        kind: selected.kind ?? '',
        id: selected.id ?? '',
      }),
    );
  });

  router.get('/attempts/:attempt/resource', async (request, response) => {
    const context = visit(app, request);
    const { training, learner } = context;
    const { attempt } = parse(attemptParams, request.params);
    const { kind, id } = parse(resourceQuery, request.query);
    training.view(learner, attempt);
    try {
      await render(
        response,
        'attempt/editor',
        await editorModel({ attempt, kind: kindOf(kind), id, aws: new Aws({ training, learner, attempt }) }),
      );
    } catch (error) {
      const { status, code, message } = describe(error, context.log);
      await render(
        response,
        'attempt/editor',
        faultyEditor(attempt, kind, id, `${code}: ${message}`),
        status === 500 ? 500 : 422,
      );
    }
  });

  router.post('/attempts/:attempt/resource', form, async (request, response) => {
    const context = visit(app, request);
    const { training, learner } = context;
    const { attempt } = parse(attemptParams, request.params);
    const { kind: kindId, id, action: name } = parse(actionQuery, request.query);
    const values = new Values(parse(formBody, request.body));
    const kind = kindOf(kindId);
    const action = Object.hasOwn(kind.actions, name) ? kind.actions[name] : undefined;
    if (!action) throw new LearnerError(404, `There is no "${name}" for a ${kind.one}.`);
    const aws = new Aws({ training, learner, attempt });
    let done: Awaited<ReturnType<typeof action>>;
    try {
      done = await action(aws, id, values);
    } catch (error) {
      return refuse(request, response, error);
    }
    if (!request.headers['hx-request']) {
      const next = done?.open ?? (done?.gone ? undefined : { kind: kindId, id });
      return response.redirect(303, next ? resourceUrls(attempt, next.kind, next.id).page : `/attempts/${attempt}`);
    }
    const next = done?.open ?? { kind: kindId, id };
    response.set('HX-Push-Url', done?.gone ? `/attempts/${attempt}` : resourceUrls(attempt, next.kind, next.id).page);
    // The tree and the command line below hear of it.
    if (aws.changes.length > 0) response.set('HX-Trigger-After-Swap', 'resources-changed');
    if (done?.gone) {
      const gone = { ...faultyEditor(attempt, kindId, id, ''), done: aws.changes, title: `${kind.one} deleted` };
      return render(response, 'attempt/editor', gone);
    }
    const model = await editorModel({
      attempt,
      kind: kindOf(next.kind),
      id: next.id,
      aws: new Aws({ training, learner, attempt }),
      done: aws.changes,
      ...(done?.output ? { output: done.output } : {}),
    });
    await render(response, 'attempt/editor', model);
  });

  /** What AWS would say to a policy text, with places: for the editor's margin. */
  router.post('/attempts/:attempt/lint', express.json({ limit: '300kb' }), async (request, response) => {
    const context = visit(app, request);
    const { training, learner } = context;
    const { attempt } = parse(attemptParams, request.params);
    const { text, kind } = parse(lintBody, request.body);
    training.view(learner, attempt);
    const { problems } = parsePolicy(text, kind);
    response.json({ problems: problems.slice(0, 50), notes: problems.length === 0 ? await policyNotes(text) : [] });
  });

  /** AWS's error beside the form that caused it; nothing typed is lost, as the form stays as it is. */
  async function refuse(request: Request, response: Response, error: unknown): Promise<void> {
    const { status, code, message } = describe(error, app.log);
    if (!request.headers['hx-request']) throw error;
    // The form's id comes back in this header; its place for faults is named after it.
    const form = String(request.headers['hx-trigger'] ?? '');
    if (/^[a-z0-9-]+$/.test(form)) response.set('HX-Retarget', `#${form}-fault`);
    response.set('HX-Reswap', 'innerHTML');
    response
      .status(status === 500 ? 500 : 422)
      .type('html')
      .set('cache-control', 'no-store');
    response.send(await html('attempt/fault', { code: code === 'learner' ? '' : code, message }));
  }

  return router;
}

function kindOf(id: string): ResourceKind {
  const kind = findKind(id);
  if (!kind) throw new LearnerError(404, `There is no editor for "${id}".`);
  return kind;
}
