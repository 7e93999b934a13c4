//! Drafts of the shipped memorandum, as officers would write them. Persons are invented.

/// The declarations of 23.4, all answered no.
const DECLARED: &str = "
[declared]
structured_group = true
mentions_international_protection = false
source_is_asylum_file = false
aims_at_death_penalty = false
real_risk_of_ill_treatment = false
obtained_by_ill_treatment = false
no_individual_link = false
subject_defined_by_group = false
bulk = false
aims_at_opinion_or_activity = false
";

/// The two ends of an exchange: organs of the sending and of the receiving Party.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    /// The Party that sends.
    pub(crate) party: &'static str,
}

impl Ends {
    /// From the first or the second Party to the other.
    pub(crate) fn of(side: usize) -> Self {
        if side == 0 {
            Ends {
                from: "be_federal_police",
                to: "ma_dgsn",
                party: "be",
            }
        } else {
            Ends {
                from: "ma_dgsn",
                to: "be_federal_police",
                party: "ma",
            }
        }
    }
}

fn written(act: &str, ends: Ends, slots: &str, declared: &str) -> String {
    let Ends { from, to, .. } = ends;
    format!(
        "act = \"{act}\"\nfrom = \"{from}\"\nto = \"{to}\"\n[slots]\nlegal_basis = \"convention_2014\"\nlanguage = \"fr\"\n{slots}\n{declared}"
    )
}

const CONTENT: &str = "area = \"organised_crime\"\npurpose = \"investigate_organised_crime\"\noffence = \"drug_trafficking\"\nperson_status = \"suspect\"\n\
                       handling_codes = [\"H0\"]";

const SUBJECT: &str = "subject = { kind = \"person\", given_names = \"Rachid\", family_name = \"Lamkaddem\", \
                       birth_date = 1984-05-04, birth_place = \"Nador\" }";

const FACTS: &str = "facts = [{ id = \"f1\", category = \"names_and_birth\", given_names = \"Rachid\", \
                     family_name = \"Lamkaddem\", birth_date = 1984-05-04, birth_place = \"Nador\" }, \
                     { id = \"f2\", category = \"vehicles\", plate = \"11-A-40417\", registered_in = \"MA\" }]\n\
                     grade = { source = \"B\", information = \"2\" }\nfact_kind = \"established\"";

/// A request with two questions.
pub(crate) fn request(ends: Ends, case: &str) -> String {
    let slots = format!(
        "case = \"{case}\"\n{CONTENT}\n{SUBJECT}\nfacts_summary = \"Trois transports saisis à Anvers, même expéditeur.\"\n\
         link = \"Loue l'entrepôt où les transports ont été chargés.\"\nholding_reason = \"Résidence et société connues.\"\n\
         questions = [{{ id = \"q1\", category = \"names_and_birth\", note = \"Identité complète\" }}, \
         {{ id = \"q2\", category = \"vehicles\", note = \"Véhicules\" }}]"
    );
    written("information_request", ends, &slots, DECLARED)
}

/// A request that asks about everybody: an absolute limit.
pub(crate) fn fishing(ends: Ends, case: &str) -> String {
    request(ends, case).replace("bulk = false", "bulk = true")
}

/// A reply to the whole of a request.
pub(crate) fn reply(ends: Ends, case: &str, to: &str) -> String {
    let slots = format!(
        "case = \"{case}\"\nin_reply_to = \"{to}\"\n{CONTENT}\n{FACTS}\noriginator = \"{}\"",
        ends.party
    );
    written("information_reply", ends, &slots, DECLARED)
}

/// The withdrawal of an identity request: the same form whatever the cause.
pub(crate) fn withdrawal(case: &str, request: &str) -> String {
    format!(
        "act = \"identity_withdrawal\"\nfrom = \"be_immigration\"\nto = \"ma_dgsn\"\n[slots]\n\
         legal_basis = \"readmission_of_nationals\"\nlanguage = \"fr\"\ncase = \"{case}\"\nin_reply_to = \"{request}\"\n"
    )
}

