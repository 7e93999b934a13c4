-- A link whose rows came from a backup: what our log got behind `own_size` was lost with the disk.
create table restoration (
  link integer not null primary key references link (link),
  made_at_ns integer not null,
  restored_at_ns integer not null,
  own_size integer not null
) strict;
