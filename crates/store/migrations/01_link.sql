-- A link: one memorandum, one partner. Everything that crosses hangs on it.
create table link (
  link integer not null primary key,
  memorandum text not null,
  party text not null,
  partner text not null check (partner <> party),
  demo integer not null check (demo in (0, 1)),
  opened_at_ns integer not null,
  unique (memorandum, party, partner)
) strict;

-- The versions of the memorandum that we hold, by digest. A version is never changed, only followed by the next.
create table version (
  memorandum text not null,
  digest text not null check (length(digest) = 64),
  number text not null,
  held_since_ns integer not null,
  primary key (memorandum, digest)
) strict;
