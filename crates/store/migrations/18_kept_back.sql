-- When an act that had its entry was kept back before it was handed over: what happened since bars it. Its opening never travels.
alter table outbox add column kept_back_at_ns integer check (kept_back_at_ns is null or (outcome is null and handed_at_ns is null));
