//! What it seals: bodies that cannot be opened or read, that say what may not cross, that are sent twice.

use entente_cooperation::receipt::{Outcome, ReceiptRecord};
use entente_seal::Identity;

use super::partner::{Partner, padded};
use crate::acts::{self, Ends};

const CASE: &str = "BE-2026-000417";

/// The reason that the node keeps for itself.
fn reason(partner: &Partner) -> Option<String> {
    partner.inbox().last().unwrap().reason.clone()
}

/// Refused as unreadable, with a receipt, and for this reason.
#[track_caller]
fn is_unreadable(partner: &Partner, receipt: &ReceiptRecord, why: &str) {
    assert_eq!(receipt.outcome, Outcome::Unreadable);
    assert_eq!((receipt.act, receipt.ground.as_deref()), (None, None));
    let reason = reason(partner).unwrap();
    assert!(reason.contains(why), "{reason}");
    assert!(partner.noted("received").unwrap().contains("unreadable"));
}

#[test]
fn a_request_that_nothing_is_wrong_with_is_filed() {
    let mut partner = Partner::new(100);
    let request = partner.request(CASE);
    let receipt = partner.outcome_of(&request);
    assert_eq!(receipt.outcome, Outcome::Filed, "{:?}", reason(&partner));
}

#[test]
fn the_same_parcel_twice_files_once_and_gets_the_same_receipt() {
    let mut partner = Partner::new(101);
    let request = partner.request(CASE);
    let carried = partner.send(&request);
    let parcel = partner.parcel(0, vec![carried.clone(), carried]);
    let first = partner.hand(&parcel).unwrap();
    let again = partner.hand(&parcel).unwrap();
    assert_eq!(first.receipts[0], first.receipts[1]);
    assert_eq!(first.receipts, again.receipts);
    assert_eq!(first.head, again.head);
    assert_eq!(partner.inbox().len(), 1);
}

#[test]
fn the_same_act_sealed_again_with_other_bytes_is_filed_once() {
    let mut partner = Partner::new(102);
    let request = partner.request(CASE);
    let body = partner.body(&request);
    let first = partner.outcome_of_body(&body);
    let again = partner.outcome_of_body(&body);
    assert_ne!(first.message, again.message);
    assert_eq!(first.act, again.act);
    assert_eq!(
        (first.outcome, again.outcome),
        (Outcome::Filed, Outcome::Filed)
    );
    let inbox = partner.inbox();
    assert_eq!(inbox[1].repeats, Some(inbox[0].message));
}

#[test]
fn the_same_act_id_with_another_content_does_not_take_the_place_of_the_first() {
    let mut partner = Partner::new(103);
    let request = partner.request(CASE);
    let body = partner.body(&request);
    let text = String::from_utf8(body.clone()).unwrap();
    let other = text.trim_end().replace("Rachid", "Khalid");
    assert_eq!(partner.outcome_of_body(&body).outcome, Outcome::Filed);
    let receipt = partner.outcome_of_body(&padded(other));
    is_unreadable(&partner, &receipt, "the act id is that of another act");
    let inbox = partner.inbox();
    assert_eq!(inbox[1].repeats, None);
    // What is read in the case is what was filed first.
    let link = partner.link();
    let shelf = partner.node().shelf(&link);
    let kept = |at: usize| {
        let line = &inbox[at];
        shelf.body(&line.message, &line.memorandum).unwrap()
    };
    let first = kept(0).unwrap();
    assert!(format!("{:?}", first.act()).contains("Rachid"));
    assert!(kept(1).is_none());
}

#[test]
fn a_reference_used_again_for_another_act_is_refused() {
    let mut partner = Partner::new(104);
    let request = partner.request(CASE);
    assert_eq!(partner.outcome_of(&request).outcome, Outcome::Filed);
    let draft = acts::request(Ends::of(0), CASE).replace("Rachid", "Khalid");
    let other = partner.act(&draft, &format!("{CASE}/1"));
    let receipt = partner.outcome_of(&other);
    assert_eq!(receipt.outcome, Outcome::Refused);
    assert_eq!(reason(&partner).as_deref(), Some("reference_reused"));
}

