import type { AttemptEvent } from '../../training/training.ts';
import type { Doer, StoredGrade } from '../../training/types.ts';
import { html } from '../render.ts';
import type { Visit } from '../visit.ts';
import {
  attackedModel,
  callRow,
  checkRow,
  checksModel,
  evidenceModel,
  hintsModel,
  outcomeModel,
  statusModel,
  verdictSentence,
} from './attempt-models.ts';
import { attemptComments } from './progress/comments.ts';
import { callersName } from './team-models.ts';

/** The name of a message, and the fragment of the page that it carries. */
export type Fragment = [name: string, html: string];

/** What a begun deed of another member reads like. */
const beginnings: Record<string, string> = {
  grading: 'started a grade',
  attacking: 'started the attack',
  provisioning: 'resets the account',
};

/** An event of an attempt as fragments of the page of one viewer: other members are named, the viewer is not. */
export async function fragments(
  context: Visit,
  attempt: string,
  event: AttemptEvent,
  number: number,
): Promise<Fragment[]> {
  const own = (by: Doer | undefined): boolean => by === undefined || by.id === context.learner;
  const line = async (by: Doer | undefined, mine: string, theirs: string): Promise<Fragment> => [
    'log',
    await html('attempt/log-line', { at: Date.now(), text: own(by) ? mine : `${by!.name} ${theirs}`, oob: false }),
  ];
  switch (event.type) {
    case 'call': {
      const row = callRow(event.record, callersName(context, attempt)(event.record), context.learner);
      return row.ours ? [] : [['call', await html('attempt/call', row)]];
    }
    case 'check':
      return [['check', await html('attempt/check', checkRow(event.report, true))]];
    case 'graded': {
      const sentence = verdictSentence(event.grade.report);
      return [
        ['graded', await gradedFragment(context, attempt, event.grade)],
        await line(event.grade.by, `Graded: ${sentence}`, `graded: ${sentence}`),
      ];
    }
    case 'step':
      return [['step', await html('attempt/step', { number, step: evidenceModel(event.step) })]];
    case 'attacked': {
      const model = attackedModel(event.report);
      const told = await line(event.by, model.sentence, `attacked. ${model.sentence}`);
      if (own(event.by)) return [told];
      return [['graded', inPlaceOf('attack', await html('attempt/attacked', model))], told];
    }
    case 'comment':
      return [['comments', await html('progress/comments', attemptComments(context.progress, attempt))]];
    case 'hint':
    case 'gave-up': {
      const told =
        event.type === 'hint'
          ? await line(event.by, `Hint ${event.number} shown.`, `took hint ${event.number}`)
          : await line(event.by, 'Given up: the solution is shown.', 'gave up: the solution is shown');
      // Who asked for it has it as the answer.
      return own(event.by) ? [told] : [['graded', await hintsFragment(context, attempt)], told];
    }
    case 'ended':
      return own(event.by) ? [] : [['reset', '']];
    case 'reset':
      return [['reset', ''], await line(event.by, 'Reset to the start.', 'reset the account to its start')];
    case 'imported':
      return [['reset', ''], await line(event.by, 'Account imported.', 'imported an account')];
    case 'queued': {
      const view = context.training.view(context.learner, attempt);
      const { place, of } = event;
      return [['status', await html('attempt/status', statusModel({ ...view, queued: { place, of } }))]];
    }
    case 'status': {
      const view = context.training.view(context.learner, attempt);
      const model = statusModel({ ...view, status: event.status, queued: undefined });
      const begun = beginnings[event.status];
      return [
        ['status', await html('attempt/status', model)],
        ...(begun === undefined ? [] : [await line(event.by, `${model.word} …`, begun)]),
        ...(event.status === 'attacking' && !own(event.by) ? [await emptiedSteps()] : []),
      ];
    }
  }
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
  // Whoever did not ask for the grade has its other consequences from here: a solved lab shows its solution.
  const hints = grade.by?.id === context.learner ? '' : await hintsFragment(context, attempt);
  return `${outcome}${inPlaceOf('checks', checks)}${hints}`;
}

async function hintsFragment(context: Visit, attempt: string): Promise<string> {
  const view = context.training.view(context.learner, attempt);
  return inPlaceOf('hints', await html('attempt/hints', hintsModel(context, view)));
}

/** The steps of an attack begin anew where another member started one. */
const emptiedSteps = async (): Promise<Fragment> => [
  'graded',
  inPlaceOf('attack', '<ol class="steps" id="steps" sse-swap="step" hx-swap="beforeend"></ol>'),
];

const inPlaceOf = (id: string, content: string): string => `<div id="${id}" hx-swap-oob="innerHTML">${content}</div>`;
