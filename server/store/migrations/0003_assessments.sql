-- Timed assessments. What a score is made of is rows that are only added: grades (0001), pauses, extensions, adjustments.
create table assessments (
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
create index assessments_by_cohort on assessments (cohort);

-- A person or team in an assessment. Its id is that of the learner that owns its attempts: attempts.learner = entries.id.
create table entries (
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
create index entries_by_party on entries (party);
create index entries_unsettled on entries (assessment) where settled_at is null;
-- the learner that an entry is goes with it, and its attempts with the learner
create trigger entry_leaves_no_learner after delete on entries begin delete from learners where id = old.id; end;

-- who accepted the honour statement, each for themselves
create table honours (
  entry text not null references entries (id) on delete cascade,
  person text not null,
  at integer not null,
  primary key (entry, person)
) strict, without rowid;

-- While one of these is open nothing runs: of everybody where entry is null.
create table pauses (
  id integer primary key,
  assessment text not null references assessments (id) on delete cascade,
  entry text references entries (id) on delete cascade,
  from_at integer not null,
  to_at integer,
  paused_by text not null,
  resumed_by text
) strict;
create index pauses_by_assessment on pauses (assessment);
create unique index one_open_pause on pauses (assessment, coalesce(entry, '')) where to_at is null;

-- More time: of one entry, or of all that were running, with the window.
create table extensions (
  id integer primary key,
  assessment text not null references assessments (id) on delete cascade,
  entry text references entries (id) on delete cascade,
  at integer not null,
  ms integer not null,
  reason text not null,
  actor text not null
) strict;
create index extensions_by_assessment on extensions (assessment);

-- extra time of a person's own timer, as granted before or while it runs
create table time_extras (
  assessment text not null references assessments (id) on delete cascade,
  person text not null references users (id) on delete cascade,
  ms integer not null check (ms > 0),
  primary key (assessment, person)
) strict, without rowid;

-- points given or taken by a person, who says why; of the whole entry where lab is null
create table adjustments (
  id integer primary key,
  entry text not null references entries (id) on delete cascade,
  lab text,
  points integer not null,
  reason text not null,
  actor text not null,
  at integer not null
) strict;
create index adjustments_by_entry on adjustments (entry);

create table announcements (
  id integer primary key,
  assessment text not null references assessments (id) on delete cascade,
  at integer not null,
  actor text not null,
  text text not null
) strict;
create index announcements_by_assessment on announcements (assessment, at);