#[test]
fn a_body_sealed_for_somebody_else_is_receipted_as_unreadable() {
    let mut partner = Partner::new(105);
    let request = partner.request(CASE);
    let body = partner.body(&request);
    partner.recipient = Identity::generate().recipient();
    let receipt = partner.outcome_of_body(&body);
    is_unreadable(&partner, &receipt, "the sealed bytes");
}

#[test]
fn bytes_that_are_no_sealed_file_are_receipted_as_unreadable() {
    let mut partner = Partner::new(106);
    for bytes in [vec![], b"age-encryption.org/v1\n".to_vec(), vec![7; 5000]] {
        let carried = partner.carry_sealed(bytes);
        let receipt = partner.receipt_of(carried);
        is_unreadable(&partner, &receipt, "the sealed bytes");
    }
    let request = partner.request(CASE);
    let body = partner.body(&request);
    let mut altered = entente_seal::seal(&partner.recipient, &body).bytes;
    *altered.last_mut().unwrap() ^= 1;
    let carried = partner.carry_sealed(altered);
    let receipt = partner.receipt_of(carried);
    is_unreadable(&partner, &receipt, "the sealed bytes");
}

#[test]
fn a_body_addressed_to_another_party_is_receipted_as_unreadable() {
    let mut partner = Partner::new(107);
    let request = partner.request(CASE);
    for (from, to, why) in [
        ("\"to_party\":\"ma\"", "\"to_party\":\"be\"", ""),
        ("\"from_party\":\"be\"", "\"from_party\":\"ma\"", ""),
        ("\"to\":\"ma_dgsn\"", "\"to\":\"be_federal_police\"", ""),
        ("\"link\":\"be_ma_2016\"", "\"link\":\"be_ma_2017\"", "link"),
    ] {
        let body = partner.altered(&request, from, to);
        let receipt = partner.outcome_of_body(&body);
        is_unreadable(&partner, &receipt, why);
    }
}

#[test]
fn an_act_for_an_organ_that_may_not_receive_it_is_refused() {
    let mut partner = Partner::new(108);
    // Addressed to an oversight authority, which asks and answers nothing.
    let draft = acts::request(Ends::of(0), CASE).replace("ma_dgsn", "ma_cndp");
    let request = partner.act(&draft, &format!("{CASE}/1"));
    let receipt = partner.outcome_of(&request);
    assert_eq!(receipt.outcome, Outcome::Refused, "{:?}", partner.inbox());
}

#[test]
fn a_fact_with_a_field_that_its_category_does_not_have_is_refused_with_its_article() {
    let mut partner = Partner::new(109);
    let draft = acts::spontaneous(Ends::of(0), CASE)
        .replace("plate = \"11-A-40417\"", "family_name = \"Lamkaddem\"");
    let act = partner.act(&draft, &format!("{CASE}/1"));
    let receipt = partner.outcome_of(&act);
    assert_eq!(receipt.outcome, Outcome::Refused, "{:?}", partner.inbox());
    assert!(!receipt.articles.is_empty());
    assert!(receipt.clocks.is_empty());
}

