import { EventEmitter } from 'node:events';
import type { AssessmentRow } from '../store/assessments.ts';
import type { EntryRow, NamedEntryRow } from '../store/entries.ts';
import type { Store } from '../store/index.ts';
import { LearnerError } from '../training/errors.ts';
import type { Training } from '../training/training.ts';
import type { Settings } from './settings.ts';
import { instantOf } from './time-zone.ts';
import { type Run, type Standing, type Stretch, standingOf, type Window, windowStanding } from './timing.ts';

/** Who acts: a person with their role. */
export interface Actor {
  id: string;
  role: 'learner' | 'instructor' | 'administrator';
}

export interface AssessmentsOptions {
  store: Store;
  training: Training;
  now?(): number;
  log?(message: string, details: object): void;
}

/** An assessment with its settings read. */
export interface Assessment extends Omit<AssessmentRow, 'settings'> {
  settings: Settings;
}

/** What changed in an assessment, for pages that are open. */
export type AssessmentEvent = 'settings' | 'clock' | 'announcement' | 'scores' | 'entries';

/** A lab as an organiser chooses it. */
export interface LabChoice {
  id: string;
  title: string;
  track: string;
  minutes: number;
  max: number;
  /** Why it cannot be used here; undefined where it can. */
  because: string | undefined;
}

interface Moves {
  all: Pick<Window, 'pauses' | 'extensions'>;
  of(entry: string): Pick<Run, 'pauses' | 'extensions'>;
}

/** What every part of the assessments shares: rows as they are read, rights, the clock, and who listens. */
export class Desk {
  readonly store: Store;
  readonly training: Training;
  private readonly options: AssessmentsOptions;
  private readonly events = new EventEmitter().setMaxListeners(0);
  /** By assessment: asked at every AWS call of every entry. */
  private readonly moves = new Map<string, Moves>();
  private readonly instants = new WeakMap<Assessment, { from: number; to: number }>();
  private readonly read = new Map<string, { version: number; assessment: Assessment }>();

  constructor(options: AssessmentsOptions) {
    this.options = options;
    this.store = options.store;
    this.training = options.training;
  }

  now(): number {
    return this.options.now?.() ?? Date.now();
  }

  log(message: string, details: object): void {
    this.options.log?.(message, details);
  }

  labs(): LabChoice[] {
    return this.training.catalogue('').map(({ id, metadata, max, because }) => ({
      id,
      title: metadata.title,
      track: metadata.track,
      minutes: metadata.minutes,
      max,
      because,
    }));
  }

  find(id: string): Assessment | undefined {
    const row = this.store.assessments.find(id);
    if (!row) return undefined;
    const known = this.read.get(id);
    if (known?.version === row.version) return known.assessment;
    const assessment = { ...row, settings: JSON.parse(row.settings) as Settings };
    this.read.set(id, { version: row.version, assessment });
    return assessment;
  }

  manages(actor: Actor, cohort: string): boolean {
    if (actor.role === 'administrator') return true;
    return actor.role === 'instructor' && this.store.assessments.isInstructor(cohort, actor.id);
  }

  /** @throws LearnerError 404 for one that is not there or not theirs to organise */
  managed(actor: Actor, id: string): Assessment {
    const found = this.find(id);
    if (!found || !this.manages(actor, found.cohort)) throw noAssessment(id);
    return found;
  }

  /** @throws LearnerError 404 for one that is not there, or that the actor neither organises nor is invited to */
  visible(actor: Actor, id: string): Assessment {
    const found = this.find(id);
    if (found && this.manages(actor, found.cohort)) return found;
    if (!found || found.state === 'draft' || !this.store.assessments.isMember(found.cohort, actor.id))
      throw noAssessment(id);
    return found;
  }

  /** @throws LearnerError 404 for an entry of another assessment */
  entry(assessment: Assessment, id: string): NamedEntryRow {
    const found = this.store.entries.find(id);
    if (found?.assessment !== assessment.id)
      throw new LearnerError(404, `There is no entry "${id.slice(0, 40)}" in this assessment.`);
    return found;
  }

