//! Keys are changed: announced while the partner is away, and in an emergency while nothing reaches it.

use entente_ledger::{
    KeyNotice, SignedHead,
    notice::{KeyUse, NoticeFault, Use},
};
use entente_node::{
    fault::ReceiveFault,
    journal::{Kind, Line},
    link::Link,
    peer::{parcel::Parcel, problem::Problem},
    rings::{NotTaken, SEAL_KEPT},
    rotation::OVERLAP,
};
use entente_store::{Keyholder, Outcome};
use jiff::{SignedDuration, Timestamp};

use crate::{
    acts::{self, Ends},
    world::{World, shipped, start},
};

const OFFICER: &str = "officer_1";

/// The key of one side under which something serves now.
fn serving(link: &Link, what: Use, now: Timestamp) -> KeyUse {
    link.theirs
        .read(|ring| ring.serving(what, now)[0].key.clone())
}

fn drive(world: &World, by: SignedDuration) -> Timestamp {
    let now = world.node(0).clock.now().max(world.node(1).clock.now()) + by;
    for side in [0, 1] {
        world.node(side).drive(now).unwrap().unwrap();
    }
    now
}

fn days(number: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * number)
}

/// Side 0 announces a new key, at once and with the overlap of every day.
fn announced(world: &World, what: Use) -> Vec<String> {
    let now = world.node(0).clock.now();
    let notes = world.sides[0].change(what, |change| change.rotate(now, OVERLAP).unwrap());
    assert_eq!(
        world.node(0).announce(&notes, OFFICER).unwrap(),
        notes.len()
    );
    drive(world, SignedDuration::from_secs(1));
    notes
}

/// Side 0 says that its key was stolen a while ago.
fn revoked(world: &World, what: Use, since: Timestamp) -> Vec<String> {
    let notes = world.sides[0].change(what, |change| change.revoke(since).unwrap());
    world.node(0).announce(&notes, OFFICER).unwrap();
    notes
}

fn sends(world: &World, from: usize, case: &str) {
    let link = world.sides[from].link();
    let draft = world.draft(&acts::request(Ends::of(from), case));
    let sent = world.node(from).release(&link, OFFICER, draft, None);
    sent.unwrap_or_else(|fault| panic!("{fault:#?}"));
}

fn all_filed(world: &World, side: usize) -> usize {
    let link = world.sides[side].link();
    let lines = world.node(side).store.outbox(link.id, None, 100).unwrap();
    let filed = |line: &&entente_store::OutboxLine| line.outcome == Some(Outcome::Filed);
    assert_eq!(lines.iter().filter(filed).count(), lines.len(), "{lines:?}");
    lines.len()
}

fn handed(world: &World, parcel: &Parcel) -> Result<Parcel, ReceiveFault> {
    world.node(1).receive(world.sides[0].party, parcel)
}

