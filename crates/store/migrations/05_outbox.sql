-- What was released. A row without outcome waits for its receipt.
create table outbox (
  link integer not null,
  message blob not null check (length(message) = 32),
  position integer not null,
  act_id text not null check (length(act_id) = 32),
  act text not null,
  from_organ text not null,
  to_organ text,
  reference text,
  case_ref text,
  in_reply_to text,
  stands integer not null check (stands in (0, 1)),
  released_by text not null,
  released_at_ns integer not null,
  memorandum text not null check (length(memorandum) = 64),
  lane integer not null check (lane between 0 and 9),
  size_bytes integer not null,
  attempts integer not null default 0,
  next_attempt_at_ns integer not null,
  fault text,
  outcome text check (outcome in ('filed', 'clarify', 'refused', 'unreadable')),
  ground text check (ground is null or outcome = 'refused'),
  received_at_ns integer,
  receipt_position integer,
  settled_at_ns integer,
  contested text,
  contested_told integer not null default 0 check (contested_told in (0, 1)),
  taken_by text,
  taken_deputy text,
  taken_at_ns integer,
  check ((outcome is null) = (settled_at_ns is null)),
  check ((outcome is null) = (received_at_ns is null)),
  check ((outcome is null) = (receipt_position is null)),
  check (contested is null or outcome is not null),
  check ((taken_by is null) = (taken_at_ns is null)),
  check (taken_deputy is null or taken_by is not null),
  primary key (link, message),
  unique (link, position),
  foreign key (link, position) references entry (link, position),
  foreign key (link, receipt_position) references mirror_entry (link, position)
) strict;
create index outbox_waiting on outbox (link, lane, position) where outcome is null;
create index outbox_contested on outbox (link, position) where contested is not null and contested_told = 0;
create index outbox_case on outbox (link, case_ref, position);
create index outbox_reference on outbox (link, reference);
create index outbox_stands on outbox (link, position) where stands = 1;
create index outbox_act_id on outbox (link, act_id);

-- Acts held for a later hour (withdrawals of a day). They have no entry before they are released.
create table held (
  held integer not null primary key,
  link integer not null references link (link),
  leaves_at_ns integer not null,
  officer text not null,
  wrapped blob not null,
  sealed blob not null
) strict;
