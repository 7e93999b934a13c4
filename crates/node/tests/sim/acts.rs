//! Drafts of the shipped memorandum, as officers would write them.

/// A request of the first Party in a case.
pub(crate) fn request(case: &str) -> String {
    format!(
        r#"
act = "information_request"
from = "be_federal_police"
to = "ma_dgsn"
[slots]
case = "{case}"
purpose = "investigate_organised_crime"
legal_basis = "convention_2014"
language = "fr"
area = "organised_crime"
offence = "drug_trafficking"
facts_summary = "Trois transports saisis à Anvers, même expéditeur."
subject = {{ kind = "person", given_names = "Rachid", family_name = "Lamkaddem", birth_date = 1984-05-04, birth_place = "Nador" }}
person_status = "suspect"
link = "Loue l'entrepôt où les transports ont été chargés."
holding_reason = "Résidence et société connues à Nador."
questions = [{{ id = "q1", category = "names_and_birth", note = "Identité complète" }}, {{ id = "q2", category = "vehicles", note = "Véhicules" }}]
handling_codes = ["H0"]
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
"#
    )
}

/// The second Party's reply to a request.
pub(crate) fn reply(case: &str, to: &str) -> String {
    format!(
        r#"
act = "information_reply"
from = "ma_dgsn"
to = "be_federal_police"
[slots]
case = "{case}"
in_reply_to = "{to}"
purpose = "investigate_organised_crime"
legal_basis = "convention_2014"
language = "fr"
area = "organised_crime"
offence = "drug_trafficking"
facts = [{{ id = "f1", category = "names_and_birth", given_names = "Rachid", family_name = "Lamkaddem", birth_date = 1984-05-04, birth_place = "Nador" }}, {{ id = "f2", category = "vehicles", plate = "11-A-40417", registered_in = "MA" }}]
person_status = "suspect"
grade = {{ source = "B", information = "2" }}
fact_kind = "established"
handling_codes = ["H0"]
originator = "ma"
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
"#
    )
}
