import express, { type Request, Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../../app.ts';
import { plainText } from '../../../assessment/settings.ts';
import { commentKinds } from '../../../store/comments.ts';
import { parse } from '../../input.ts';
import { deskOf, groupOf, groupSearch, id } from './desk.ts';

export const commentBody = z.object({ kind: z.enum(commentKinds), text: plainText(2000) });
export const snoozeMinutes = z.coerce.number().int().min(0).max(1440);
export const reasonText = plainText(500);
export const fixBody = z.object({ lab: z.string().max(100), check: z.string().max(100), fix: z.string().max(64) });

/** What an instructor does: each answers with the page that it was done on. */
export function progressActionsRouter(app: AppContext): Router {
  const router = Router();
  const form = express.urlencoded({ extended: false, limit: '64kb' });
  const attemptOf = (request: Request): string => parse(z.object({ attempt: id }), request.params).attempt;

  router.post('/cohorts/:cohort/people/:owner/comments', form, (request, response) => {
    const { help, viewer, cohort } = deskOf(app, request);
    const { owner } = parse(z.object({ owner: id }), request.params);
    help.comment(viewer.id, cohort.id, owner, parse(commentBody, request.body));
    response.redirect(303, `/cohorts/${cohort.id}/people/${encodeURIComponent(owner)}`);
  });

  router.post('/cohorts/:cohort/attempts/:attempt/comments', form, (request, response) => {
    const { help, progress, viewer, cohort } = deskOf(app, request);
    const { attempt } = progress.attempt(cohort.id, attemptOf(request));
    help.comment(viewer.id, cohort.id, attempt.owner, parse(commentBody, request.body), attempt.id);
    response.redirect(303, `/cohorts/${cohort.id}/attempts/${attempt.id}`);
  });

  router.post('/cohorts/:cohort/checks/comments', form, (request, response) => {
    const desk = deskOf(app, request);
    const { help, viewer, cohort } = desk;
    const group = groupOf(desk, request.query);
    const fix = parse(fixBody, request.body);
    help.commentOnFix(
      viewer.id,
      { ...fix, cohort: cohort.id, assessment: group.assessment, by: group.of === 'teams' ? 'teams' : 'people' },
      parse(commentBody, request.body),
    );
    const search = groupSearch(group);
    response.redirect(
      303,
      `/cohorts/${cohort.id}/checks${search}${search ? '&' : '?'}lab=${encodeURIComponent(fix.lab)}`,
    );
  });

  router.post('/cohorts/:cohort/comments/:comment/remove', form, (request, response) => {
    const { help, viewer, cohort } = deskOf(app, request);
    const { comment } = parse(z.object({ comment: id }), request.params);
    const { owner, attempt } = help.removeComment(viewer, cohort.id, comment);
    response.redirect(303, `/cohorts/${cohort.id}/${attempt === null ? `people/${owner}` : `attempts/${attempt}`}`);
  });

  router.post('/cohorts/:cohort/attempts/:attempt/snooze', form, (request, response) => {
    const desk = deskOf(app, request);
    const attempt = attemptOf(request);
    const { minutes } = parse(z.object({ minutes: snoozeMinutes }), request.body);
    desk.help.snooze(desk.viewer.id, desk.cohort.id, attempt, minutes * 60_000);
    const { from } = parse(z.object({ from: z.enum(['now', 'attempt']).default('attempt') }), request.query);
    response.redirect(
      303,
      from === 'now'
        ? `/cohorts/${desk.cohort.id}/now${groupSearch(groupOf(desk, request.query))}`
        : `/cohorts/${desk.cohort.id}/attempts/${encodeURIComponent(attempt)}`,
    );
  });

  router.post('/cohorts/:cohort/attempts/:attempt/reset', form, async (request, response) => {
    const { help, viewer, cohort } = deskOf(app, request);
    const attempt = attemptOf(request);
    await help.reset(viewer.id, cohort.id, attempt);
    response.redirect(303, `/cohorts/${cohort.id}/attempts/${attempt}`);
  });

  router.post('/cohorts/:cohort/attempts/:attempt/grades/:grade/void', form, (request, response) => {
    const { help, viewer, cohort } = deskOf(app, request);
    const attempt = attemptOf(request);
    const { grade } = parse(z.object({ grade: id }), request.params);
    const { reason } = parse(z.object({ reason: reasonText }), request.body);
    help.voidGrade(viewer.id, cohort.id, attempt, grade, reason);
    response.redirect(303, `/cohorts/${cohort.id}/attempts/${attempt}?grade=${encodeURIComponent(grade)}`);
  });

  router.post('/cohorts/:cohort/attempts/:attempt/extend', form, (request, response) => {
    const { help, viewer, cohort } = deskOf(app, request);
    const attempt = attemptOf(request);
    const { minutes, reason } = parse(
      z.object({ minutes: z.coerce.number().int().min(1).max(10_080), reason: reasonText }),
      request.body,
    );
    help.extend(viewer, cohort.id, attempt, minutes * 60_000, reason);
    response.redirect(303, `/cohorts/${cohort.id}/attempts/${attempt}`);
  });

  return router;
}
