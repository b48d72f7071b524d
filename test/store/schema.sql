-- What all migrations make together. Written by test/store/store.test.ts; do not edit.
CREATE TABLE attempts (
  id text primary key,
  learner text not null references learners (id) on delete cascade,
  lab text not null,
  lab_version integer not null,
  seed text not null,
  backend text not null check (backend in ('embedded')),
  created_at integer not null,
  -- set when deploy is done and the start state is written, in the same transaction
  ready_at integer,
  ended_at integer,
  gave_up_at integer,
  last_active_at integer not null,
  -- every record of the account as deployed, as deflated JSON: what reset returns to and the diff is taken from
  start_state blob
) strict, without rowid;
CREATE TABLE audit (
  seq integer primary key,
  at integer not null,
  actor text not null,
  attempt text,
  event text not null,
  details text not null
) strict;
CREATE TABLE calls (
  seq integer primary key,
  attempt text not null references attempts (id) on delete cascade,
  event text not null
) strict;
CREATE TABLE grades (
  id text primary key,
  attempt text not null references attempts (id) on delete cascade,
  created_at integer not null,
  seed text not null,
  verdict text not null check (verdict in ('solved', 'unsolved', 'void')),
  -- awarded when the grade was made; never computed again
  points integer not null,
  max integer not null,
  report text not null,
  diff text not null
) strict, without rowid;
CREATE TABLE hints (
  attempt text not null references attempts (id) on delete cascade,
  number integer not null,
  revealed_at integer not null,
  cost integer not null,
  primary key (attempt, number)
) strict, without rowid;
CREATE TABLE learners (
  id text primary key,
  name text not null,
  created_at integer not null
) strict, without rowid;
CREATE TABLE migrations (name text primary key, applied_at integer not null) strict;
CREATE TABLE records (
  attempt text not null references attempts (id) on delete cascade,
  tbl text not null,
  scope text not null,
  id text not null,
  value text not null,
  primary key (attempt, tbl, scope, id)
) strict, without rowid;
CREATE TABLE solves (
  learner text not null references learners (id) on delete cascade,
  lab text not null,
  attempt text not null,
  grade text not null,
  points integer not null,
  solved_at integer not null,
  primary key (learner, lab)
) strict, without rowid;
CREATE INDEX attempts_by_learner on attempts (learner, lab, created_at);
CREATE TRIGGER audit_is_append_only_delete before delete on audit begin select raise(abort, 'audit is append only'); end;
CREATE TRIGGER audit_is_append_only_update before update on audit begin select raise(abort, 'audit is append only'); end;
CREATE INDEX calls_by_attempt on calls (attempt, seq);
CREATE INDEX grades_by_attempt on grades (attempt, created_at);
CREATE INDEX records_by_id on records (tbl, id, attempt);
