-- A case: who answers for it, and how it ended. It cannot be closed without an outcome.
create table case_file (
  link integer not null references link (link),
  case_ref text not null,
  opened_at_ns integer not null,
  owner text,
  deputy text,
  outcome text check (outcome <> ''),
  closed_at_ns integer,
  closed_by text,
  check ((closed_at_ns is null) = (outcome is null)),
  check ((closed_at_ns is null) = (closed_by is null)),
  primary key (link, case_ref)
) strict;
create index case_open on case_file (link, opened_at_ns) where closed_at_ns is null;
