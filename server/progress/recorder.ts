import { learnerRole } from '../catalogue/deploy.ts';
import type { CallRecord } from '../cloud/call-log.ts';
import type { ActivityCount, ActivityStore } from '../store/activity.ts';
import type { Store } from '../store/index.ts';
import type { ProgressStore } from '../store/progress.ts';
import type { Deed } from '../training/rules.ts';

/** Calls that send, read or run something and leave the account as it is built. */
const dataCalls =
  /^(?:Invoke|Send|Receive|Publish|PutObject|PostObject|UploadPart|CreateMultipartUpload|CompleteMultipartUpload|AbortMultipartUpload|CopyObject|DeleteObject|DeleteMessage|ChangeMessageVisibility|PurgeQueue|PutItem|UpdateItem|DeleteItem|BatchWrite|BatchGet|TransactWrite|TransactGet|ExecuteStatement|BatchExecuteStatement|BeginTransaction|CommitTransaction|RollbackTransaction|PutLogEvents|PutEvents|FilterLogEvents|StartQuery|Encrypt|Decrypt|GenerateDataKey|Sign|Verify|AssumeRole|Simulate|Generate|Test|Lookup)/;

/** A call that changed how the account is built. */
export function changesAccount({ readOnly, errorCode, eventName }: CallRecord): boolean {
  return !readOnly && errorCode === undefined && !dataCalls.test(eventName);
}

const deedCounts: Partial<Record<Deed, ActivityCount[]>> = {
  grade: ['grades'],
  attack: ['attacks'],
  hint: ['hints'],
  reset: ['resets', 'changes'],
  import: ['changes'],
};

/**
 * Writes down what people do in attempts: AWS calls in their name, edits on the page, grades, attacks, hints, resets.
 * A page that lies open is no activity, nor are calls of the functions and of what the page reads by itself.
 */
export class Recorder {
  private readonly store: Store;
  private readonly facts: ProgressStore;
  private readonly activity: ActivityStore;
  private readonly now: () => number;
  private readonly people = new Map<string, string>();
  /** Attempts in which an instructor acts at this moment: no activity of theirs. */
  private readonly quiet = new Set<string>();

  constructor(options: { store: Store; facts: ProgressStore; activity: ActivityStore; now: () => number }) {
    this.store = options.store;
    this.facts = options.facts;
    this.activity = options.activity;
    this.now = options.now;
  }

  onCall(attempt: string, record: CallRecord): void {
    const person = this.callerOf(attempt, record);
    if (person === undefined) return;
    const page = record.userAgent === 'lambda-range-page';
    if (page && record.readOnly) return;
    const counts: ActivityCount[] = [page ? 'edits' : 'calls'];
    if (changesAccount(record)) counts.push('changes');
    this.activity.add({ attempt, person, at: this.now(), counts });
  }

  onDeed(attempt: string, person: string, deed: Deed, at: number): void {
    if (this.quiet.has(attempt)) return;
    this.activity.add({ attempt, person, at, counts: deedCounts[deed] ?? [] });
    // Deeds are rare, and the clock is read when a grade is stored.
    this.activity.flush();
  }

  /** What is done in an attempt by somebody who teaches is not what its people did. Only until the first `await` of `work`. */
  unrecorded<T>(attempt: string, work: () => T): T {
    this.quiet.add(attempt);
    try {
      return work();
    } finally {
      this.quiet.delete(attempt);
    }
  }

  /** The person behind a call; undefined for functions, services and other users of the account. */
  private callerOf(attempt: string, { userIdentity }: CallRecord): string | undefined {
    const { arn, invokedBy, onBehalfOf } = userIdentity;
    if (invokedBy !== undefined) return undefined;
    if (onBehalfOf) return onBehalfOf.userId;
    const [, role, session] = /:assumed-role\/([^/]+)\/(.+)$/.exec(arn) ?? [];
    return role === learnerRole.name && session !== undefined ? this.personOf(attempt, session) : undefined;
  }

  /** Sessions are named after people: `Store.sessionName`. Without accounts, the owner. */
  private personOf(attempt: string, session: string): string {
    const known = this.people.get(session);
    if (known !== undefined) return known;
    const found = this.facts.peopleWithEnd(session.slice(-4)).filter((id) => this.store.sessionName(id) === session);
    if (found.length !== 1) return this.store.attempts.find(attempt)?.learner ?? session;
    this.people.set(session, found[0]!);
    return found[0]!;
  }
}
