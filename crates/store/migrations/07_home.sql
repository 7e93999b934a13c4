-- What happened at home and moves a clock of ours: assignments, certificates, closings. Never seen by the partner.
create table home (
  link integer not null references link (link),
  home text not null,
  happening text not null,
  at_ns integer not null,
  from_organ text,
  to_organ text,
  case_ref text,
  reference text,
  particulars text not null,
  primary key (link, home)
) strict;
create index home_case on home (link, case_ref);
create index home_reference on home (link, reference);

-- Acts that a quota counts: for whom, and when.
create table quota_use (
  link integer not null references link (link),
  quota text not null,
  counted_for text not null,
  at_ns integer not null,
  message blob not null check (length(message) = 32),
  primary key (link, quota, counted_for, at_ns, message)
) strict;

create index quota_use_message on quota_use (link, message);

-- The clocks of the state, for lists of what is due. The fold decides; these rows repeat it, and can be made again.
create table running_clock (
  link integer not null references link (link),
  of_reference text not null,
  ordinal integer not null check (ordinal >= 0),
  clock text not null,
  case_ref text,
  debtor text not null,
  start_ns integer not null,
  due_ns integer not null,
  parts text not null,
  paused_since_ns integer,
  ended_at_ns integer,
  theirs integer not null check (theirs in (0, 1)),
  ended_how text check (ended_how in ('met', 'replaced', 'expired', 'lapsed')),
  check ((ended_at_ns is null) = (ended_how is null)),
  primary key (link, of_reference, ordinal)
) strict;
create index running_clock_due on running_clock (link, due_ns) where ended_at_ns is null and paused_since_ns is null
  and theirs = 0;
create index running_clock_case on running_clock (link, case_ref);