fn malformed(result: Result<Parcel, ReceiveFault>) -> String {
    match result.map_err(|fault| fault.told()) {
        Err(Problem::Malformed { detail }) => detail,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_key_is_changed_while_the_partner_is_away_for_three_days() {
    let world = World::new(&shipped(), 71);
    sends(&world, 0, "BE-2026-000001");
    world.hand_over(0);
    sends(&world, 1, "MA-2026-000001");
    let old = world.sides[0].keys();
    for what in [Use::Log, Use::Seal, Use::Transport] {
        announced(&world, what);
    }
    drive(&world, days(3));
    sends(&world, 0, "BE-2026-000002");
    // What the partner sealed for the key that it knew is opened; its heads are still those of its own key.
    world.hand_over(1);
    world.hand_over(0);
    world.hand_over(1);
    sends(&world, 1, "MA-2026-000002");
    world.hand_over(1);
    assert_eq!((all_filed(&world, 0), all_filed(&world, 1)), (2, 2));

    let (link, now) = (world.sides[1].link(), world.node(1).clock.now());
    let rows = world.node(1).store.key_notices(link.id, Keyholder::Partner);
    let places: Vec<_> = rows.unwrap().iter().map(|row| row.position).collect();
    assert_eq!(places.len(), 6);
    assert!(places.iter().all(Option::is_some));
    let KeyUse::Seal(recipient) = serving(&link, Use::Seal, now) else {
        unreachable!()
    };
    assert_ne!(recipient, old.seal().recipient().to_string());
    // Heads are signed by the new key, and its notice stands in the log that they cover.
    let head = world.node(1).store.mirror_head(link.id).unwrap().unwrap();
    assert!(SignedHead::verify(&head.note, link.their_keys()).is_err());
    let own = link.own_origin().own();
    let keys = link
        .theirs
        .read(|ring| ring.signer(&head.note, own).unwrap().0);
    assert!(SignedHead::verify(&head.note, &keys).is_ok());
    // The partner knows the new transport key, so from now on it is used; the old one is let in until its end.
    let pin = world.node(0).transport().pin();
    assert_ne!(pin, old.transport().pin());
    for pin in [pin, old.transport().pin()] {
        assert_eq!(
            world.node(1).party_of(&pin).as_deref(),
            Some(world.sides[0].party)
        );
    }
    drive(&world, OVERLAP);
    assert_eq!(world.node(1).party_of(&old.transport().pin()), None);
}

#[test]
fn until_the_partner_holds_the_notice_the_transport_key_that_it_knows_is_used() {
    let world = World::new(&shipped(), 72);
    let old = world.node(0).transport().pin();
    announced(&world, Use::Transport);
    assert_eq!(world.node(0).transport().pin(), old);
    world.hand_over(0);
    world.hand_over(1);
    assert_ne!(world.node(0).transport().pin(), old);
}

#[test]
fn both_nodes_hold_the_same_keys_after_a_start_anew() {
    let mut world = World::new(&shipped(), 73);
    announced(&world, Use::Log);
    announced(&world, Use::Seal);
    world.hand_over(0);
    let before = [
        world.node(0).ring.held(),
        world.sides[1].link().theirs.held(),
    ];
    assert_eq!(before[0], before[1]);
    let now = drive(&world, days(1));
    for side in [0, 1] {
        world.sides[side].crash();
        world.sides[side].start(now);
    }
    assert_eq!(world.node(0).ring.held(), before[0]);
    assert_eq!(world.sides[1].link().theirs.held(), before[0]);
    world.contact(0);
    sends(&world, 0, "BE-2026-000003");
    world.hand_over(0);
    assert_eq!(all_filed(&world, 0), 1);
}

#[test]
fn a_head_by_a_stolen_log_key_is_refused_and_what_was_cosigned_before_stays() {
    let world = World::new(&shipped(), 74);
    sends(&world, 0, "BE-2026-000004");
    world.hand_over(0);
    world.hand_over(1);
    let link = world.sides[0].link();
    let cosigned = world.node(0).store.cosignature(link.id).unwrap().unwrap();
    // Whoever stole the key signs what the node would sign, as of an instant before the theft.
    sends(&world, 0, "BE-2026-000005");
    let stolen = world.dispatch(0).parcel;
    let since = world.node(0).clock.now();
    drive(&world, days(1));
    let notes = revoked(&world, Use::Log, since);
    let theirs = world.sides[1].link();
    world
        .node(1)
        .accept_notices(&theirs, &notes, OFFICER)
        .unwrap();
    let refused = malformed(handed(&world, &stolen));
    assert!(refused.contains("does not serve"), "{refused}");
    assert_eq!(
        world.node(1).store.inbox(theirs.id, None, 9).unwrap().len(),
        1
    );
    // The same act goes on under the new key, and what was cosigned is as it was.
    drive(&world, SignedDuration::from_secs(1));
    world.hand_over(0);
    assert_eq!(all_filed(&world, 0), 2);
    let now = world.node(0).store.cosignature(link.id).unwrap().unwrap();
    assert!(now.size >= cosigned.size);
}

#[test]
fn a_cosignature_by_a_stolen_log_key_is_refused() {
    let world = World::new(&shipped(), 75);
    sends(&world, 1, "MA-2026-000006");
    world.hand_over(1);
    let stolen = world.dispatch(0).parcel;
    assert!(stolen.cosignature.is_some());
    let notes = revoked(&world, Use::Log, start());
    drive(&world, SignedDuration::from_secs(1));
    let theirs = world.sides[1].link();
    world
        .node(1)
        .accept_notices(&theirs, &notes, OFFICER)
        .unwrap();
    let bare = Parcel {
        head: None,
        entries: vec![],
        ..stolen
    };
    let refused = malformed(handed(&world, &bare));
    assert!(refused.contains("cosignature"), "{refused}");
}

#[test]
fn a_stolen_transport_key_is_shut_out_by_a_notice_carried_by_hand_during_an_outage() {
    let world = World::new(&shipped(), 76);
    let old = world.node(0).transport().pin();
    let notes = revoked(&world, Use::Transport, start());
    let new = world.node(0).transport().pin();
    assert_ne!(new, old);
    assert_eq!(world.node(1).party_of(&new), None);
    let theirs = world.sides[1].link();
    assert_eq!(
        world
            .node(1)
            .accept_notices(&theirs, &notes, OFFICER)
            .unwrap(),
        2
    );
    assert_eq!(world.node(1).party_of(&old), None);
    assert!(world.node(1).party_of(&new).is_some());
    // The same notices come with the log as well, once the partner is reached, and get their place there.
    drive(&world, SignedDuration::from_secs(1));
    world.hand_over(0);
    let rows = world
        .node(1)
        .store
        .key_notices(theirs.id, Keyholder::Partner)
        .unwrap();
    assert!(rows.iter().all(|row| row.position.is_some()), "{rows:?}");
}

#[test]
fn an_emergency_before_the_partner_was_heard_waits_for_the_log_and_counts_at_once() {
    let mut world = World::new(&shipped(), 77);
    let now = drive(&world, days(1));
    world.sides[0].crash();
    world.sides[0].start(now);
    let link = world.sides[0].link();
    revoked(&world, Use::Log, now - SignedDuration::from_hours(1));
    world.node(0).due(&link).unwrap();
    let rows = world
        .node(0)
        .store
        .key_notices(link.id, Keyholder::Own)
        .unwrap();
    assert!(rows.iter().all(|row| row.position.is_none()));
    world.ask(0);
    drive(&world, SignedDuration::from_secs(1));
    world.hand_over(0);
    let theirs = world.sides[1].link();
    assert_eq!(theirs.theirs.held(), world.node(0).ring.held());
}

#[test]
fn an_old_seal_key_is_destroyed_once_nothing_can_be_on_its_way_to_it() {
    let world = World::new(&shipped(), 78);
    sends(&world, 1, "MA-2026-000007");
    announced(&world, Use::Seal);
    drive(&world, OVERLAP);
    world.hand_over(1);
    assert_eq!(all_filed(&world, 1), 1);
    let text = world.sides[0].keys().seal().to_text().to_string();
    assert!(world.sides[0].holds(text.as_bytes()));
    drive(&world, SEAL_KEPT);
    assert!(!world.sides[0].holds(text.as_bytes()));
    world.hand_over(0);
    sends(&world, 1, "MA-2026-000008");
    world.hand_over(1);
    assert_eq!(all_filed(&world, 1), 2);
}

/// A parcel of side 0 with a notice among its entries, whatever it says.
fn carries(world: &World, note: &str) -> Parcel {
    let link = world.sides[0].link();
    let store = &world.node(0).store;
    let at = world.node(0).clock.now();
    let line = Line::new(Kind::Node, at).commit(&world.node(0).chance);
    let rows = [(1 << 20, note.to_owned())];
    store
        .keep_key_notices(link.id, Keyholder::Own, &rows, at, &line)
        .unwrap();
    drive(world, SignedDuration::from_secs(1));
    let parcel = world.dispatch(0).parcel;
    assert_eq!(parcel.notices.len(), 1);
    parcel
}

fn nothing_changed(world: &World) {
    let link = world.sides[1].link();
    let rows = world.node(1).store.key_notices(link.id, Keyholder::Partner);
    assert!(rows.unwrap().is_empty());
    assert_eq!(link.theirs.held().next(), 1);
}

#[test]
fn a_notice_by_a_strangers_identity_is_refused() {
    let world = World::new(&shipped(), 79);
    let stranger = World::new(&shipped(), 80);
    let notes = stranger.sides[0].change(Use::Seal, |change| change.revoke(start()).unwrap());
    malformed(handed(&world, &carries(&world, &notes[0])));
    nothing_changed(&world);
    let link = world.sides[1].link();
    let by_hand = world.node(1).accept_notices(&link, &notes, OFFICER);
    assert!(matches!(
        by_hand,
        Err(NotTaken::Notice(NoticeFault::Note(_)))
    ));
}

#[test]
fn a_notice_for_another_party_is_refused() {
    let world = World::new(&shipped(), 81);
    let notes = world.sides[1].change(Use::Seal, |change| change.revoke(start()).unwrap());
    malformed(handed(&world, &carries(&world, &notes[0])));
    nothing_changed(&world);
}

#[test]
fn a_notice_for_another_memorandum_is_refused() {
    let world = World::new(&shipped(), 82);
    let notes = world.sides[0].change(Use::Transport, |change| change.revoke(start()).unwrap());
    let other = notes[0].replacen("memorandum ", "memorandum other_", 1);
    malformed(handed(&world, &carries(&world, &other)));
    nothing_changed(&world);
}

#[test]
fn a_notice_replayed_changes_nothing() {
    let world = World::new(&shipped(), 83);
    let notes = announced(&world, Use::Seal);
    world.hand_over(0);
    let link = world.sides[1].link();
    let before = link.theirs.held();
    let again = world.node(1).accept_notices(&link, &notes[..1], OFFICER);
    assert_eq!(again.unwrap(), 0);
    handed(&world, &carries(&world, &notes[0])).unwrap();
    assert_eq!(link.theirs.held(), before);
}

#[test]
fn a_notice_with_a_lower_number_is_refused() {
    let world = World::new(&shipped(), 84);
    let earlier = world.sides[0].change(Use::Seal, |change| change.revoke(start()).unwrap());
    announced(&world, Use::Seal);
    world.hand_over(0);
    let link = world.sides[1].link();
    let before = link.theirs.held();
    let number = KeyNotice::verify(&earlier[0], link.theirs.held().identity())
        .unwrap()
        .number();
    assert!(number < before.next());
    let detail = malformed(handed(&world, &carries(&world, &earlier[0])));
    assert!(detail.contains("number"), "{detail}");
    let by_hand = world.node(1).accept_notices(&link, &earlier, OFFICER);
    assert!(matches!(
        by_hand,
        Err(NotTaken::Notice(NoticeFault::Number { .. }))
    ));
    assert_eq!(link.theirs.held(), before);
}

#[test]
fn a_key_without_its_private_half_is_not_announced() {
    let world = World::new(&shipped(), 85);
    let notes = world.sides[0].change(Use::Log, |change| change.revoke(start()).unwrap());
    let before = world.node(0).ring.held();
    let made = world.sides[0].made_keys("log-");
    made.iter()
        .for_each(|path| std::fs::remove_file(path).unwrap());
    let refused = world.node(0).announce(&notes, OFFICER);
    assert!(matches!(refused, Err(NotTaken::Private(_))), "{refused:?}");
    assert_eq!(world.node(0).ring.held(), before);
}
