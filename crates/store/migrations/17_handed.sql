-- The first instant at which the act was handed to a connection with the partner that stood; none before that. Of an act that was handed
-- over before this column was, the earliest instant at which that can have been.
alter table outbox add column handed_at_ns integer;
update outbox set handed_at_ns = released_at_ns where attempts > 0;
