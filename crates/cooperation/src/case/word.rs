//! The words of the annexes that have a meaning for the engine: slots, marks, outcomes and effects, each named once.

/// Slots and wire facts of Annex 3.
pub mod slot {
    /// The act's own reference.
    pub const REFERENCE: &str = "reference";
    /// The reference of the act that it answers.
    pub const IN_REPLY_TO: &str = "in_reply_to";
    /// The reference of another act that it is about.
    pub const ACT_REFERENCE: &str = "act_reference";
    /// The officer who acts (15.4, 16.2).
    pub const OFFICER: &str = "officer";
    /// The author (22.3).
    pub const AUTHOR: &str = "author";
    /// The case.
    pub const CASE: &str = "case";
    /// What a stop covers.
    pub const STOP_SCOPE: &str = "stop_scope";
    /// The facts it gives.
    pub const FACTS: &str = "facts";
    /// The facts that it puts in the place of others.
    pub const CORRECTED_FACTS: &str = "corrected_facts";
    /// The facts it is about.
    pub const FACTS_CONCERNED: &str = "facts_concerned";
    /// The questions it puts.
    pub const QUESTIONS: &str = "questions";
    /// The parts that it covers (13.2).
    pub const SCOPE: &str = "scope";
    /// Whether it is presented as urgent.
    pub const URGENT: &str = "urgent";
    /// The ground of urgency.
    pub const URGENCY_GROUND: &str = "urgency_ground";
    /// The second officer (21.2).
    pub const SECOND_OFFICER: &str = "second_officer";
    /// The age of the person.
    pub const SUBJECT_AGE: &str = "subject_age";
    /// The status of the person.
    pub const PERSON_STATUS: &str = "person_status";
    /// The purpose.
    pub const PURPOSE: &str = "purpose";
    /// The area.
    pub const AREA: &str = "area";
    /// Handling codes.
    pub const HANDLING_CODES: &str = "handling_codes";
    /// Restrictions.
    pub const RESTRICTION: &str = "restriction";
    /// The values of these restrictions, each under the identifier of its own.
    pub const RESTRICTION_VALUES: &str = "restriction_values";
    /// The Party that first provided the fact.
    pub const ORIGINATOR: &str = "originator";
    /// The expected date of an extension.
    pub const EXPECTED_ON: &str = "expected_on";
    /// The outcome of an act.
    pub const OUTCOME: &str = "outcome";
    /// The outcome of an identity request.
    pub const IDENTITY_OUTCOME: &str = "identity_outcome";
    /// The outcome of a request for consent.
    pub const CONSENT_OUTCOME: &str = "consent_outcome";
    /// The last day of a consent.
    pub const UNTIL: &str = "until";
    /// A third recipient.
    pub const THIRD_RECIPIENT: &str = "third_recipient";
    /// Chapters of a suspension.
    pub const CHAPTERS: &str = "chapters";
    /// Whether a suspension names the alerts.
    pub const ALERTS_INCLUDED: &str = "alerts_included";
    /// The article of a dispute.
    pub const ARTICLE_CONCERNED: &str = "article_concerned";
    /// The changes of an amendment.
    pub const CHANGES: &str = "changes";
    /// The version under which an act was written.
    pub const MEMORANDUM_VERSION: &str = "memorandum_version";
    /// The number that an amendment gives.
    pub const NEW_VERSION: &str = "new_version";
    /// The first day of a version.
    pub const IN_FORCE_ON: &str = "in_force_on";
    /// The annex that an amendment changes.
    pub const ANNEX: &str = "annex";
    /// A quota.
    pub const QUOTA: &str = "quota";
    /// The new limit of a quota.
    pub const NEW_LIMIT: &str = "new_limit";
    /// What was counted, by quota.
    pub const QUOTA_USED: &str = "quota_used";
    /// When an act was first made through another channel.
    pub const MADE_AT: &str = "made_at";
    /// A statistical table.
    pub const TABLE: &str = "table";
    /// The period of a table.
    pub const REFERENCE_PERIOD: &str = "reference_period";
    /// Whose nationals a table counts.
    pub const NATIONALS: &str = "nationals";
    /// The cells of a table.
    pub const CELLS: &str = "cells";
    /// A body of consultation.
    pub const BODY: &str = "body";
    /// A precondition.
    pub const PRECONDITION: &str = "precondition";
    /// Marks on facts.
    pub const MARKS: &str = "marks";
    /// The identifier of a fact or a question.
    pub const ID: &str = "id";
    /// The category of a fact or a question.
    pub const CATEGORY: &str = "category";
}

/// Words of Annex 3 that decide.
pub mod outcome {
    /// Yes.
    pub const YES: &str = "yes";
    /// An identity is confirmed.
    pub const IDENTITY_CONFIRMED: &str = "identity_confirmed";
    /// A consent is given.
    pub const GRANTED: &str = "granted";
    /// A consent is given in part.
    pub const PARTLY_GRANTED: &str = "partly_granted";
    /// A registration is confirmed.
    pub const CONFIRMED: &str = "confirmed";
}

/// Marks of Annex 7 that the machine puts on.
pub mod mark {
    /// Not yet admitted.
    pub const QUARANTINED: &str = "quarantined";
    /// Not yet confirmed by two officers.
    pub const POSSIBLE_MATCH: &str = "possible_match";
    /// A statement without its circumstances.
    pub const NOT_USABLE: &str = "not_usable_in_proceedings";
    /// Recalled or corrected.
    pub const USE_CEASED: &str = "use_ceased";
    /// Kept for a defence or for oversight.
    pub const LOCKED: &str = "locked";
    /// Of a suspended chapter.
    pub const FROZEN: &str = "frozen";
}

/// Effects of Annex 0.
pub mod effect {
    /// A clock starts.
    pub const START: &str = "start_clock";
    /// A clock is suspended.
    pub const SUSPEND: &str = "suspend_clock";
    /// A clock runs again.
    pub const RESUME: &str = "resume_clock";
    /// A clock runs in the place of another, or from another instant.
    pub const REPLACE: &str = "replace_clock";
    /// A clock is extended.
    pub const EXTEND: &str = "extend_clock";
    /// A clock ends by what was owed.
    pub const STOP: &str = "stop_clock";
    /// Facts are marked.
    pub const MARK: &str = "mark";
    /// The contact points get a copy.
    pub const COPY: &str = "copy";
    /// Somebody is told.
    pub const NOTIFY: &str = "notify";
    /// It goes up.
    pub const ESCALATE: &str = "escalate";
    /// Silence is recorded.
    pub const SILENCE: &str = "record_silence";
    /// A request is withdrawn.
    pub const WITHDRAW: &str = "withdraw";
    /// Use ceases.
    pub const CEASE_USE: &str = "cease_use";
    /// Content is erased.
    pub const ERASE: &str = "erase";
    /// An excess is reported.
    pub const FLAG: &str = "flag";
    /// A case is handed over.
    pub const HAND_OVER: &str = "hand_over";
}
