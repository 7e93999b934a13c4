//! Who may send what: an officer of the roster, for the organs of the officer's line.

use entente_node::fault::SendFault;

use crate::{
    acts::{self, Ends},
    world::{World, shipped},
};

#[test]
fn an_officer_sends_only_for_the_organs_of_the_own_line_of_the_roster() {
    let world = World::new(&shipped(), 71);
    let link = world.sides[0].link();
    let send = |officer: &str, ends| {
        let draft = world.draft(&acts::request(ends, "BE-2026-000417"));
        world.node(0).release(&link, officer, draft, None)
    };
    for (officer, ends) in [("officer_9", Ends::of(0)), ("officer_1", Ends::of(1))] {
        let fault = send(officer, ends).unwrap_err();
        assert!(matches!(fault, SendFault::NotForOrgan(..)), "{fault:?}");
    }
    assert!(send("officer_1", Ends::of(0)).is_ok());
}

#[test]
fn an_acknowledgement_names_a_person_of_the_roster() {
    let world = World::new(&shipped(), 72);
    let (be, ma) = (world.sides[0].link(), world.sides[1].link());
    let alert = acts::alert(Ends::of(0), "BE-2026-000417", "2026-03-02T15:00:00Z");
    let draft = world.draft(&alert);
    let sent = world
        .node(0)
        .release(&be, "officer_1", draft, None)
        .unwrap();
    world.hand_over(0);
    let acknowledge = |name: &str| {
        let officer = format!("officer = \"{name}\"");
        let to = sent.reference.as_deref().unwrap();
        let draft = acts::answer(
            "alert_acknowledgement",
            Ends::of(1),
            "BE-2026-000417",
            to,
            &officer,
        );
        let draft = world.draft(&draft);
        world.node(1).release(&ma, "officer_1", draft, None)
    };
    for nobody in ["signed:officer_9", "signed:somebody"] {
        let fault = acknowledge(nobody).unwrap_err();
        assert!(matches!(fault, SendFault::NobodyOfOurs(_)), "{fault:?}");
    }
    assert!(acknowledge("signed:officer_2").is_ok());
}
