import type { Actor } from '../../server/cohorts/rights.ts';
import type { Store } from '../../server/store/index.ts';

/** Somebody with an account, without the ceremony of signing up. */
export function person(store: Store, name: string, role: Actor['role'] = 'learner'): Actor & { email: string } {
  const id = `p${name.toLowerCase().replace(/\W/g, '').padEnd(8, '0')}`;
  const email = `${name.toLowerCase().replace(/\W/g, '')}@example.org`;
  store.ensureLearner(id, name, 1);
  store.database
    .prepare('insert into users (id, email, name, role, created_at) values (?, ?, ?, ?, 1)')
    .run(id, email, name, role);
  return { id, role, email };
}

/** The events of the audit trail from a place on, oldest first. */
export function audited(store: Store): { actor: string; event: string; details: Record<string, unknown> }[] {
  const rows = store.database.prepare('select actor, event, details from audit order by rowid').all() as {
    actor: string;
    event: string;
    details: string;
  }[];
  return rows.map((row) => ({ ...row, details: JSON.parse(row.details) as Record<string, unknown> }));
}
