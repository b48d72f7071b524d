-- A learner is who owns attempts: a person, a team of a cohort, or an entry of an assessment.
alter table learners add column kind text not null default 'person' check (kind in ('person', 'team', 'entry'));

-- People who sign in; a user's id is that of the learner that they are themselves.
create table users (
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

create table cohorts (
  id text primary key,
  name text not null,
  created_at integer not null,
  archived_at integer,
  -- counts changes, so that the later of two edits of one thing is told
  version integer not null default 1
) strict, without rowid;

create table cohort_instructors (
  cohort text not null references cohorts (id) on delete cascade,
  user text not null references users (id) on delete cascade,
  primary key (cohort, user)
) strict, without rowid;
create index cohort_instructors_by_user on cohort_instructors (user);

create table cohort_members (
  cohort text not null references cohorts (id) on delete cascade,
  user text not null references users (id) on delete cascade,
  joined_at integer not null,
  primary key (cohort, user)
) strict, without rowid;
create index cohort_members_by_user on cohort_members (user);

-- a team's id is that of the learner that owns its attempts
create table teams (
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

create table team_members (
  team text not null references teams (id) on delete cascade,
  user text not null references users (id) on delete cascade,
  joined_at integer not null,
  primary key (team, user)
) strict, without rowid;
create index team_members_by_user on team_members (user);

-- one hash a secret: the secret itself is with its owner alone
create table sessions (
  hash text primary key,
  user text not null references users (id) on delete cascade,
  created_at integer not null,
  expires_at integer not null,
  last_seen_at integer not null,
  user_agent text not null
) strict, without rowid;
create index sessions_by_user on sessions (user);

create table tokens (
  id text primary key,
  hash text not null unique,
  user text not null references users (id) on delete cascade,
  name text not null,
  created_at integer not null,
  expires_at integer,
  last_used_at integer
) strict, without rowid;
create index tokens_by_user on tokens (user);

create table invites (
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
create index invites_by_cohort on invites (cohort);

create table reset_links (
  hash text primary key,
  user text not null references users (id) on delete cascade,
  created_by text not null,
  created_at integer not null,
  expires_at integer not null,
  used_at integer
) strict, without rowid;

-- Who pressed "Grade", when the grade began, and the account that was graded: any grade can be made again from it.
alter table grades add column actor text;
alter table grades add column started_at integer;
create table grade_states (
  grade text primary key references grades (id) on delete cascade,
  state blob not null
) strict, without rowid;
-- the blobs that a graded account mentions: kept while the grade is
create table grade_blobs (
  grade text not null references grades (id) on delete cascade,
  name text not null,
  primary key (grade, name)
) strict, without rowid;
