import { lowerAlphanumeric, secureRandom } from '../cloud/random.ts';
import { LearnerError } from '../training/errors.ts';
import { type AskLab, checkPublishedChange, readSettings, SettingsError } from './check-settings.ts';
import type { Actor, Assessment, Desk } from './desk.ts';
import type { Settings } from './settings.ts';

/** The later of two edits: it is refused, and both are shown. */
export class TwoEdits extends LearnerError {
  readonly stored: Assessment;

  constructor(stored: Assessment) {
    super(
      409,
      `Somebody else changed this assessment meanwhile: it has version ${stored.version} now. Compare, and send yours again with that version to put it in place of the other.`,
    );
    this.name = 'TwoEdits';
    this.stored = stored;
  }
}

/** An assessment from its first draft to the archive. */
export class Drafts {
  private readonly desk: Desk;

  constructor(desk: Desk) {
    this.desk = desk;
  }

  /** Cohorts that somebody may make an assessment for. */
  cohorts(actor: Actor): { id: string; name: string }[] {
    if (actor.role === 'learner') return [];
    return this.desk.store.assessments.cohortsOf(actor.role === 'administrator' ? undefined : actor.id);
  }

  /** Makes a draft. @throws SettingsError, and LearnerError 404 for a cohort that is not theirs */
  create(actor: Actor, cohort: string, name: unknown, given: unknown): Assessment {
    if (!this.cohorts(actor).some(({ id }) => id === cohort))
      throw new SettingsError([{ field: 'cohort', message: 'choose one of your cohorts' }]);
    const read = readSettings(name, given, this.askLab());
    const id = `x${lowerAlphanumeric(secureRandom, 15)}`;
    return this.desk.change(id, 'settings', () => {
      this.desk.store.assessments.insert({
        id,
        cohort,
        name: read.name,
        settings: JSON.stringify(read.settings),
        created_by: actor.id,
        created_at: this.desk.now(),
      });
      this.desk.audit(actor.id, id, 'assessment-made', { name: read.name, settings: read.settings });
      return this.desk.find(id)!;
    });
  }

  /**
   * Changes name and settings. @param version what the editor saw
   * @throws SettingsError for what is wrong, or may not change any more · TwoEdits for the later of two
   */
  edit(actor: Actor, id: string, version: number, name: unknown, given: unknown): Assessment {
    const before = this.desk.managed(actor, id);
    if (before.state === 'archived') throw new LearnerError(409, 'This assessment is archived: it stays as it is.');
    const read = readSettings(name, given, this.askLab(before));
    if (before.version !== version) throw new TwoEdits(before);
    if (before.state === 'published') {
      const problems = checkPublishedChange(before.settings, read.settings);
      if (problems.length) throw new SettingsError(problems, 409);
    }
    return this.put(actor, before, 'assessment-edited', { name: read.name, settings: read.settings });
  }

  /** Opens a draft to its cohort; from now on only what moves no points can change. @throws SettingsError as when it was written: labs may have gone */
  publish(actor: Actor, id: string, version: number): Assessment {
    const before = this.desk.managed(actor, id);
    if (before.state !== 'draft') throw new LearnerError(409, 'This assessment is published already.');
    readSettings(before.name, before.settings, this.askLab());
    if (before.version !== version) throw new TwoEdits(before);
    const window = this.desk.window(before);
    if (window.to <= this.desk.now())
      throw new SettingsError([{ field: 'to', message: 'is over already: nobody could begin' }]);
    return this.put(actor, before, 'assessment-published', { state: 'published', published_at: this.desk.now() });
  }

  /** Takes a published assessment back to a draft, while nobody has begun. */
  withdraw(actor: Actor, id: string, version: number): Assessment {
    const before = this.desk.managed(actor, id);
    if (before.state !== 'published') throw new LearnerError(409, 'This assessment is not published.');
    if (this.desk.store.entries.ofAssessment(id).length > 0)
      throw new LearnerError(409, 'Somebody has begun: this assessment cannot be taken back any more.');
    if (before.version !== version) throw new TwoEdits(before);
    return this.put(actor, before, 'assessment-withdrawn', { state: 'draft', published_at: null });
  }

