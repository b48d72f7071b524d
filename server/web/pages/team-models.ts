import type { CallRecord } from '../../cloud/call-log.ts';
import type { Doer } from '../../training/types.ts';
import type { Presence } from '../presence.ts';
import type { PresenceModel } from '../view-models.ts';
import type { Visit } from '../visit.ts';

/** Is an attempt worked on by several people? */
export function shared({ training, learner }: Visit, attempt: string): boolean {
  return training.view(learner, attempt).learner !== learner;
}

/** Names who made a call of an attempt that several people work on; nobody in one's own attempt, and for no person. */
export function callersName(context: Visit, attempt: string): (record: CallRecord) => Doer | undefined {
  if (!shared(context, attempt)) return () => undefined;
  return (record) => context.training.callerOf(record);
}

/** Who is at a team's attempt now. */
export function presenceModel(context: Visit, attempt: string, presence: Presence): PresenceModel {
  return {
    shared: shared(context, attempt),
    people: presence.at(attempt).map(({ id, name, since }) => ({ name, since, you: id === context.learner })),
  };
}
