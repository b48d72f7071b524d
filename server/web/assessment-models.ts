import type { Assessment } from '../assessment/desk.ts';
import type { AssessmentCard, Phase, RunningEntry, Sitting, SittingLab } from '../assessment/overview.ts';
import { spell } from '../assessment/rules.ts';
import type { Settings, Shown } from '../assessment/settings.ts';
import { localAt } from '../assessment/time-zone.ts';
import { count } from './format.ts';
import type { BadgeModel, CardModel, EntriesPart, Moment, SittingPart, TopModel } from './models/assessments.ts';
import type { Visit } from './visit.ts';

export const phaseWords: Record<Phase, string> = {
  draft: 'Draft',
  upcoming: 'Not open yet',
  open: 'Open',
  running: 'Running',
  paused: 'Paused',
  finished: 'Finished',
  closed: 'Closed',
  archived: 'Archived',
};

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `1 Dec 2026, 09:00 Europe/Berlin` */
export function moment(at: number, zone: string): Moment {
  const [date, time] = localAt(at, zone).split('T') as [string, string];
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  return { at, text: `${day} ${months[month - 1]} ${year}, ${time} ${zone}` };
}

export function cardModel({ assessment, cohort, phase, opensAt, closesAt, standing }: AssessmentCard): CardModel {
  const { zone } = assessment.settings;
  return {
    id: assessment.id,
    name: assessment.name,
    cohort,
    phase,
    word: phaseWords[phase],
    opens: moment(opensAt, zone),
    closes: moment(closesAt, zone),
    leftMs: phase === 'running' ? standing?.leftMs : undefined,
  };
}

export function topModel({ assessments, viewer }: Visit, assessment: Assessment): TopModel {
  return {
    id: assessment.id,
    name: assessment.name,
    cohort: assessments.desk.store.assessments.cohortName(assessment.cohort) ?? '',
    organiser: assessments.desk.manages(viewer, assessment.cohort),
    board: assessments.scoreboard.visibleTo(viewer, assessment),
  };
}

const shownWords: Record<Shown, string> = {
  during: 'at once',
  'after-end': 'after your own end',
  'after-release': 'when results are released',
  never: 'never',
};

/** The rules in words, for who sits it. */
export function rulesModel(settings: Settings): { name: string; value: string }[] {
  const { minutes, tries, cooldown, policy, credits, hints, hintPrice, attacks, show, party, scoreboard } = settings;
  return [
    {
      name: 'Sat by',
      value: party === 'team' ? 'teams: all members share one timer and one account per lab' : 'everybody alone',
    },
    {
      name: 'Time',
      value: minutes === null ? 'until the window closes' : `${spell(minutes * 60_000)} from your start`,
    },
    {
      name: 'Tries',
      value: `${tries === null ? 'any number' : `${tries} for each lab`}${cooldown ? `, ${spell(cooldown * 60_000)} apart` : ''}`,
    },
    {
      name: 'What counts',
      value: {
        best: 'the best try',
        last: 'the last try',
        first: 'the first try',
        decreasing: `the best try, each worth less: ${credits.join(' %, ')} %`,
      }[policy],
    },
    {
      name: 'Hints',
      value:
        hints === 'off'
          ? 'off'
          : hints === 'free'
            ? 'free'
            : hintPrice === null
              ? 'cost points, as each lab says'
              : `${hintPrice} points each`,
    },
    { name: 'Attack runs', value: attacks ? 'allowed' : 'off' },
    { name: 'Scores are told', value: shownWords[show.scores] },
    { name: 'What checks say is told', value: shownWords[show.messages] },
    { name: 'Ranks are told', value: scoreboard.on ? shownWords[show.ranks] : 'never' },
    { name: 'Solutions are told', value: shownWords[show.solutions] },
    { name: 'When time is up', value: 'the last state of each lab is graded, if you changed it and have a try left' },
  ];
}

