import type { RegradeView } from '../../../integrity/regrade.ts';
import type { Evidence } from '../../../integrity/signals.ts';
import type { NamedSignal, SignalKind } from '../../../store/signals.ts';
import type { IntegrityHead, RegradeLine, SignalLine, SignalSide } from '../../models/integrity.ts';
import type { Visit } from '../../visit.ts';

const kinds: Record<SignalKind, string> = {
  'foreign-value': 'Value of another attempt',
  'foreign-credential': 'Credential of another attempt',
  'same-fix': 'Same code',
  'two-networks': 'Two networks at a time',
  'solved-at-once': 'Solved at once',
};

/** @throws LearnerError 404 for who may not instruct the cohort */
export function headOf(context: Visit, cohort: string, here: IntegrityHead['here']): IntegrityHead {
  const { id, name } = context.people.demandCohort(context.viewer, cohort);
  return { cohort: id, name, here };
}

export const evidenceOf = (signal: NamedSignal): Evidence => JSON.parse(signal.evidence) as Evidence;

export function signalLine(context: Visit, cohort: string, signal: NamedSignal): SignalLine {
  const side = (attempt: string, owner: string | null, name: string | null, lab: string | null): SignalSide => {
    // Whom this instructor may not see is not named either.
    const visible = owner !== null && context.integrity.store.signals.ofCohort(cohort, owner);
    return {
      attempt,
      name: visible ? (name ?? 'somebody who left') : 'somebody outside this cohort',
      lab: title(context, lab ?? ''),
      href: visible ? `/cohorts/${cohort}/attempts/${attempt}` : '',
    };
  };
  return {
    id: signal.id,
    kind: kinds[signal.kind],
    what: evidenceOf(signal).what,
    one: side(signal.attempt, signal.owner, signal.owner_name, signal.lab),
    other: signal.other ? side(signal.other, signal.other_owner, signal.other_name, signal.other_lab) : undefined,
    at: signal.last_at,
    times: signal.times,
    state: signal.state,
  };
}

/** A lab's title, where it is still in the catalogue. */
export function title(context: Visit, lab: string): string {
  const known = context.integrity.catalogue.find(lab);
  return known?.metadata.title ?? lab;
}

export function regradeLine(context: Visit, job: RegradeView): RegradeLine {
  const { store } = context.integrity;
  const assessment = job.assessment === null ? undefined : store.assessments.find(job.assessment);
  return {
    id: job.id,
    lab: job.lab,
    title: title(context, job.lab),
    of: `${job.which === 'all' ? 'every grade' : 'best and last grades'}, ${assessment ? assessment.name : 'own pace'}`,
    at: job.created_at,
    by: store.nameOf(job.created_by) ?? 'somebody who left',
    finished: job.finished_at !== null,
    policy: job.policy ?? '',
    counts: job.counts,
  };
}
