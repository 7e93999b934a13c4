-- Drafts that were sent, by their digest, so that one sent twice is noticed. A row goes with the content of its act.
create table draft (
  digest blob not null primary key check (length(digest) = 32),
  message blob check (length(message) = 32),
  held integer,
  check ((message is null) <> (held is null))
) strict;
create index draft_message on draft (message) where message is not null;
create index draft_held on draft (held) where held is not null;
