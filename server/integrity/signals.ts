import { setImmediate } from 'node:timers/promises';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { CallRecord } from '../cloud/call-log.ts';
import { lowerAlphanumeric, secureRandom } from '../cloud/random.ts';
import type { FileBlobs } from '../cloud/state/blobs.ts';
import type { DiffEntry } from '../grading/types.ts';
import type { AttemptRow } from '../store/attempts.ts';
import type { Store } from '../store/index.ts';
import { unpackState } from '../store/records.ts';
import type { NamedSignal, SignalKind, SignalState } from '../store/signals.ts';
import { LearnerError } from '../training/errors.ts';
import { distinctiveValues, leadsOf, suffixOf, wordsOf, wordsOfLab } from './distinctive.ts';
import { filesOf } from './lab-files.ts';
import { Networks } from './networks.ts';
import { handOf, writtenTexts } from './written.ts';

export interface SignalsOptions {
  store: Store;
  catalogue: Catalogue;
  blobs: FileBlobs;
  now(): number;
  log(message: string, details: object): void;
}

/** What a person needs to judge a signal. */
export interface Evidence {
  /** One sentence. */
  what: string;
  /** Where it was seen: the call and its parameter, the file of a function. */
  where: string;
  when: number;
  /** The value or text as it stands there. */
  excerpt: string;
  /** ARN, address, or time that says who did it. */
  who?: string;
  /** Where the other one has it, for comparison. */
  there?: string;
}

const sweepMs = 5_000;
const callsAtOnce = 500;
const gradesAtOnce = 10;
const mostRefused = 1000;
/** Two owners who write the same so soon after each other have shared it; later it may come from a talk or a course. */
export const soon = 30 * 60_000;
/** Reading alone takes longer. */
export const atOnce = 45_000;

/**
 * Signs that work is not one's own. They are looked for in the background, in what is written down anyway; a person judges
 * each one, and nothing follows from any by itself.
 */
export class Signals {
  private readonly options: SignalsOptions;
  private readonly networks = new Networks();
  private readonly commonLines = new Map<string, ReadonlySet<string>>();
  private refused: { attempt: string; text: string; at: number }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;
  private closed = false;

  constructor(options: SignalsOptions) {
    this.options = options;
  }

