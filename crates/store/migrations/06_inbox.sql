-- What arrived and was receipted. The row is written in the transaction that wrote its receipt.
create table inbox (
  link integer not null,
  message blob not null check (length(message) = 32),
  position integer not null,
  receipt_position integer not null,
  act_id text check (length(act_id) = 32),
  act text,
  from_organ text,
  to_organ text,
  reference text,
  case_ref text,
  in_reply_to text,
  stands integer not null check (stands in (0, 1)),
  released_at_ns integer,
  received_at_ns integer not null,
  memorandum text not null check (length(memorandum) = 64),
  size_bytes integer not null,
  outcome text not null check (outcome in ('filed', 'clarify', 'refused', 'unreadable')),
  ground text check (ground is null or outcome = 'refused'),
  reason text,
  repeats blob,
  contested text,
  owner text,
  deputy text,
  taken_at_ns integer,
  taken_position integer,
  check ((act_id is null) = (act is null)),
  check (outcome = 'unreadable' or act_id is not null),
  check ((owner is null) = (taken_at_ns is null)),
  check (deputy is null or owner is not null),
  check (taken_position is null or owner is not null),
  primary key (link, message),
  unique (link, position),
  unique (link, receipt_position),
  foreign key (link, position) references mirror_entry (link, position),
  foreign key (link, receipt_position) references entry (link, position),
  foreign key (link, taken_position) references entry (link, position)
) strict;
-- The same act is filed once, for ever.
create unique index inbox_act on inbox (link, act_id) where outcome in ('filed', 'clarify') and repeats is null;
create index inbox_untaken on inbox (received_at_ns) where outcome in ('filed', 'clarify') and owner is null;
create index inbox_case on inbox (link, case_ref, position);
create index inbox_stands on inbox (link, position) where stands = 1;
create index inbox_reference on inbox (link, reference);