  /** Person or team that somebody sits an assessment as. Undefined for who has no team yet. */
  partyOf(assessment: Assessment, person: string): { id: string; name: string } | undefined {
    if (assessment.settings.party === 'team') return this.store.entries.teamOf(assessment.cohort, person);
    const name = this.store.nameOf(person);
    return name === undefined ? undefined : { id: person, name };
  }

  /** The entry of somebody, by their person or team. */
  entryOf(assessment: Assessment, person: string): NamedEntryRow | undefined {
    const party = this.partyOf(assessment, person);
    return party && this.store.entries.ofParty(assessment.id, party.id, false);
  }

  window(assessment: Assessment): Window {
    const { minutes, beyondWindow } = assessment.settings;
    return {
      ...this.hours(assessment),
      duration: minutes === null ? null : minutes * 60_000,
      beyondWindow,
      ...this.movesOf(assessment.id).all,
    };
  }

  /** The window's own times: worked out once for each assessment as it was read. */
  private hours(assessment: Assessment): { from: number; to: number } {
    const known = this.instants.get(assessment);
    if (known) return known;
    const { from, to, zone } = assessment.settings;
    const hours = { from: instantOf(from, zone), to: instantOf(to, zone) };
    this.instants.set(assessment, hours);
    return hours;
  }

  /** Where the window stands for who has not begun. */
  windowStanding(assessment: Assessment): Standing {
    return windowStanding(this.window(assessment), this.now());
  }

  /** Where an entry's clock stands. A dry run knows no window. */
  standing(assessment: Assessment, entry: EntryRow, now = this.now()): Standing {
    const window = this.window(assessment);
    const run: Run = {
      startedAt: entry.started_at,
      extraMs: entry.extra_ms,
      ...this.movesOf(assessment.id).of(entry.id),
    };
    if (entry.dry_run === 0) return standingOf(window, run, now);
    const duration = window.duration ?? window.to - window.from;
    return standingOf({ ...window, duration, beyondWindow: true, pauses: [], extensions: [] }, run, now);
  }

  /** Everything that stopped the clock of an entry. */
  pausesOf(assessment: Assessment, entry: string): Stretch[] {
    const moves = this.movesOf(assessment.id);
    return [...moves.all.pauses, ...moves.of(entry).pauses];
  }

  /** An audit row: what somebody did to an assessment, or to an entry of it. */
  audit(actor: string, assessment: string, event: string, details: object): void {
    this.store.scores.audit(this.now(), actor, null, event, { assessment, ...details });
  }

  /** A change with its audit row, both or neither; who listens is told after it. */
  change<T>(assessment: string, event: AssessmentEvent, work: () => T): T {
    const result = this.store.database.transaction(work).immediate();
    this.changed(assessment, event);
    return result;
  }

  /** Tells open pages; what was read of the clock is read anew. */
  changed(assessment: string, event: AssessmentEvent): void {
    this.moves.delete(assessment);
    this.events.emit(assessment, event);
    this.events.emit('any', assessment, event);
  }

  subscribe(assessment: string, listener: (event: AssessmentEvent) => void): () => void {
    this.events.on(assessment, listener);
    return () => this.events.off(assessment, listener);
  }

  onAny(listener: (assessment: string, event: AssessmentEvent) => void): () => void {
    this.events.on('any', listener);
    return () => this.events.off('any', listener);
  }

  private movesOf(assessment: string): Moves {
    const known = this.moves.get(assessment);
    if (known) return known;
    const { pauses, extensions } = this.store.assessments.clockMoves(assessment);
    const of = (entry: string | null): Pick<Run, 'pauses' | 'extensions'> => ({
      pauses: pauses
        .filter((row) => row.entry === entry)
        .map(({ from_at, to_at }) => ({ from: from_at, to: to_at ?? undefined })),
      extensions: extensions.filter((row) => row.entry === entry).map(({ at, ms }) => ({ at, ms })),
    });
    const byEntry = new Map<string, Pick<Run, 'pauses' | 'extensions'>>();
    const moves: Moves = {
      all: of(null),
      of: (entry) => {
        let own = byEntry.get(entry);
        if (!own) byEntry.set(entry, (own = of(entry)));
        return own;
      },
    };
    this.moves.set(assessment, moves);
    return moves;
  }
}

export function noAssessment(id: string): LearnerError {
  return new LearnerError(404, `There is no assessment "${id.slice(0, 40)}".`);
}
