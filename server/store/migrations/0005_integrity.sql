-- Each row of the audit trail over the one before it: whoever changes, removes or slips in a row breaks the chain.
create table audit_chain (
  seq integer primary key,
  hash text not null
) strict;
create trigger audit_chain_is_append_only_update before update on audit_chain begin select raise(abort, 'the audit chain is append only'); end;
create trigger audit_chain_is_append_only_delete before delete on audit_chain begin select raise(abort, 'the audit chain is append only'); end;
create index audit_by_attempt on audit (attempt, seq);

-- Grades made again from their stored accounts, after a check changed.
create table regrade_jobs (
  id text primary key,
  cohort text not null references cohorts (id) on delete cascade,
  lab text not null,
  -- whose entries; null: what people and teams of the cohort do at their own pace
  assessment text references assessments (id) on delete cascade,
  which text not null check (which in ('counting', 'all')),
  created_by text not null,
  created_at integer not null,
  finished_at integer,
  -- what was done with the differences: nothing, what went up, or all
  policy text check (policy in ('show', 'raise', 'apply')),
  decided_by text,
  decided_at integer,
  reason text
) strict, without rowid;
create index regrade_jobs_by_cohort on regrade_jobs (cohort, created_at);

-- Old and new beside each other, whatever becomes of the grade.
create table regrades (
  job text not null references regrade_jobs (id) on delete cascade,
  position integer not null,
  grade text not null references grades (id) on delete cascade,
  state text not null default 'waiting' check (state in ('waiting', 'same', 'changed', 'impossible')),
  -- why it could not be made again
  trouble text,
  old_points integer,
  new_points integer,
  old_verdict text,
  new_verdict text,
  old_report text,
  new_report text,
  done_at integer,
  applied_at integer,
  primary key (job, position)
) strict, without rowid;
create index regrades_by_grade on regrades (grade);

-- What is found in one attempt's account alone: account numbers, generated names, planted secrets; as hashes.
create table distinctive_values (
  hash text not null,
  attempt text not null references attempts (id) on delete cascade,
  kind text not null check (kind in ('account', 'name', 'secret')),
  primary key (hash, attempt)
) strict, without rowid;
create index distinctive_values_by_attempt on distinctive_values (attempt);

-- How far a sweep has come: the last row of calls that it read, and the like.
create table integrity_marks (
  name text primary key,
  at integer not null
) strict, without rowid;
-- grades that were looked at
create table inspected_grades (
  grade text primary key references grades (id) on delete cascade
) strict, without rowid;

-- Something for a person to look at and judge. Nothing follows from it by itself.
create table signals (
  id text primary key,
  kind text not null check (kind in ('foreign-value', 'foreign-credential', 'same-fix', 'two-networks', 'solved-at-once')),
  -- one row for one thing: seeing it again counts it
  thing text not null unique,
  attempt text not null references attempts (id) on delete cascade,
  other text references attempts (id) on delete set null,
  first_at integer not null,
  last_at integer not null,
  times integer not null default 1,
  -- JSON: what, where, when, whose
  evidence text not null,
  state text not null default 'open' check (state in ('open', 'dismissed', 'confirmed')),
  judged_by text,
  judged_at integer,
  note text,
  version integer not null default 1
) strict, without rowid;
create index signals_by_attempt on signals (attempt);
create index signals_by_other on signals (other);
-- what was typed, without what differs from attempt to attempt: equal texts of two owners have equal hashes
create table written_texts (
  hash text not null,
  grade text not null references grades (id) on delete cascade,
  attempt text not null references attempts (id) on delete cascade,
  lab text not null,
  at integer not null,
  what text not null,
  primary key (hash, attempt)
) strict, without rowid;
