//! Acts that wait without an entry: what is barred since stays at home, and the partner sees what it would see without it.

use entente_node::office::Departure;

use super::{
    CASE, THREE_DAYS, amendment_is_near, consent_is_revoked, partner_consents, partner_recalls,
    partner_stops, partner_suspends, pass, passed_on, request, seen, stop_of_the_case, suspension,
    told,
};
use crate::{
    acts::{self, Ends},
    world::{World, shipped},
};

/// Sent while the partner is away: it waits.
fn waits(world: &World, text: &str) {
    let sent = world.node(0).send("officer_1", world.draft(text));
    assert!(
        matches!(sent, Ok(Departure::Waiting(_))),
        "{sent:#?}\n{text}"
    );
}

/// The first side starts, and does not reach its partner.
fn partner_goes_away(world: &mut World) {
    let now = world.node(0).clock.now();
    world.sides[0].crash();
    world.sides[0].start(now);
}

/// The partner is there again, and says first what it has to say.
fn partner_comes_back(world: &World) {
    world.ask(0);
    world.hand_over(1);
    world.node(0).due(&world.sides[0].link()).unwrap();
    world.hand_over(0);
    world.hand_over(1);
}

/// What comes before, what waits, and what happens on both sides while the partner is away.
struct Story {
    seed: u64,
    before: fn(&mut World),
    queued: fn() -> String,
    meanwhile: fn(&World),
}

impl Story {
    /// Three days, with or without the act that waits.
    fn told(&self, queued: bool) -> World {
        let mut world = World::new(&shipped(), self.seed);
        (self.before)(&mut world);
        partner_goes_away(&mut world);
        if queued {
            waits(&world, &(self.queued)());
        }
        (self.meanwhile)(&world);
        pass(&world, THREE_DAYS);
        partner_comes_back(&world);
        world
    }

    /// The act leaves if nothing happens; as it is, it does not: its officer is told which article bars it and for what reason,
    /// and the partner sees what it would see if nobody had ever sent it.
    fn bars(&self, article: &str, reason: &str) {
        let free = Story {
            meanwhile: |_| {},
            seed: self.seed,
            before: self.before,
            queued: self.queued,
        };
        let (without, with) = (seen(&free.told(false)), seen(&free.told(true)));
        assert_eq!(
            with.acts.len(),
            without.acts.len() + 1,
            "nothing else bars it: {with:?}"
        );

        let world = self.told(true);
        let link = world.sides[0].link();
        let held = world.node(0).held(&link).unwrap();
        assert!(held.is_empty(), "{:?}", held[0].1.act());
        assert_eq!(seen(&world), seen(&self.told(false)));
        let told = told(&world);
        assert_eq!(told.len(), 1, "{told:#?}");
        for word in ["officer_1", article, reason] {
            assert!(told[0].contains(word), "{word}: {told:#?}");
        }
    }
}

#[test]
fn a_stop_of_the_partner_bars_what_waits() {
    let story = Story {
        seed: 500,
        before: |_| {},
        queued: request,
        meanwhile: partner_stops,
    };
    story.bars("31.2", "stopped");
}

#[test]
fn a_stop_that_our_own_oversight_orders_later_bars_what_waits_before_it() {
    let story = Story {
        seed: 501,
        before: |_| {},
        queued: request,
        meanwhile: |world| waits(world, &stop_of_the_case()),
    };
    story.bars("31.2", "stopped");
}

#[test]
fn a_recall_bars_the_use_that_waits() {
    let story = Story {
        seed: 502,
        before: partner_consents,
        queued: passed_on,
        meanwhile: partner_recalls,
    };
    story.bars("26.2", "mark_forbids");
}

#[test]
fn a_suspension_by_the_partner_bars_what_waits() {
    let story = Story {
        seed: 503,
        before: |_| {},
        queued: request,
        meanwhile: partner_suspends,
    };
    story.bars("35.3", "chapter_suspended");
}

#[test]
fn a_suspension_that_we_notify_later_bars_what_waits_before_it() {
    let story = Story {
        seed: 504,
        before: |_| {},
        queued: request,
        meanwhile: |world| waits(world, &suspension(0)),
    };
    story.bars("35.3", "chapter_suspended");
}

#[test]
fn a_consent_that_is_revoked_bars_what_rests_on_it() {
    let story = Story {
        seed: 505,
        before: partner_consents,
        queued: passed_on,
        meanwhile: consent_is_revoked,
    };
    story.bars("20.3", "consent_missing");
}

/// An amendment of the list under which the offence of what waits is no offence any more; it takes effect while it waits.
#[test]
fn an_amendment_that_takes_effect_meanwhile_judges_what_waits() {
    let story = Story {
        seed: 506,
        before: amendment_is_near,
        queued: request,
        meanwhile: |_| {},
    };
    let world = story.told(true);
    let told = told(&world);
    assert_eq!(told.len(), 1, "{told:#?}");
    for word in ["officer_1", "6.2", "not_punishable_in_both"] {
        assert!(told[0].contains(word), "{word}: {told:#?}");
    }
    assert_eq!(seen(&world), seen(&story.told(false)));
}

/// The eleventh check of a case within a day: the ten before it wait as well, and use the quota up when they leave.
#[test]
fn what_waits_uses_the_quota_up_when_it_leaves_and_the_rest_stays_at_home() {
    let mut world = World::new(&shipped(), 507);
    partner_goes_away(&mut world);
    for _ in 0..11 {
        waits(&world, &acts::blind_check(Ends::of(0), CASE));
    }
    pass(&world, THREE_DAYS);
    partner_comes_back(&world);
    assert_eq!(seen(&world).acts.len(), 10);
    let told = told(&world);
    assert_eq!(told.len(), 1, "{told:#?}");
    for word in ["officer_1", "16.3", "quota_exhausted"] {
        assert!(told[0].contains(word), "{told:#?}");
    }
    let link = world.sides[0].link();
    assert!(world.node(0).held(&link).unwrap().is_empty());
}
