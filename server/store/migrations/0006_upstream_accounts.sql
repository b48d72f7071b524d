-- Accounts that were made in AWS endpoints behind the gateway. A row is there before anything is made in the account, and
-- goes when nothing is left in it: whatever happened in between, what must be removed is known.
create table upstream_accounts (
  backend text not null,
  account text not null,
  attempt text not null,
  made_at integer not null,
  primary key (backend, account)
) strict, without rowid;
create index upstream_accounts_by_attempt on upstream_accounts (attempt);

-- Attempts live in endpoints of any name now: a column without the old list of them takes the place.
alter table attempts add column lives_in text not null default 'embedded';
alter table attempts drop column backend;
alter table attempts rename column lives_in to backend;