export function triesText(lab: Pick<SittingLab, 'triesLeft' | 'nextTryAt' | 'credit'>, now: number): string {
  const left =
    lab.triesLeft === undefined
      ? ''
      : lab.triesLeft === 0
        ? 'no tries left'
        : `${count(lab.triesLeft, 'try', 'tries')} left`;
  const next = lab.nextTryAt === undefined ? '' : `next in ${spell(lab.nextTryAt - now)}`;
  const worth = lab.credit === undefined || lab.triesLeft === 0 ? '' : `next is worth ${lab.credit} %`;
  return [left, next, worth].filter((part) => part !== '').join(', ');
}

export function sittingModel({ assessments }: Visit, sitting: Sitting, dryRun: boolean): SittingPart {
  const { assessment, phase, entry, standing, labs, accepted } = sitting;
  const { settings } = assessment;
  const member = sitting.party !== undefined;
  const running = phase === 'running';
  const mustAccept = accepted === false;
  return {
    id: assessment.id,
    dryRun,
    phase,
    word: phaseWords[phase],
    opens: moment(sitting.opensAt, settings.zone),
    closes: moment(sitting.closesAt, settings.zone),
    ends: standing && !standing.paused ? moment(entry?.finished_at ?? standing.endsAt, settings.zone) : undefined,
    leftMs: running || phase === 'paused' ? (standing?.leftMs ?? 0) : 0,
    paused: phase === 'paused',
    party: sitting.party?.name ?? '',
    team: settings.party === 'team' && !dryRun,
    members: sitting.members,
    honour: settings.honour,
    mustAccept: mustAccept && (entry === undefined || running),
    canBegin: dryRun ? entry === undefined : entry === undefined ? phase === 'open' && member : running && mustAccept,
    because: member || dryRun ? '' : 'This assessment is sat by teams, and you are in none.',
    begun: entry !== undefined,
    voided: entry?.voided_at ? (entry.void_reason ?? '') : '',
    labs: labs.map((lab) => ({
      lab: lab.lab,
      title: lab.title,
      minutes: lab.minutes,
      max: lab.max,
      attempt: lab.attempt ?? '',
      state: lab.score?.solved
        ? 'solved'
        : lab.score && lab.score.tries > 0
          ? 'graded'
          : lab.attempt
            ? 'opened'
            : 'not opened',
      points: lab.score?.points,
      tries: triesText(lab, assessments.desk.now()),
    })),
    points: sitting.points,
    max: sitting.max,
    announcements: sitting.announcements.map(({ at, text }) => ({ at, text })),
    canFinish: running && !mustAccept,
  };
}

/** What the workbench says of the assessment that an attempt belongs to; undefined for all others. */
export function badgeModel({ assessments }: Visit, attempt: { learner: string; lab: string }): BadgeModel | undefined {
  const rules = assessments.sittings.rulesOf(attempt);
  if (!rules) return undefined;
  const { assessment, entry } = rules;
  const { leftMs, paused, over } = assessments.desk.standing(assessment, entry);
  const tries = { triesLeft: rules.triesLeft(), nextTryAt: rules.nextTryAt(), credit: undefined };
  return {
    id: assessment.id,
    name: assessment.name,
    dryRun: entry.dry_run === 1,
    leftMs,
    paused,
    over: over || entry.finished_at !== null,
    tries: triesText(tries, assessments.desk.now()),
  };
}

export function entriesModel(id: string, entries: readonly RunningEntry[]): EntriesPart {
  return {
    id,
    rows: entries.map((entry) => ({
      id: entry.id,
      name: entry.name,
      phase: entry.phase,
      word: entry.phase === 'finished' && !entry.settled ? 'Last state is graded' : phaseWords[entry.phase],
      leftMs: entry.phase === 'finished' ? 0 : entry.standing.leftMs,
      paused: entry.phase === 'paused',
      ownPause: entry.ownPause,
      running: entry.phase === 'running' || entry.phase === 'paused',
      extraMinutes: Math.round(entry.extraMs / 60_000),
      opened: `${entry.labsOpened} of ${entry.labs}`,
      points: entry.points,
      lastActiveAt: entry.lastActiveAt,
      voided: entry.voided,
      settled: entry.settled,
    })),
  };
}
