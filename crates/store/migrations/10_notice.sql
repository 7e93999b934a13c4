-- Who must be told of an act that was refused on receipt: oversight authorities, by the same rule on both sides.
create table notice (
  link integer not null references link (link),
  message blob not null check (length(message) = 32),
  organ text not null,
  reference text,
  at_ns integer not null,
  primary key (link, message, organ)
) strict;