/// Facts that nobody asked for.
pub(crate) fn spontaneous(ends: Ends, case: &str) -> String {
    let slots = format!(
        "case = \"{case}\"\n{CONTENT}\n{FACTS}\noriginator = \"{}\"",
        ends.party
    );
    written("spontaneous_information", ends, &slots, DECLARED)
}

/// An alert.
pub(crate) fn alert(ends: Ends, case: &str, arrival: &str) -> String {
    let slots = format!(
        "case = \"{case}\"\n{CONTENT}\n{SUBJECT}\ntitle = \"Une personne est en route\"\nalert_ground = \"expulsion\"\n\
         requested_action = \"identify_on_arrival\"\nroute = \"Casablanca – Bruxelles\"\ntransport = \"vol XX 832\"\n\
         arrival_at = {arrival}\ngrade = {{ source = \"A\", information = \"1\" }}\nfact_kind = \"established\""
    );
    written("urgent_alert", ends, &slots, DECLARED)
}

/// An act of little content that answers another.
pub(crate) fn answer(act: &str, ends: Ends, case: &str, to: &str, more: &str) -> String {
    let slots = format!("case = \"{case}\"\nin_reply_to = \"{to}\"\n{more}");
    written(act, ends, &slots, "")
}

/// The same with the declarations that go with content.
pub(crate) fn declared(act: &str, ends: Ends, case: &str, to: &str, more: &str) -> String {
    let slots = format!("case = \"{case}\"\nin_reply_to = \"{to}\"\n{more}");
    written(act, ends, &slots, DECLARED)
}

/// An act of little content about facts of a case.
pub(crate) fn about_facts(act: &str, ends: Ends, case: &str, more: &str) -> String {
    let slots = format!("case = \"{case}\"\nfacts_concerned = [\"f1\", \"f2\"]\n{more}");
    written(act, ends, &slots, "")
}

/// An order of an oversight authority, or its end.
pub(crate) fn oversight(act: &str, side: usize, scope: &str, more: &str) -> String {
    let (from, to) = [
        ("be_cop", "ma_contact_point"),
        ("ma_cndp", "be_contact_point"),
    ][side];
    format!(
        "act = \"{act}\"\nfrom = \"{from}\"\nto = \"{to}\"\n[slots]\nlegal_basis = \"memorandum_only\"\nlanguage = \"fr\"\n\
         stop_scope = \"{scope}\"\n{more}\n"
    )
}

/// A notice between the ministries.
pub(crate) fn governance(act: &str, side: usize, more: &str) -> String {
    let (from, to) = [
        ("be_interior", "ma_interior"),
        ("ma_interior", "be_interior"),
    ][side];
    format!(
        "act = \"{act}\"\nfrom = \"{from}\"\nto = \"{to}\"\n[slots]\nlegal_basis = \"memorandum_only\"\nlanguage = \"fr\"\n\
         {more}\n"
    )
}

/// A check whether the other Party knows a person, without saying who.
pub(crate) fn blind_check(ends: Ends, case: &str) -> String {
    let slots = format!(
        "case = \"{case}\"\narea = \"organised_crime\"\npurpose = \"investigate_organised_crime\"\noffence = \"drug_trafficking\"\n\
         person_status = \"suspect\"\nsubject_age = 41\nofficer = \"signed:officer_1\""
    );
    written("blind_check", ends, &slots, DECLARED)
}

/// Facts of the partner that are passed on to a third State, on its consent.
pub(crate) fn onward(from: &str, case: &str, facts: &str) -> String {
    format!(
        "act = \"onward_sharing\"\nfrom = \"{from}\"\n[slots]\nlegal_basis = \"convention_2014\"\nlanguage = \"fr\"\ncase = \"{case}\"\n\
         third_recipient = \"FR\"\nfacts_concerned = [{facts}]\npurpose = \"investigate_organised_crime\"\nconsent = \"signed:ma_dgsn\"\n{DECLARED}"
    )
}