  /** Puts an assessment away: nothing of it can be done or changed any more, everything can be read. */
  archive(actor: Actor, id: string, version: number): Assessment {
    const before = this.desk.managed(actor, id);
    if (before.state === 'archived') throw new LearnerError(409, 'This assessment is archived already.');
    if (this.desk.store.entries.unsettled(id).some(({ dry_run }) => dry_run === 0))
      throw new LearnerError(409, 'Somebody is still working, or their last state is not graded yet.');
    if (before.version !== version) throw new TwoEdits(before);
    return this.put(actor, before, 'assessment-archived', { state: 'archived' });
  }

  /** Shows results to whom the settings promise them after release. Review comes before. */
  release(actor: Actor, id: string, version: number): Assessment {
    const before = this.desk.managed(actor, id);
    if (before.state !== 'published') throw new LearnerError(409, 'Only a published assessment has results.');
    if (before.released_at !== null) throw new LearnerError(409, 'The results are released already.');
    const open = this.desk.store.entries.unsettled(id).filter(({ dry_run }) => dry_run === 0).length;
    if (open > 0)
      throw new LearnerError(
        409,
        `${open === 1 ? '1 entry is' : `${open} entries are`} still being worked on or graded: release the results when all are done.`,
      );
    if (!this.desk.store.entries.ofAssessment(id).length && this.desk.window(before).to > this.desk.now())
      throw new LearnerError(409, 'The window has not closed, and nobody has begun.');
    if (before.version !== version) throw new TwoEdits(before);
    return this.put(actor, before, 'results-released', { released_at: this.desk.now() });
  }

  private put(
    actor: Actor,
    before: Assessment,
    event: string,
    to: Partial<Pick<Assessment, 'name' | 'settings' | 'state' | 'published_at' | 'released_at'>>,
  ): Assessment {
    const after = { ...before, ...to };
    return this.desk.change(before.id, 'settings', () => {
      const done = this.desk.store.assessments.update(before.id, before.version, {
        ...after,
        settings: JSON.stringify(after.settings),
      });
      if (!done) throw new TwoEdits(this.desk.find(before.id) ?? before);
      const changes = changesBetween(before, after);
      this.desk.audit(actor.id, before.id, event, { version: before.version + 1, ...changes });
      return this.desk.find(before.id)!;
    });
  }

  /** @param before labs that it has already may stay, though they were retired since */
  private askLab(before?: Assessment): AskLab {
    const labs = new Map(this.desk.labs().map((lab) => [lab.id, lab]));
    const kept = new Set(before?.state === 'published' ? labsOf(before.settings) : []);
    return (id) => {
      const lab = labs.get(id);
      if (!lab) return `there is no lab "${id.slice(0, 60)}"`;
      if (lab.because === undefined || kept.has(id)) return undefined;
      return `"${lab.title}" is not available here: ${lab.because}`;
    };
  }
}

/** Every lab that an assessment may give. */
export function labsOf({ labs, pools }: Pick<Settings, 'labs' | 'pools'>): string[] {
  return [...labs.map(({ lab }) => lab), ...pools.flatMap((pool) => pool.labs)];
}

function changesBetween(before: Assessment, after: Assessment): object {
  const settings = Object.fromEntries(
    (Object.keys(after.settings) as (keyof Settings)[])
      .filter((key) => JSON.stringify(before.settings[key]) !== JSON.stringify(after.settings[key]))
      .map((key) => [key, { before: before.settings[key], after: after.settings[key] }]),
  );
  return {
    ...(before.name === after.name ? {} : { name: { before: before.name, after: after.name } }),
    ...(Object.keys(settings).length ? { settings } : {}),
  };
}
