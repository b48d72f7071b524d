import { z } from 'zod';
import { EditConflict } from '../../cohorts/edit-conflict.ts';
import { LearnerError } from '../../training/errors.ts';
import { sentence } from '../forms.ts';
import type { RefusedForm } from '../models/cohorts.ts';

/** What is typed into a field of a form; its own rules are the domain's. */
export const typedText = z.string().max(12_000, 'this is far too long');

/** What the forms of cohorts and teams ask for. */
const fields = ['name', 'email', 'code', 'seats', 'bracket', 'version'];

export interface Refusable {
  status: number;
  form: RefusedForm;
}

/**
 * A refusal that the page shows beside its form, which keeps what had been typed. Where somebody else's edit came before,
 * the form has the version of that one: sent again, it is put in the other's place.
 * @throws the error again where it is none of the form's
 */
export function refusedForm(error: unknown, form: string, body: unknown): Refusable {
  if (!(error instanceof LearnerError) || error.status >= 500) throw error;
  const typed = (body ?? {}) as Record<string, unknown>;
  const given = Object.fromEntries(
    fields.map((name) => [name, typeof typed[name] === 'string' ? typed[name].slice(0, 1000) : '']),
  );
  if (!(error instanceof EditConflict))
    return { status: error.status, form: { form, message: sentence(error.message), given, stored: [] } };
  const { version, ...stored } = error.stored;
  return {
    status: error.status,
    form: {
      form,
      message: 'Somebody else changed this meanwhile. Save again to put yours in place of theirs.',
      given: { ...given, version: String(version) },
      stored: Object.entries(stored).map(([name, value]) => ({ name, value: String(value ?? 'none') })),
    },
  };
}
