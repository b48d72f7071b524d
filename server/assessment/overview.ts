import type { AnnouncementRow } from '../store/assessments.ts';
import type { NamedEntryRow } from '../store/entries.ts';
import type { Actor, Assessment, Desk } from './desk.ts';
import type { Results } from './results.ts';
import { EntryRules, isShown } from './rules.ts';
import type { LabScore } from './scores.ts';
import { creditOf } from './scores.ts';
import { drawnOf } from './sittings.ts';
import type { Standing } from './timing.ts';

/** Where an assessment stands for somebody. */
export type Phase = 'draft' | 'upcoming' | 'open' | 'running' | 'paused' | 'finished' | 'closed' | 'archived';

export interface AssessmentCard {
  assessment: Assessment;
  cohort: string;
  opensAt: number;
  closesAt: number;
  phase: Phase;
  entry: NamedEntryRow | undefined;
  standing: Standing | undefined;
}

export interface SittingLab {
  lab: string;
  title: string;
  minutes: number;
  /** What it is worth: the lab's points times its weight. */
  max: number;
  attempt: string | undefined;
  /** Undefined while scores are not shown. */
  score: LabScore | undefined;
  triesLeft: number | undefined;
  nextTryAt: number | undefined;
  /** Per cent that the next try is worth, where the policy is decreasing. */
  credit: number | undefined;
}

/** An assessment as who sits it sees it. */
export interface Sitting extends AssessmentCard {
  party: { id: string; name: string } | undefined;
  members: string[];
  /** Undefined where there is nothing to accept. */
  accepted: boolean | undefined;
  labs: SittingLab[];
  /** Undefined while scores are not shown. */
  points: number | undefined;
  max: number;
  announcements: AnnouncementRow[];
  organiser: boolean;
}

/** An entry as who runs the assessment sees it. */
export interface RunningEntry {
  id: string;
  name: string;
  phase: Phase;
  standing: Standing;
  startedAt: number;
  extraMs: number;
  labsOpened: number;
  labs: number;
  points: number;
  lastActiveAt: number | undefined;
  voided: boolean;
  settled: boolean;
  /** Paused by itself, not with all. */
  ownPause: boolean;
}

/** What pages and the API show of assessments, apart from results. */
export class Overview {
  private readonly desk: Desk;
  private readonly results: Results;

  constructor(desk: Desk, results: Results) {
    this.desk = desk;
    this.results = results;
  }

  /** Assessments that somebody is invited to, newest first. */
  invited(actor: Actor): AssessmentCard[] {
    return this.desk.store.assessments
      .invitedTo(actor.id)
      .map(({ id }) => this.desk.find(id)!)
      .map((assessment) => this.card(assessment, this.desk.entryOf(assessment, actor.id)));
  }

  /** Assessments that somebody organises, newest first. */
  managed(actor: Actor): AssessmentCard[] {
    if (actor.role === 'learner') return [];
    return this.desk.store.assessments
      .managedBy(actor.role === 'administrator' ? undefined : actor.id)
      .map(({ id }) => this.card(this.desk.find(id)!, undefined));
  }

  /** One assessment for who sits it. @param dryRun the organiser's own try */
  sitting(actor: Actor, id: string, dryRun = false): Sitting {
    const assessment = dryRun ? this.desk.managed(actor, id) : this.desk.visible(actor, id);
    const { store } = this.desk;
    const party = this.desk.partyOf(assessment, actor.id);
    const entry = dryRun ? store.entries.ofParty(id, actor.id, true) : this.desk.entryOf(assessment, actor.id);
    const { honour, show } = assessment.settings;
    const told = isShown(this.desk, assessment, entry, show.scores);
    const labs = entry ? this.labsOf(assessment, entry, told) : [];
    const score = entry && told ? this.results.scoreOf(assessment, entry) : undefined;
    return {
      ...this.card(assessment, entry),
      party,
      members: party
        ? store.entries.peopleOf(party.id).map((person) => store.nameOf(person) ?? 'Somebody who left')
        : [],
      accepted:
        honour === '' ? undefined : entry !== undefined && store.entries.acceptedAt(entry.id, actor.id) !== undefined,
      labs,
      points: score?.points,
      max: labs.reduce((sum, { max }) => sum + max, 0),
      announcements: store.assessments.announcements(id),
      organiser: this.desk.manages(actor, assessment.cohort),
    };
  }

