-- The journal: what stays at home, in one Merkle log of our own. The partner never sees its size.
create table journal (
  position integer not null primary key check (position >= 0),
  entry blob not null unique check (length(entry) = 32),
  salt blob check (length(salt) = 32),
  record text,
  kind text not null,
  at_ns integer not null,
  officer text,
  link integer references link (link),
  subject text,
  check ((salt is null) = (record is null))
) strict;
create index journal_subject on journal (subject, position);

-- The head of the journal that entered a ledger on a day, whether or not anything had happened. Its salt stays at home.
create table journal_day (
  link integer not null,
  day integer not null,
  position integer not null,
  journal_size integer not null,
  journal_root blob not null check (length(journal_root) = 32),
  salt blob not null check (length(salt) = 32),
  primary key (link, day),
  foreign key (link, position) references entry (link, position)
) strict;
