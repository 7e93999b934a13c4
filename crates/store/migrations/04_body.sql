-- Sealed bodies, in a table of their own so that lists stay fast. Both directions: a message id is a digest.
create table body (
  message blob not null primary key check (length(message) = 32),
  sealed blob not null
) strict;

-- The file key of a body, wrapped under a key that changes with time. Deleting the row erases the content.
create table file_key (
  message blob not null primary key references body (message),
  wrapped blob not null
) strict;