  /** Every entry, for who runs it; also the members who have not begun. */
  running(actor: Actor, id: string): { card: AssessmentCard; entries: RunningEntry[]; absent: string[] } {
    const assessment = this.desk.managed(actor, id);
    const { store } = this.desk;
    const scores = new Map(this.results.scores(assessment).map((result) => [result.id, result]));
    const ownPauses = new Set(
      store.assessments
        .clockMoves(id)
        .pauses.filter(({ entry, to_at }) => entry !== null && to_at === null)
        .map(({ entry }) => entry),
    );
    const rows = store.entries.ofAssessment(id);
    const entries = rows.map((entry): RunningEntry => {
      const standing = this.desk.standing(assessment, entry);
      const attempts = store.attempts.openOf(entry.id);
      return {
        id: entry.id,
        name: entry.name,
        phase: phaseOf(entry, standing),
        standing,
        startedAt: entry.started_at,
        extraMs: entry.extra_ms,
        labsOpened: attempts.length,
        labs: drawnOf(entry).length,
        points: scores.get(entry.id)?.points ?? 0,
        lastActiveAt: attempts.length ? Math.max(...attempts.map(({ last_active_at }) => last_active_at)) : undefined,
        voided: entry.voided_at !== null,
        settled: entry.settled_at !== null,
        ownPause: ownPauses.has(entry.id),
      };
    });
    const begun = new Set(rows.flatMap(({ party }) => store.entries.peopleOf(party)));
    return {
      card: this.card(assessment, undefined),
      entries,
      absent: store.assessments
        .members(assessment.cohort)
        .filter((person) => !begun.has(person.id))
        .map(({ name }) => name),
    };
  }

  private card(assessment: Assessment, entry: NamedEntryRow | undefined): AssessmentCard {
    const window = this.desk.windowStanding(assessment);
    const standing = entry && this.desk.standing(assessment, entry);
    const opensAt = this.desk.window(assessment).from;
    const phase = (): Phase => {
      if (assessment.state !== 'published') return assessment.state;
      if (entry && standing) return phaseOf(entry, standing);
      if (this.desk.now() < opensAt) return 'upcoming';
      return window.over ? 'closed' : window.paused ? 'paused' : 'open';
    };
    return {
      assessment,
      cohort: this.desk.store.assessments.cohortName(assessment.cohort) ?? '',
      opensAt,
      closesAt: window.endsAt,
      phase: entry?.dry_run === 1 && standing ? phaseOf(entry, standing) : phase(),
      entry,
      standing,
    };
  }

  private labsOf(assessment: Assessment, entry: NamedEntryRow, told: boolean): SittingLab[] {
    const choices = new Map(this.desk.labs().map((lab) => [lab.id, lab]));
    const attempts = this.desk.store.attempts.openOf(entry.id);
    const scores = this.results.scoreOf(assessment, entry).labs;
    return drawnOf(entry).map(({ lab, weight }) => {
      const rules = new EntryRules(this.desk, assessment, entry, lab);
      const score = scores.find((each) => each.lab === lab);
      return {
        lab,
        title: choices.get(lab)?.title ?? lab,
        minutes: choices.get(lab)?.minutes ?? 0,
        max: Math.round((choices.get(lab)?.max ?? 0) * weight),
        attempt: attempts.find((row) => row.lab === lab && row.ready_at !== null)?.id,
        score: told ? score : undefined,
        triesLeft: rules.triesLeft(),
        nextTryAt: rules.nextTryAt(),
        credit:
          assessment.settings.policy === 'decreasing' ? creditOf(assessment.settings, score?.tries ?? 0) : undefined,
      };
    });
  }
}

function phaseOf(entry: NamedEntryRow, standing: Standing): Phase {
  if (entry.finished_at !== null || standing.over) return 'finished';
  return standing.paused ? 'paused' : 'running';
}
