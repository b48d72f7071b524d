import { beforeEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../server/store/index.ts';

let store: Store;
beforeEach(() => {
  store = openStore(':memory:');
  for (let i = 0; i < 5; i++) store.scores.audit(i, 'ada', null, 'event', { i });
});
const tamper = (sql: string): void => {
  store.database.exec(
    'drop trigger audit_is_append_only_update; drop trigger audit_is_append_only_delete; drop trigger audit_chain_is_append_only_delete; drop trigger audit_chain_is_append_only_update;',
  );
  store.database.exec(sql);
};
const wrong = (known?: string): string | undefined => store.scores.trail.verify(known).wrong;

describe('the chain of the audit trail', () => {
  it('holds, with the rows from before there was one', () => {
    expect(store.scores.trail.verify()).toMatchObject({ rows: 5, wrong: undefined });
    store.database.exec("insert into audit (at, actor, event, details) values (9, 'old', 'e', '{}')");
    store.scores.audit(10, 'ada', 'a1', 'later', {});
    expect(store.scores.trail.verify()).toMatchObject({
      rows: 7,
      wrong: undefined,
      head: store.scores.trail.last()!.hash,
    });
  });

  it('is added to only', () => {
    expect(() => store.database.exec("update audit_chain set hash = ''")).toThrow(/append only/);
    expect(() => store.database.exec('delete from audit_chain')).toThrow(/append only/);
  });

  it('tells a row that was changed, removed, slipped in or cut off', () => {
    tamper("update audit set details = '{}' where seq = 3");
    expect(wrong()).toBe('row 3 was changed');
  });

  it('tells a row that was removed from the middle or the end', () => {
    tamper('delete from audit where seq = 3');
    expect(wrong()).toContain('row 3 is missing');
    store.database.exec('delete from audit where seq > 3; delete from audit_chain where seq = 3');
    expect(wrong()).toMatch(/row \d/);
  });

  it('tells a row past the chain', () => {
    store.database.exec("insert into audit (at, actor, event, details) values (9, 'x', 'e', '{}')");
    expect(wrong()).toBe('row 6 was added past the chain');
  });

  it('tells a trail that was cut with its chain to who has kept a link', () => {
    const kept = store.scores.trail.last()!.hash;
    expect(wrong(kept)).toBeUndefined();
    tamper('delete from audit where seq = 5; delete from audit_chain where seq = 5');
    expect(wrong()).toBeUndefined();
    expect(wrong(kept)).toContain('not in the chain');
  });

  it('takes any text', () => {
    store.scores.audit(11, 'ada', null, 'x', { text: 'ä\u0000"' });
    expect(wrong()).toBeUndefined();
  });
});
