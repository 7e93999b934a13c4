-- What outlives the content of an act once it is erased, so that the clocks of both nodes stay the same: identifiers, words
-- of closed lists and dates, nothing about a person.
alter table inbox add column remains text;
