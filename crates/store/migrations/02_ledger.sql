-- Our own log of a link: one row per entry, with the opening as long as it is not erased. `returned`: an entry that
-- the partner gave back after a loss, whose opening is lost.
create table entry (
  link integer not null references link (link),
  position integer not null check (position >= 0),
  kind text not null check (kind in ('act', 'receipt', 'taken', 'journal', 'returned')),
  entry blob not null check (length(entry) = 32),
  salt blob check (length(salt) = 32),
  record text,
  check ((salt is null) = (record is null)),
  primary key (link, position),
  unique (link, entry)
) strict;

create index entry_taken on entry (link, position) where kind = 'taken';

-- Heads of our own log. A row is written in the transaction that wrote its last entry; only what stands here is signed.
create table head (
  link integer not null,
  size integer not null check (size > 0),
  root blob not null check (length(root) = 32),
  at_ns integer not null,
  last_position integer not null check (last_position = size - 1),
  primary key (link, size),
  foreign key (link, last_position) references entry (link, position)
) strict;

-- The partner's newest cosignature of a head of ours.
create table cosignature (
  link integer not null primary key references link (link),
  size integer not null,
  line text not null,
  received_at_ns integer not null,
  foreign key (link, size) references head (link, size)
) strict;
