-- Key notices stand in the log like acts and receipts. A check cannot be altered in place, and the table is too much to copy
-- (two million rows, keys that point at it): the text of the check is changed, which touches no row.
pragma writable_schema = on;
update sqlite_schema set sql = replace(sql, '''journal'', ''returned''', '''journal'', ''notice'', ''returned''')
  where type = 'table' and name = 'entry';
pragma writable_schema = reset;

create index entry_notice on entry (link, position) where kind = 'notice';

-- Notices of keys: our own, and those of the partner. `position` is that of the entry in the log of the Party whose keys they
-- are; none as long as a notice was only carried by hand, or waits until our log may grow.
create table key_notice (
  link integer not null references link (link),
  own integer not null check (own in (0, 1)),
  number integer not null check (number > 0),
  note text not null,
  position integer check (position >= 0),
  learnt_at_ns integer not null,
  primary key (link, own, number)
) strict;
