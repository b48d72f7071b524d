-- Bytes of a few kilobytes: a row costs a tenth of what a file of its own does.
create table small_blobs (
  name text primary key,
  bytes blob not null,
  stored_at integer not null
) strict;
