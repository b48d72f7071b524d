-- What an instructor sees of work under way. Facts about grades are written down when a grade is stored, by triggers, so
-- that no page reads a report to count checks and no writer of grades can forget them.

-- A voided grade counts nowhere; it stays, with who voided it and why.
alter table grades add column voided_at integer;
alter table grades add column void_reason text;
alter table grades add column voided_by text;
-- everything that an assessment's score needs of a grade, without its report
create index grades_for_scores on grades (attempt, created_at, verdict, points, max, started_at, actor, voided_at);
-- checks of the report that passed, and all of them
alter table grades add column passed integer;
alter table grades add column checks integer;

create table grade_checks (
  grade text not null references grades (id) on delete cascade,
  check_id text not null,
  status text not null,
  primary key (grade, check_id)
) strict, without rowid;

-- An attempt as the heat map shows it: of grades that count, hints, and the clock of time on task.
create table attempt_progress (
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
create index attempt_progress_by_last on attempt_progress (last_at);

-- What a person did in an attempt, a row a minute.
create table activity (
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

-- all that the heat map asks of an attempt, beside its start state, which is large
create index attempts_for_progress on attempts (learner, lab, created_at, ready_at, ended_at, gave_up_at);

-- the fix of a grade without what differs from attempt to attempt: equal fixes have equal hashes
create table grade_fixes (
  grade text primary key references grades (id) on delete cascade,
  hash text not null,
  sample text not null
) strict, without rowid;
create index grade_fixes_by_hash on grade_fixes (hash);

create table comments (
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
create index comments_by_owner on comments (owner, created_at);
create index comments_by_attempt on comments (attempt);

-- "Stuck" is not shown before this time.
create table snoozes (
  attempt text primary key references attempts (id) on delete cascade,
  until_at integer not null,
  actor text not null,
  at integer not null
) strict, without rowid;

create trigger grade_is_counted after insert on grades begin
  insert into grade_checks (grade, check_id, status)
    select new.id, json_extract(value, '$.id'), json_extract(value, '$.status') from json_each(new.report, '$.checks');
  update grades set
    passed = (select count(*) from grade_checks where grade = new.id and status = 'passed'),
    checks = (select count(*) from grade_checks where grade = new.id)
  where id = new.id;
end;

create trigger grade_report_is_counted_again after update of report on grades begin
  delete from grade_checks where grade = new.id;
  insert into grade_checks (grade, check_id, status)
    select new.id, json_extract(value, '$.id'), json_extract(value, '$.status') from json_each(new.report, '$.checks');
  update grades set
    passed = (select count(*) from grade_checks where grade = new.id and status = 'passed'),
    checks = (select count(*) from grade_checks where grade = new.id)
  where id = new.id;
end;

create trigger grade_counts_for_its_attempt after update of passed, checks, points, verdict, voided_at on grades begin
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

create trigger hint_is_counted after insert on hints begin
  insert into attempt_progress (attempt) values (new.attempt) on conflict do nothing;
  update attempt_progress set
    hints = (select count(*) from hints where attempt = new.attempt),
    first_hint_at = (select min(revealed_at) from hints where attempt = new.attempt)
  where attempt = new.attempt;
end;

-- grades and hints that are there already
insert into attempt_progress (attempt, hints, first_hint_at)
  select attempts.id, count(hints.number), min(hints.revealed_at)
  from attempts left join hints on hints.attempt = attempts.id group by attempts.id;
update grades set report = report;
