-- Bytes of a few kilobytes: a row is made in less time than a file of its own.
create table small_blobs (
  name text primary key,
  bytes blob not null,
  stored_at integer not null
) strict;
