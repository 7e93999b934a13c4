-- What changed the state of a link, in order. State is always the fold of these rows.
create table event (
  link integer not null references link (link),
  sequence integer not null check (sequence >= 0),
  kind text not null check (kind in ('released', 'receipted', 'received', 'expired')),
  at_ns integer not null,
  message blob check (length(message) = 32),
  detail text,
  check ((kind = 'expired') = (message is null)),
  primary key (link, sequence)
) strict;

-- The clocks of that state, for lists of what is due. Rewritten with each event that moves one.
create table running_clock (
  link integer not null references link (link),
  sequence integer not null check (sequence >= 0),
  clock text not null,
  of_reference text not null,
  case_ref text,
  debtor text not null,
  start_ns integer not null,
  due_ns integer not null,
  paused_since_ns integer,
  ended_at_ns integer,
  ended_how text check (ended_how in ('met', 'replaced', 'expired', 'lapsed')),
  check ((ended_at_ns is null) = (ended_how is null)),
  primary key (link, sequence)
) strict;
create index running_clock_due on running_clock (link, due_ns) where ended_at_ns is null and paused_since_ns is null;
create index running_clock_case on running_clock (link, case_ref, sequence);
create index running_clock_of on running_clock (link, of_reference, sequence);
