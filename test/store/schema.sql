-- What all migrations make together. Written by test/store/store.test.ts; do not edit.
CREATE TABLE activity (
  attempt text not null references attempts (id) on delete cascade,
  minute integer not null,
  person text not null,
  first_at integer not null,
  last_at integer not null,
  calls integer not null default 0,
  edits integer not null default 0,
  changes integer not null default 0,
  grades integer not null default 0,
  attacks integer not null default 0,
  hints integer not null default 0,
  resets integer not null default 0,
  primary key (attempt, minute, person)
) strict, without rowid;
CREATE TABLE adjustments (
  id integer primary key,
  entry text not null references entries (id) on delete cascade,
  lab text,
  points integer not null,
  reason text not null,
  actor text not null,
  at integer not null
) strict;
CREATE TABLE announcements (
  id integer primary key,
  assessment text not null references assessments (id) on delete cascade,
  at integer not null,
  actor text not null,
  text text not null
) strict;
CREATE TABLE assessments (
  id text primary key,
  cohort text not null references cohorts (id) on delete cascade,
  name text not null,
  -- JSON: server/assessment/settings.ts; what decides points does not change once it is published
  settings text not null,
  state text not null check (state in ('draft', 'published', 'archived')),
  -- counts changes, so that the later of two edits is told
  version integer not null default 1,
  created_by text not null,
  created_at integer not null,
  published_at integer,
  released_at integer
) strict, without rowid;
CREATE TABLE attempt_progress (
  attempt text primary key references attempts (id) on delete cascade,
  tries integer not null default 0,
  -- the best grade: most points, then most checks, then the first
  best text,
  passed integer,
  checks integer,
  points integer,
  solved_at integer,
  -- time on task until it was solved; null until somebody asked
  solved_ms integer,
  hints integer not null default 0,
  first_hint_at integer,
  -- time on task until the last activity: server/progress/clock.ts
  active_ms integer not null default 0,
  first_at integer,
  last_at integer,
  -- the last change of the account by a person, and what the clock said then
  changed_at integer,
  changed_ms integer not null default 0
) strict, without rowid;
CREATE TABLE attempts (
  id text primary key,
  learner text not null references learners (id) on delete cascade,
  lab text not null,
  lab_version integer not null,
  seed text not null,
  created_at integer not null,
  -- set when deploy is done and the start state is written, in the same transaction
  ready_at integer,
  ended_at integer,
  gave_up_at integer,
  last_active_at integer not null,
  -- every record of the account as deployed, as deflated JSON: what reset returns to and the diff is taken from
  start_state blob
, backend text not null default 'embedded') strict, without rowid;
CREATE TABLE audit (
  seq integer primary key,
  at integer not null,
  actor text not null,
  attempt text,
  event text not null,
  details text not null
) strict;
CREATE TABLE audit_chain (
  seq integer primary key,
  hash text not null
) strict;
CREATE TABLE calls (
  seq integer primary key,
  attempt text not null references attempts (id) on delete cascade,
  event text not null
) strict;
CREATE TABLE cohort_instructors (
  cohort text not null references cohorts (id) on delete cascade,
  user text not null references users (id) on delete cascade,
  primary key (cohort, user)
) strict, without rowid;
CREATE TABLE cohort_members (
  cohort text not null references cohorts (id) on delete cascade,
  user text not null references users (id) on delete cascade,
  joined_at integer not null,
  primary key (cohort, user)
) strict, without rowid;
CREATE TABLE cohorts (
  id text primary key,
  name text not null,
  created_at integer not null,
  archived_at integer,
  -- counts changes, so that the later of two edits of one thing is told
  version integer not null default 1
) strict, without rowid;
CREATE TABLE comments (
  id text primary key,
  cohort text not null references cohorts (id) on delete cascade,
  owner text not null references learners (id) on delete cascade,
  attempt text references attempts (id) on delete cascade,
  lab text,
  check_id text,
  -- the comment that was written once to all who made the same fix
  batch text not null,
  kind text not null check (kind in ('essential', 'actionable', 'informative', 'celebratory')),
  text text not null,
  author text not null,
  created_at integer not null
) strict, without rowid;
CREATE TABLE distinctive_values (
  hash text not null,
  attempt text not null references attempts (id) on delete cascade,
  kind text not null check (kind in ('account', 'name', 'secret')),
  primary key (hash, attempt)
) strict, without rowid;
CREATE TABLE entries (
  id text primary key references learners (id) on delete cascade,
  assessment text not null references assessments (id) on delete cascade,
  -- the person, or the team
  party text not null references learners (id) on delete cascade,
  -- the author's own try: counted nowhere
  dry_run integer not null default 0 check (dry_run in (0, 1)),
  -- draws the labs of the pools
  seed text not null,
  -- JSON: the labs in order, [{"lab": …, "weight": …}]
  drawn text not null,
  started_at integer not null,
  started_by text not null,
  -- own timer: the greatest extra time of its members when it began, or given since
  extra_ms integer not null default 0,
  -- when its time was over, or it was handed in; never later than its end, however late that was noticed
  finished_at integer,
  finished_by text,
  -- when the last state of its attempts was graded
  settled_at integer,
  voided_at integer,
  voided_by text,
  void_reason text,
  unique (assessment, party, dry_run)
) strict, without rowid;
CREATE TABLE extensions (
  id integer primary key,
  assessment text not null references assessments (id) on delete cascade,
  entry text references entries (id) on delete cascade,
  at integer not null,
  ms integer not null,
  reason text not null,
  actor text not null
) strict;
CREATE TABLE grade_blobs (
  grade text not null references grades (id) on delete cascade,
  name text not null,
  primary key (grade, name)
) strict, without rowid;
CREATE TABLE grade_checks (
  grade text not null references grades (id) on delete cascade,
  check_id text not null,
  status text not null,
  primary key (grade, check_id)
) strict, without rowid;
CREATE TABLE grade_fixes (
  grade text primary key references grades (id) on delete cascade,
  hash text not null,
  sample text not null
) strict, without rowid;
CREATE TABLE grade_states (
  grade text primary key references grades (id) on delete cascade,
  state blob not null
) strict, without rowid;
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
, actor text, started_at integer, voided_at integer, void_reason text, voided_by text, passed integer, checks integer) strict, without rowid;
CREATE TABLE hints (
  attempt text not null references attempts (id) on delete cascade,
  number integer not null,
  revealed_at integer not null,
  cost integer not null,
  primary key (attempt, number)
) strict, without rowid;
CREATE TABLE honours (
  entry text not null references entries (id) on delete cascade,
  person text not null,
  at integer not null,
  primary key (entry, person)
) strict, without rowid;
CREATE TABLE inspected_grades (
  grade text primary key references grades (id) on delete cascade
) strict, without rowid;
CREATE TABLE integrity_marks (
  name text primary key,
  at integer not null
) strict, without rowid;
CREATE TABLE invites (
  id text primary key,
  hash text not null unique,
  role text not null check (role in ('learner', 'instructor', 'administrator')),
  cohort text references cohorts (id) on delete cascade,
  -- JSON: e-mail domains that may use it; empty for any
  domains text not null,
  seats integer not null,
  used integer not null default 0 check (used <= seats),
  created_by text not null,
  created_at integer not null,
  expires_at integer not null,
  revoked_at integer
) strict, without rowid;
CREATE TABLE learners (
  id text primary key,
  name text not null,
  created_at integer not null
, kind text not null default 'person' check (kind in ('person', 'team', 'entry'))) strict, without rowid;
CREATE TABLE migrations (name text primary key, applied_at integer not null) strict;
CREATE TABLE pauses (
  id integer primary key,
  assessment text not null references assessments (id) on delete cascade,
  entry text references entries (id) on delete cascade,
  from_at integer not null,
  to_at integer,
  paused_by text not null,
  resumed_by text
) strict;
CREATE TABLE records (
  attempt text not null references attempts (id) on delete cascade,
  tbl text not null,
  scope text not null,
  id text not null,
  value text not null,
  primary key (attempt, tbl, scope, id)
) strict, without rowid;
CREATE TABLE regrade_jobs (
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
CREATE TABLE regrades (
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
CREATE TABLE reset_links (
  hash text primary key,
  user text not null references users (id) on delete cascade,
  created_by text not null,
  created_at integer not null,
  expires_at integer not null,
  used_at integer
) strict, without rowid;
CREATE TABLE sessions (
  hash text primary key,
  user text not null references users (id) on delete cascade,
  created_at integer not null,
  expires_at integer not null,
  last_seen_at integer not null,
  user_agent text not null
) strict, without rowid;
CREATE TABLE signals (
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
CREATE TABLE small_blobs (
  name text primary key,
  bytes blob not null,
  stored_at integer not null
) strict;
CREATE TABLE snoozes (
  attempt text primary key references attempts (id) on delete cascade,
  until_at integer not null,
  actor text not null,
  at integer not null
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
CREATE TABLE team_members (
  team text not null references teams (id) on delete cascade,
  user text not null references users (id) on delete cascade,
  joined_at integer not null,
  primary key (team, user)
) strict, without rowid;
CREATE TABLE teams (
  id text primary key references learners (id) on delete cascade,
  cohort text not null references cohorts (id) on delete cascade,
  name text not null,
  join_code text not null unique,
  code_made_at integer not null,
  -- how many people came in by this code; after as many as there are seats it is replaced
  code_uses integer not null default 0,
  seats integer not null,
  bracket text,
  created_at integer not null,
  version integer not null default 1,
  unique (cohort, name)
) strict, without rowid;
CREATE TABLE time_extras (
  assessment text not null references assessments (id) on delete cascade,
  person text not null references users (id) on delete cascade,
  ms integer not null check (ms > 0),
  primary key (assessment, person)
) strict, without rowid;
CREATE TABLE tokens (
  id text primary key,
  hash text not null unique,
  user text not null references users (id) on delete cascade,
  name text not null,
  created_at integer not null,
  expires_at integer,
  last_used_at integer
) strict, without rowid;
CREATE TABLE upstream_accounts (
  backend text not null,
  account text not null,
  attempt text not null,
  made_at integer not null,
  primary key (backend, account)
) strict, without rowid;
CREATE TABLE users (
  id text primary key references learners (id) on delete cascade,
  email text not null collate nocase unique,
  name text not null,
  role text not null check (role in ('learner', 'instructor', 'administrator')),
  -- argon2id in PHC form; absent until the person has chosen a password
  password text,
  created_at integer not null,
  disabled_at integer,
  last_seen_at integer
) strict, without rowid;
CREATE TABLE written_texts (
  hash text not null,
  grade text not null references grades (id) on delete cascade,
  attempt text not null references attempts (id) on delete cascade,
  lab text not null,
  at integer not null,
  what text not null,
  primary key (hash, attempt)
) strict, without rowid;
CREATE INDEX adjustments_by_entry on adjustments (entry);
CREATE INDEX announcements_by_assessment on announcements (assessment, at);
CREATE INDEX assessments_by_cohort on assessments (cohort);
CREATE INDEX attempt_progress_by_last on attempt_progress (last_at);
CREATE INDEX attempts_by_learner on attempts (learner, lab, created_at);
CREATE INDEX attempts_for_progress on attempts (learner, lab, created_at, ready_at, ended_at, gave_up_at);
CREATE INDEX audit_by_attempt on audit (attempt, seq);
CREATE TRIGGER audit_is_append_only_delete before delete on audit begin select raise(abort, 'audit is append only'); end;
CREATE TRIGGER audit_is_append_only_update before update on audit begin select raise(abort, 'audit is append only'); end;
CREATE TRIGGER audit_chain_is_append_only_delete before delete on audit_chain begin select raise(abort, 'the audit chain is append only'); end;
CREATE TRIGGER audit_chain_is_append_only_update before update on audit_chain begin select raise(abort, 'the audit chain is append only'); end;
CREATE INDEX calls_by_attempt on calls (attempt, seq);
CREATE INDEX cohort_instructors_by_user on cohort_instructors (user);
CREATE INDEX cohort_members_by_user on cohort_members (user);
CREATE INDEX comments_by_attempt on comments (attempt);
CREATE INDEX comments_by_owner on comments (owner, created_at);
CREATE INDEX distinctive_values_by_attempt on distinctive_values (attempt);
CREATE INDEX entries_by_party on entries (party);
CREATE INDEX entries_unsettled on entries (assessment) where settled_at is null;
CREATE TRIGGER entry_leaves_no_learner after delete on entries begin delete from learners where id = old.id; end;
CREATE INDEX extensions_by_assessment on extensions (assessment);
CREATE INDEX grade_fixes_by_hash on grade_fixes (hash);
CREATE TRIGGER grade_counts_for_its_attempt after update of passed, checks, points, verdict, voided_at on grades begin
  insert into attempt_progress (attempt) values (new.attempt) on conflict do nothing;
  update attempt_progress set
    tries = (select count(*) from grades where attempt = new.attempt and verdict <> 'void' and voided_at is null),
    solved_at = (select min(created_at) from grades where attempt = new.attempt and verdict = 'solved' and voided_at is null),
    solved_ms = case
      when solved_at is (select min(created_at) from grades where attempt = new.attempt and verdict = 'solved' and voided_at is null) then solved_ms
      when last_at is null then 0
      -- the clock is read while it stands where the grade was made; later it is computed from what was recorded
      when new.created_at >= last_at and new.verdict = 'solved' and new.voided_at is null then active_ms + min(new.created_at - last_at, 300000)
    end,
    (best, passed, checks, points) = (
      select id, passed, checks, points from grades
      where attempt = new.attempt and verdict <> 'void' and voided_at is null
      order by points desc, passed desc, created_at, id limit 1
    )
  where attempt = new.attempt;
end;
CREATE TRIGGER grade_is_counted after insert on grades begin
  insert into grade_checks (grade, check_id, status)
    select new.id, json_extract(value, '$.id'), json_extract(value, '$.status') from json_each(new.report, '$.checks');
  update grades set
    passed = (select count(*) from grade_checks where grade = new.id and status = 'passed'),
    checks = (select count(*) from grade_checks where grade = new.id)
  where id = new.id;
end;
CREATE TRIGGER grade_report_is_counted_again after update of report on grades begin
  delete from grade_checks where grade = new.id;
  insert into grade_checks (grade, check_id, status)
    select new.id, json_extract(value, '$.id'), json_extract(value, '$.status') from json_each(new.report, '$.checks');
  update grades set
    passed = (select count(*) from grade_checks where grade = new.id and status = 'passed'),
    checks = (select count(*) from grade_checks where grade = new.id)
  where id = new.id;
end;
CREATE INDEX grades_by_attempt on grades (attempt, created_at);
CREATE INDEX grades_for_scores on grades (attempt, created_at, verdict, points, max, started_at, actor, voided_at);
CREATE TRIGGER hint_is_counted after insert on hints begin
  insert into attempt_progress (attempt) values (new.attempt) on conflict do nothing;
  update attempt_progress set
    hints = (select count(*) from hints where attempt = new.attempt),
    first_hint_at = (select min(revealed_at) from hints where attempt = new.attempt)
  where attempt = new.attempt;
end;
CREATE INDEX invites_by_cohort on invites (cohort);
CREATE UNIQUE INDEX one_open_pause on pauses (assessment, coalesce(entry, '')) where to_at is null;
CREATE INDEX pauses_by_assessment on pauses (assessment);
CREATE INDEX records_by_id on records (tbl, id, attempt);
CREATE INDEX regrade_jobs_by_cohort on regrade_jobs (cohort, created_at);
CREATE INDEX regrades_by_grade on regrades (grade);
CREATE INDEX sessions_by_user on sessions (user);
CREATE INDEX signals_by_attempt on signals (attempt);
CREATE INDEX signals_by_other on signals (other);
CREATE INDEX team_members_by_user on team_members (user);
CREATE INDEX tokens_by_user on tokens (user);
CREATE INDEX upstream_accounts_by_attempt on upstream_accounts (attempt);
