import { Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../app.ts';
import { tracks } from '../../catalogue/types.ts';
import type { LabCard } from '../../training/types.ts';
import { formBody } from '../forms.ts';
import { labParams, parse } from '../input.ts';
import { markdownHtml } from '../markdown.ts';
import type { CataloguePage, LabPage, ProgressPage } from '../models/catalogue.ts';
import type { CommentsModel } from '../models/progress.ts';
import { render } from '../render.ts';
import { visit } from '../visit.ts';
import { commentModels } from './progress/comments.ts';

const trackTexts: Record<(typeof tracks)[number], { title: string; about: string }> = {
  identity: { title: 'Identity', about: 'Who may do what: roles, trust, resource policies.' },
  network: { title: 'Network', about: 'Who reaches whom: subnets, routes, endpoints.' },
  dependencies: { title: 'Dependencies', about: 'Code that others wrote: layers, packages, extensions.' },
  secrets: { title: 'Secrets', about: 'Where passwords and keys lie, and who can read them.' },
  injection: { title: 'Injection', about: 'Input that becomes code or a query.' },
  logging: { title: 'Logging', about: 'What is seen, and what should not be written down.' },
};

const controlNames: Record<string, string> = {
  cwe: 'CWE',
  attack: 'MITRE ATT&CK',
  owasp: 'OWASP',
  securityHub: 'AWS Security Hub',
  checkov: 'Checkov',
  prowler: 'Prowler',
};

/** As whom a lab is started: a team, or the person themselves. */
const startForm = z.object({ team: z.string().max(40).optional() });

/** The catalogue, a lab before it is started, one's own progress. */
export function catalogueRouter(app: AppContext): Router {
  const router = Router();

  router.get('/', async (request, response) => {
    const context = visit(app, request);
    const { training, learner } = context;
    const open = [
      ...training.attempts(learner).map((attempt) => ({ ...attempt, team: '' })),
      ...context.cohorts.teams
        .of(learner)
        .flatMap(({ id, name }) => training.attempts(learner, id).map((attempt) => ({ ...attempt, team: name }))),
    ];
    await render(response, 'catalogue', catalogueModel(training.catalogue(learner), open, training.backend));
  });

  router.get('/labs/:lab', async (request, response) => {
    const context = visit(app, request);
    const { training, learner } = context;
    const { lab: id } = parse(labParams, request.params);
    const lab = training.lab(id);
    const model: LabPage = {
      card: training.catalogue(learner).find((card) => card.id === lab.id)!,
      teams: context.cohorts.teams
        .of(learner)
        .filter(({ archived }) => !archived)
        .map(({ id: team, name }) => ({
          id: team,
          name,
          attempt: training.attempts(learner, team).find((attempt) => attempt.lab === lab.id)?.id,
        })),
      track: trackTexts[lab.metadata.track].title,
      situation: markdownHtml(lab.texts.situation),
      task: markdownHtml(lab.texts.task),
      mustKeepWorking: markdownHtml(lab.texts.mustKeepWorking),
      checks: Object.values(lab.definition.checks).map(({ kind, title, points }) => ({ kind, title, points })),
      before: training
        .catalogue(learner)
        .filter((card) => lab.metadata.prerequisites.includes(card.id))
        .map(({ id: before, metadata, progress }) => ({
          id: before,
          title: metadata.title,
          solved: progress.state === 'solved',
        })),
      controls: Object.entries(lab.metadata.controls).map(([name, values]) => ({
        name: controlNames[name] ?? name,
        values: values ?? [],
      })),
    };
    await render(response, 'lab', model);
  });

  router.post('/labs/:lab/start', formBody('1kb'), async (request, response) => {
    const context = visit(app, request);
    const { training, learner } = context;
    const { lab } = parse(labParams, request.params);
    const { team } = parse(startForm, request.body);
    const attempt = await training.start(learner, lab, context.cohorts.teams.workerOf(learner, team));
    response.redirect(303, `/attempts/${attempt.id}`);
  });

  router.get('/progress', async (request, response) => {
    const context = visit(app, request);
    const { training, learner } = context;
    await render(
      response,
      'progress',
      progressModel(training.catalogue(learner), {
        attempt: '',
        comments: commentModels(context.progress, context.progress.comments.toPerson(learner)),
      }),
    );
  });

  return router;
}

function catalogueModel(
  cards: LabCard[],
  open: {
    id: string;
    title: string;
    lab: string;
    team: string;
    status: CataloguePage['going'][number]['status'];
    points: number;
    max: number;
    startedAt: number;
    backend: string;
  }[],
  backend: string,
): CataloguePage {
  const solved = (labs: LabCard[]): number => labs.filter(({ progress }) => progress.state === 'solved').length;
  const sum = (labs: LabCard[], of: (card: LabCard) => number): number =>
    labs.reduce((total, card) => total + of(card), 0);
  const known = tracks
    .map((id) => ({ id, ...trackTexts[id], labs: cards.filter(({ metadata }) => metadata.track === id) }))
    .filter(({ labs }) => labs.length > 0);
  return {
    backend,
    going: open
      .filter(({ lab, team, status }) =>
        team === '' ? cards.find(({ id }) => id === lab)?.progress.state === 'started' : status !== 'solved',
      )
      .sort((a, b) => b.startedAt - a.startedAt)
      .map(({ id, title, lab, team, status, points, max, startedAt, backend: place }) => ({
        attempt: id,
        title,
        lab,
        team,
        status,
        points,
        max,
        startedAt,
        backend: place,
      })),
    tracks: known.map((track) => ({ ...track, solved: solved(track.labs) })),
    solved: solved(cards),
    total: cards.length,
    points: sum(cards, ({ progress }) => progress.points),
    max: sum(cards, ({ max }) => max),
  };
}

function progressModel(cards: LabCard[], comments: CommentsModel): ProgressPage {
  const begun = cards.filter(({ progress }) => progress.state !== 'not-started');
  const skills = [...new Set(cards.flatMap(({ metadata }) => metadata.skills))].sort().map((name) => {
    const labs = cards.filter(({ metadata }) => metadata.skills.includes(name));
    return { name, solved: labs.filter(({ progress }) => progress.state === 'solved').length, total: labs.length };
  });
  return {
    labs: begun.map((card) => ({ ...card, track: trackTexts[card.metadata.track].title })),
    skills,
    solved: cards.filter(({ progress }) => progress.state === 'solved').length,
    points: cards.reduce((sum, { progress }) => sum + progress.points, 0),
    max: cards.reduce((sum, { max }) => sum + max, 0),
    timeMs: begun.reduce((sum, { progress }) => sum + (progress.timeMs ?? 0), 0),
    tries: begun.reduce((sum, { progress }) => sum + progress.tries, 0),
    comments,
  };
}