  start(): void {
    this.timer = setInterval(() => void this.sweep(), sweepMs);
    this.timer.unref();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** Notes credentials that an attempt's account refused, as it did not give them out; the next sweep looks whose they are. */
  onRefusedKey(attempt: string, accessKeyId: string, sessionToken: string | undefined): void {
    if (this.refused.length >= mostRefused) return;
    const text = `${accessKeyId.slice(0, 128)} ${(sessionToken ?? '').slice(0, 128)}`;
    this.refused.push({ attempt, text, at: this.options.now() });
  }

  /** Looks at everything that came since the last sweep, a little at a time: requests are answered in between. */
  sweep(): Promise<void> {
    this.sweeping ??= this.sweepOnce()
      .catch((error: unknown) => {
        if (!this.closed) this.options.log('a sweep for signals failed', { error: String(error) });
      })
      .finally(() => {
        this.sweeping = undefined;
      });
    return this.sweeping;
  }

  list(cohort: string, state: SignalState | undefined, limit: number, offset = 0): NamedSignal[] {
    return this.options.store.signals.list(cohort, state, limit, offset);
  }

  counts(cohort: string): Record<SignalState, number> {
    return this.options.store.signals.counts(cohort);
  }

  /** @throws LearnerError 404 */
  get(cohort: string, id: string): NamedSignal {
    const found = this.options.store.signals.find(cohort, id);
    if (!found) throw new LearnerError(404, 'There is no such signal.');
    return found;
  }

  /** A signal as it may be told in a cohort: whom its instructors do not teach is not named. */
  shown(cohort: string, signal: NamedSignal) {
    const other = signal.other_owner !== null && this.options.store.signals.ofCohort(cohort, signal.other_owner);
    return {
      id: signal.id,
      kind: signal.kind,
      attempt: signal.attempt,
      lab: signal.lab,
      owner: signal.owner_name,
      other: other ? signal.other : null,
      otherOwner: other ? signal.other_name : null,
      firstAt: signal.first_at,
      lastAt: signal.last_at,
      times: signal.times,
      evidence: JSON.parse(signal.evidence) as Record<string, unknown>,
      state: signal.state,
      note: signal.note,
      version: signal.version,
    };
  }

  /** What a person makes of a signal. Nothing else changes. @throws LearnerError 409 where somebody judged it meanwhile */
  judge(
    actor: string,
    cohort: string,
    id: string,
    of: { state: SignalState; note: string; version: number },
  ): NamedSignal {
    const { store, now } = this.options;
    store.database.transaction(() => {
      const signal = this.get(cohort, id);
      const at = now();
      if (!store.signals.judge(id, of.version, { state: of.state, note: of.note, by: actor, at }))
        throw new LearnerError(
          409,
          `This signal was judged meanwhile: ${signal.judge ?? 'somebody'} made it "${signal.state}". Look again.`,
        );
      store.scores.audit(at, actor, signal.attempt, 'signal-judged', {
        signal: id,
        kind: signal.kind,
        from: signal.state,
        to: of.state,
        note: of.note,
      });
    })();
    return this.get(cohort, id);
  }

  private async sweepOnce(): Promise<void> {
    const { signals, calls } = this.options.store;
    for (let rows = signals.unindexed(5); rows.length > 0 && !this.closed; rows = signals.unindexed(5)) {
      for (const row of rows) this.index(row);
      await setImmediate();
    }
    for (const { attempt, text, at } of this.refused.splice(0)) {
      const row = this.options.store.attempts.find(attempt);
      if (row) this.readText(row, text, { where: 'credentials of a request to the AWS endpoint, refused', when: at });
    }
    calls.flush();
    for (let more = true; more && !this.closed; await setImmediate()) {
      const rows = signals.callsAfter(signals.mark('calls'), callsAtOnce);
      more = rows.length > 0;
      if (!more) break;
      this.options.store.database.transaction(() => {
        for (const row of rows) this.readCall(row.attempt, JSON.parse(row.event) as CallRecord);
        signals.setMark('calls', rows.at(-1)!.seq);
      })();
    }
    for (
      let rows = signals.uninspected(gradesAtOnce);
      rows.length > 0 && !this.closed;
      rows = signals.uninspected(gradesAtOnce)
    )
      for (const row of rows) {
        await this.readGrade(row.id);
        await setImmediate();
      }
  }

  private index({ id, lab, seed }: { id: string; lab: string; seed: string }): void {
    const { store, catalogue } = this.options;
    const start = store.attempts.startState(id);
    const folder = catalogue.find(lab)?.folder;
    const values = start
      ? distinctiveValues(seed, unpackState(start).records(), folder ? wordsOfLab(folder) : new Set())
      : new Map();
    // An attempt without any would be looked at again and again.
    if (values.size === 0) values.set(`none-${id}`, 'name');
    store.signals.addValues(id, values);
  }

  private readCall(attempt: string, record: CallRecord): void {
    const { store } = this.options;
    const row = store.attempts.find(attempt);
    if (!row) return;
    const { userIdentity, eventSource, eventName } = record;
    const at = Date.parse(record.eventTime);
    const text = JSON.stringify(record.requestParameters ?? '');
    this.readText(row, text, { where: `${eventSource.split('.')[0]}:${eventName}`, when: at, who: userIdentity.arn });
    if (record.userAgent === 'lambda-range-page') return;
    const hop = this.networks.see(attempt, userIdentity.arn, record.sourceIPAddress, at);
    if (!hop) return;
    const who = userIdentity.arn.split('/').at(-1)!;
    this.raise('two-networks', `${attempt}/${userIdentity.arn}/${[hop.one, hop.other].sort().join('/')}`, row, null, {
      what: `${who}'s credentials are used from ${hop.one} and ${hop.other} in turn.`,
      where: `${eventSource.split('.')[0]}:${eventName}`,
      when: at,
      who: userIdentity.arn,
      excerpt: `${hop.one} → ${hop.other} → ${hop.one}`,
    });
  }

  /** Values of others in a text of this attempt. */
  private readText(row: AttemptRow, text: string, at: { where: string; when: number; who?: string }): void {
    const { store } = this.options;
    for (const each of wordsOf(text)) {
      const { hash, attempt, credential } = leadsOf(each);
      const holders = hash ? store.signals.holdersOf(hash) : attempt ? [{ attempt, kind: 'secret' as const }] : [];
      // What two have is nobody's, and what one has oneself is one's own.
      if (holders.length !== 1 || holders[0]!.attempt === row.id) continue;
      const other = store.attempts.find(holders[0]!.attempt);
      if (!other || store.signals.related(row.learner, other.learner)) continue;
      const kind = credential ? 'credential' : holders[0]!.kind;
      const words = { account: 'The account number', name: 'The name', secret: 'A secret', credential: 'A credential' };
      const place = text.indexOf(each);
      this.raise(
        credential ? 'foreign-credential' : 'foreign-value',
        `${row.id}/${other.id}/${each.slice(0, 64)}`,
        row,
        other.id,
        {
          what: `${words[kind]} of another attempt is used in this one.`,
          ...at,
          excerpt: text.slice(Math.max(0, place - 120), place + each.length + 120),
          there: `${words[kind]} was made for the other attempt when it started, and is in no other.`,
        },
      );
    }
  }

  private async readGrade(id: string): Promise<void> {
    const { store, blobs, catalogue } = this.options;
    const grade = store.scores.grade(id);
    const row = grade && store.attempts.find(grade.attempt);
    const lab = row && catalogue.find(row.lab);
    const texts = grade && row ? await writtenTexts(JSON.parse(grade.diff) as DiffEntry[], blobs) : [];
    const common = lab ? this.linesOf(lab.id, lab.folder) : new Set<string>();
    if (this.closed) return;
    store.database.transaction(() => {
      if (!store.scores.grade(id)) return;
      store.signals.inspected(id);
      if (!grade || !row) return;
      const when = grade.started_at ?? grade.created_at;
      for (const written of texts) this.readText(row, written.text, { where: written.where, when });
      for (const written of texts) {
        const hash = handOf(written, suffixOf(row.seed), common);
        if (hash) this.compareHands(row, { hash, grade: id, when, where: written.where, text: written.text });
      }
      if (grade.verdict === 'solved' && row.ready_at !== null && when - row.ready_at < atOnce)
        this.readHaste(row, when);
    })();
  }

  private compareHands(
    row: AttemptRow,
    of: { hash: string; grade: string; when: number; where: string; text: string },
  ): void {
    const { signals } = this.options.store;
    const writers = signals.writersOf(of.hash, row.lab).filter(({ attempt }) => attempt !== row.id);
    signals.addText({ hash: of.hash, grade: of.grade, attempt: row.id, lab: row.lab, at: of.when, what: of.where });
    const strangers = writers.filter(({ owner }) => !signals.related(owner, row.learner));
    // What many write comes from a page that many read.
    if (strangers.length === 0 || strangers.length > 3) return;
    for (const { attempt, at } of strangers) {
      if (Math.abs(of.when - at) > soon) continue;
      this.raise('same-fix', [row.id, attempt].sort().join('/'), row, attempt, {
        what: `The same code, letter for letter, within ${Math.max(1, Math.round(Math.abs(of.when - at) / 60_000))} minutes.`,
        where: of.where,
        when: of.when,
        excerpt: of.text.slice(0, 4000),
        there: `Graded there ${new Date(at).toISOString()}.`,
      });
    }
  }

  private readHaste(row: AttemptRow, when: number): void {
    const { signals } = this.options.store;
    // Who did the lab before knows the way.
    if (signals.knewLab(row.learner, row.lab, row.created_at)) return;
    const seconds = Math.round((when - row.ready_at!) / 1000);
    this.raise('solved-at-once', row.id, row, null, {
      what: `Solved ${seconds} seconds after its start, by people who had not seen the lab here before.`,
      where: row.lab,
      when,
      excerpt: `started ${new Date(row.ready_at!).toISOString()}, graded ${new Date(when).toISOString()}`,
    });
  }

  /** Lines that stand in a lab's files, its known fixes among them. */
  private linesOf(lab: string, folder: string): ReadonlySet<string> {
    const known = this.commonLines.get(lab);
    if (known) return known;
    const found = new Set(filesOf(folder).flatMap((text) => text.split(/\r?\n/).map((line) => line.trim())));
    this.commonLines.set(lab, found);
    return found;
  }

  private raise(kind: SignalKind, thing: string, row: AttemptRow, other: string | null, evidence: Evidence): void {
    const { signals } = this.options.store;
    const id = `s${lowerAlphanumeric(secureRandom, 15)}`;
    signals.raise({
      id,
      kind,
      thing: `${kind}/${thing}`,
      attempt: row.id,
      other,
      at: evidence.when,
      evidence: JSON.stringify(evidence),
    });
  }
}
