-- The first instant at which the act was handed to a connection with the partner that stood; none before that, nor for earlier acts.
alter table outbox add column handed_at_ns integer;
