//! The same exchange under the memorandum of two other States: no line of the program knows them.

use std::{path::Path, sync::Arc};

use entente_cooperation::memorandum::read::files_of;
use entente_node::agreement::Agreement;
use entente_store::Outcome;

use crate::world::World;

/// The memorandum of two invented States.
fn second() -> Arc<Agreement> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/second/memorandum");
    let agreement = Agreement::of(&files_of(&dir).unwrap());
    Arc::new(agreement.unwrap_or_else(|faults| panic!("{faults:#?}")))
}

/// A draft: the act, from and to, its slots; the declarations are added.
fn draft(act: &str, from: &str, to: &str, slots: &str) -> String {
    format!(
        "act = \"{act}\"\nfrom = \"{from}\"\nto = \"{to}\"\n[slots]\nlegal_basis = \"sea_convention\"\nlanguage = \"pt\"\n{slots}\n{}",
        if matches!(
            act,
            "sea_query" | "query_detail" | "sea_finding" | "coast_tip"
        ) {
            "[declared]\naims_at_belief = false\nobtained_by_harm = false\n"
        } else if act == "distress_call" {
            "[declared]\nobtained_by_harm = false\n"
        } else {
            ""
        }
    )
}

const QUERY: &str = r#"case = "VD-2026-44"
purpose = "guard_fish_stocks"
area = "fisheries"
offence = "drift_net_fishing"
subject = { kind = "vessel", note = "Pesquero azul" }
person_status = "skipper"
questions = [{ id = "q1", category = "vessels", note = "Matrícula" }]
handling_codes = ["named_only"]"#;

const FINDING: &str = r#"case = "VD-2026-44"
in_reply_to = "VD-2026-44/1"
purpose = "guard_fish_stocks"
area = "fisheries"
offence = "drift_net_fishing"
facts = [{ id = "f1", category = "vessels", hull = "VS-1188", flag = "UY" }]
person_status = "skipper"
handling_codes = ["named_only"]"#;

const CALL: &str = r#"case = "VD-2026-60"
purpose = "save_life"
area = "sea_rescue"
vessel = "Velero Aurora"
position = "35 S, 52 O"
persons_on_board = 4
requested_action = "send_boat"
handling_codes = ["open_in_service"]"#;

#[test]
fn two_other_states_exchange_by_the_same_program() {
    let world = World::new(&second(), 5);
    let (coast, police) = ("vd_coastguard", "mt_maritime_police");
    let story = [
        (0, draft("sea_query", coast, police, QUERY)),
        (
            1,
            draft(
                "query_back",
                police,
                coast,
                "case = \"VD-2026-44\"\nin_reply_to = \"VD-2026-44/1\"\nslots_concerned = [\"subject\"]",
            ),
        ),
        (
            0,
            draft(
                "query_detail",
                coast,
                police,
                "case = \"VD-2026-44\"\nin_reply_to = \"VD-2026-44/2\"\nslots_supplied = [\"subject\"]",
            ),
        ),
        (1, draft("sea_finding", police, coast, FINDING)),
        (0, draft("distress_call", coast, "mt_watch_room", CALL)),
        (
            1,
            draft(
                "call_read",
                "mt_watch_room",
                coast,
                "case = \"VD-2026-60\"\nin_reply_to = \"VD-2026-60/1\"\nofficer = \"signed:officer_1\"",
            ),
        ),
        (
            1,
            draft(
                "fact_take_back",
                police,
                coast,
                "case = \"VD-2026-44\"\nfacts_concerned = [\"f1\"]",
            ),
        ),
    ];
    for (from, text) in story {
        let link = world.sides[from].link();
        let sent = world
            .node(from)
            .release(&link, "officer_1", world.draft(&text), None);
        let sent = sent.unwrap_or_else(|fault| panic!("{fault:#?}\n{text}"));
        world.hand_over(from);
        let outbox = world.node(from).store.outbox(link.id, None, 10).unwrap();
        let row = outbox
            .iter()
            .find(|row| row.reference == sent.reference)
            .unwrap();
        assert_eq!(row.outcome, Some(Outcome::Filed), "{text}");
        assert_eq!(world.clocks(0), world.clocks(1), "after {text}");
    }
    let refused = world.draft(&draft("sea_query", "vd_rangers", police, QUERY));
    assert!(
        world
            .node(0)
            .release(&world.sides[0].link(), "officer_1", refused, None)
            .is_err()
    );
}