#[test]
fn a_request_that_reaches_an_absolute_limit_is_refused_and_starts_nothing() {
    let mut partner = Partner::new(110);
    let draft = acts::fishing(Ends::of(0), CASE);
    let act = partner.act(&draft, &format!("{CASE}/1"));
    let receipt = partner.outcome_of(&act);
    assert_eq!(receipt.outcome, Outcome::Refused);
    assert_eq!(receipt.ground.as_deref(), Some("absolute_limit"));
    assert_eq!(receipt.articles.first().map(String::as_str), Some("23.1"));
    assert!(receipt.clocks.is_empty());
    let link = partner.link();
    assert!(partner.node().store.clocks(link.id).unwrap().is_empty());
    // No oversight authority is told of this one.
    assert!(
        partner
            .node()
            .store
            .notices(link.id, 10)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn an_absent_red_line_declaration_is_refused_and_the_refusal_reveals_no_impediment() {
    let mut partner = Partner::new(111);
    let draft = acts::request(Ends::of(0), CASE).replace("bulk = false\n", "");
    let act = partner.act(&draft, &format!("{CASE}/1"));
    let receipt = partner.outcome_of(&act);
    assert_eq!(receipt.outcome, Outcome::Refused);
    // The partner reads the formula and its article, and nothing else; our officer reads the reason.
    assert_eq!(receipt.ground.as_deref(), Some("not_communicable"));
    assert_eq!(receipt.articles, ["13.4"]);
    assert_eq!(reason(&partner).as_deref(), Some("declaration_missing"));
    assert!(!receipt.write().contains("declaration"));
}

#[test]
fn a_body_that_breaks_a_rule_of_strict_json_is_receipted_as_unreadable() {
    let mut partner = Partner::new(112);
    let request = partner.request(CASE);
    for (from, to, why) in [
        (
            "\"case\":",
            "\"case\":\"BE-2026-000001\",\"case\":",
            "twice",
        ),
        (
            "\"case\":",
            "\"c\\u0061se\":\"BE-2026-000001\",\"case\":",
            "twice",
        ),
        (
            "\"slots\":{",
            "\"slots\":{\"nothing_like_it\":1,",
            "not known here",
        ),
        ("\"v\":1", "\"v\":1.0", "integer"),
        ("\"supersedes\":null,", "", "missing"),
        ("Nador", "Nado\\u202er", "bidirectional"),
        ("Nador", "Nado\u{2066}r", "bidirectional"),
        ("Nador", "Nador\\u0000", "control"),
        ("saisis", "saisi\u{65}\u{301}s", "normal form"),
    ] {
        let body = partner.altered(&request, from, to);
        let receipt = partner.outcome_of_body(&body);
        is_unreadable(&partner, &receipt, why);
    }
    let body = partner.body(&request);
    let text = String::from_utf8(body).unwrap();
    let trailing = padded(format!("{}{{}}", text.trim_end()));
    let receipt = partner.outcome_of_body(&trailing);
    is_unreadable(&partner, &receipt, "the body");
    let receipt = partner.outcome_of_body(text.trim_end().as_bytes());
    is_unreadable(&partner, &receipt, "size class");
}

#[test]
fn controls_and_confusables_in_identifiers_are_unreadable_and_never_another_name() {
    let mut partner = Partner::new(113);
    let request = partner.request(CASE);
    for (from, to) in [
        // Cyrillic letters that look like ours, a full-width letter, a zero-width joiner, a mark that reads backwards.
        (
            "\"from\":\"be_federal_police\"",
            "\"from\":\"bе_federal_police\"",
        ),
        ("\"to\":\"ma_dgsn\"", "\"to\":\"mа_dgsn\""),
        (
            "\"act\":\"information_request\"",
            "\"act\":\"information_requеst\"",
        ),
        ("\"to\":\"ma_dgsn\"", "\"to\":\"ｍa_dgsn\""),
        ("\"to\":\"ma_dgsn\"", "\"to\":\"ma_\u{200d}dgsn\""),
        ("\"to\":\"ma_dgsn\"", "\"to\":\"ma_\u{200f}dgsn\""),
        (
            "\"offence\":\"drug_trafficking\"",
            "\"offence\":\"drug_traffiсking\"",
        ),
        ("\"slots\":{", "\"slots\":{\"сase\":\"BE-2026-000001\","),
    ] {
        let body = partner.altered(&request, from, to);
        let receipt = partner.outcome_of_body(&body);
        is_unreadable(&partner, &receipt, "the body");
    }
}

#[test]
fn a_body_beyond_the_largest_class_is_receipted_as_unreadable() {
    let mut partner = Partner::new(114);
    let request = partner.request(CASE);
    let long = "x".repeat(1024 * 1024);
    let body = partner.altered(&request, "Trois transports", &long);
    assert_eq!(body.len(), 2 * 1024 * 1024);
    let receipt = partner.outcome_of_body(&body);
    is_unreadable(&partner, &receipt, "the sealed bytes");
}
