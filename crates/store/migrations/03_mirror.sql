-- The partner's log, entry by entry, with the openings that came with acts and receipts.
create table mirror_entry (
  link integer not null references link (link),
  position integer not null check (position >= 0),
  entry blob not null check (length(entry) = 32),
  salt blob check (length(salt) = 32),
  record text,
  check ((salt is null) = (record is null)),
  primary key (link, position),
  unique (link, entry)
) strict;

-- Signed heads of the partner: the newest, and the last of each day.
create table mirror_head (
  link integer not null,
  size integer not null check (size > 0),
  note text not null,
  day integer not null,
  received_at_ns integer not null,
  last_position integer not null check (last_position = size - 1),
  primary key (link, size),
  foreign key (link, last_position) references mirror_entry (link, position)
) strict;

-- Two signed histories that cannot both be true. Never deleted; the link stands still until people have spoken.
create table fork (
  link integer not null references link (link),
  found_at_ns integer not null,
  position integer not null,
  held_note text not null,
  shown_note text not null,
  shown_base integer not null,
  shown_entries blob not null,
  settled_at_ns integer,
  settled_by text,
  check ((settled_at_ns is null) = (settled_by is null)),
  primary key (link, found_at_ns, position)
) strict;
