//! The officers: what they open, answer, recall and stop, as chance has it.

use std::collections::BTreeMap;

use entente_cooperation::draft::Draft;
use entente_node::{fault::SendFault, office::SentBefore, rows::Sent};
use jiff::SignedDuration;

use super::{Story, Traffic};
use crate::acts::{self, Ends};

/// What an officer would send.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) side: usize,
    pub(crate) kind: &'static str,
    pub(crate) text: String,
    /// The story that it goes on with; none if it opens one.
    story: Option<usize>,
}

impl Traffic {
    pub(super) fn officer(&mut self) {
        if let Some(wish) = self.wish() {
            self.send(&wish);
        }
    }

    /// What an officer of either side would do next, if anything.
    pub(crate) fn wish(&mut self) -> Option<Wish> {
        if let Some(story) = self.unanswered_alert()
            && self.happens(600)
        {
            return Some(self.acknowledgement(story));
        }
        let side = usize::from(self.happens(500));
        let (kind, text, story) = if self.stories.is_empty() || self.happens(350) {
            self.opening(side)
        } else {
            self.going_on(side)
        };
        text.map(|text| Wish {
            side,
            kind,
            text,
            story,
        })
    }

    /// A day on which nothing is released would prove little: the officers go on until something has left.
    pub(super) fn morning(&mut self) {
        for side in 0..2 {
            let (node, link) = (self.world.node(side), self.world.sides[side].link());
            if !link.turn(&node.store).unwrap().confirmed {
                self.world.ask(side);
            }
        }
        let before = self.acts();
        for _ in 0..500 {
            self.officer();
            if self.acts() > before {
                return;
            }
        }
        panic!("seed {}: nothing can be released", self.seed);
    }

    /// How many acts were released.
    pub(crate) fn acts(&self) -> u32 {
        self.released.values().sum()
    }

    /// An alert that climbs every quarter of an hour is seldom left alone for long.
    fn unanswered_alert(&self) -> Option<usize> {
        let open = |story: &Story| {
            story.made.contains_key("alert") && !story.made.contains_key("acknowledged")
        };
        self.stories.iter().position(open)
    }

    fn acknowledgement(&self, at: usize) -> Wish {
        let story = &self.stories[at];
        let (side, more) = (1 - story.asker, "officer = \"signed:officer_1\"");
        let (kind, to) = ("alert_acknowledgement", &story.made["alert"]);
        Wish {
            side,
            kind: "acknowledged",
            text: acts::answer(kind, Ends::of(side), &story.case, to, more),
            story: Some(at),
        }
    }

    /// An act is released, if its own desk lets it leave; whoever does not hear of it looks what became of it.
    pub(crate) fn send(&mut self, wish: &Wish) {
        let draft = self.world.draft(&wish.text);
        let again = draft.clone();
        let sent = self.leaves(wish.side, move |node, link| {
            node.release(link, "officer_1", draft, None)
        });
        match sent {
            Some(sent) => self.told(wish, sent),
            None => self.look_what_became(wish, &again),
        }
    }

    /// After a stop: the draft was released, or nothing of it is there.
    pub(crate) fn look_what_became(&mut self, wish: &Wish, draft: &Draft) {
        let before = self.world.node(wish.side).sent_before(draft).unwrap();
        if let Some(SentBefore::Released(line)) = before
            && !self.knows(line.reference.as_deref())
        {
            self.noted(wish, line.reference.unwrap_or_default());
        }
    }

    fn knows(&self, reference: Option<&str>) -> bool {
        let mut made = self.stories.iter().flat_map(|story| story.made.values());
        reference.is_some_and(|reference| made.any(|known| known == reference))
    }

    /// The officer hears what became of an act.
    pub(crate) fn told(&mut self, wish: &Wish, sent: Result<Sent, SendFault>) {
        let kind = wish.kind;
        match sent {
            Ok(sent) => self.noted(wish, sent.reference.unwrap_or_default()),
            Err(SendFault::Refused(judgement)) => {
                let reason = judgement
                    .reason
                    .map_or_else(String::new, |reason| reason.id().to_owned());
                *self.refused.entry(format!("{kind}: {reason}")).or_default() += 1;
            }
            Err(SendFault::Starting) => {}
            Err(fault) => panic!("seed {}: {kind}: {fault:?}\n{}", self.seed, wish.text),
        }
    }

    fn noted(&mut self, wish: &Wish, reference: String) {
        *self.released.entry(wish.kind).or_default() += 1;
        if let Some(story) = wish.story {
            self.stories[story].made.insert(wish.kind, reference);
            return;
        }
        let case = reference.rsplit_once('/').unwrap().0.to_owned();
        self.stories.push(Story {
            case,
            asker: wish.side,
            made: BTreeMap::from([(wish.kind, reference)]),
        });
    }

    fn opening(&mut self, side: usize) -> (&'static str, Option<String>, Option<usize>) {
        self.next_case += 1;
        let ends = Ends::of(side);
        let case = format!("{}-2026-{:06}", ends.party.to_uppercase(), self.next_case);
        match self.roll(10) {
            0..=4 => ("request", Some(acts::request(ends, &case)), None),
            5 => ("fishing", Some(acts::fishing(ends, &case)), None),
            6 | 7 => ("spontaneous", Some(acts::spontaneous(ends, &case)), None),
            8 => {
                let arrival = self.now.checked_add(SignedDuration::from_hours(5)).unwrap();
                (
                    "alert",
                    Some(acts::alert(ends, &case, &arrival.to_string())),
                    None,
                )
            }
            // A suspension bars most acts for days, and moves the clocks of every case: once a month is often.
            _ if self.happens(700) => ("request", Some(acts::request(ends, &case)), None),
            _ => {
                let more = "chapters = [\"exchange\"]\nreason = \"Désaccord.\"";
                (
                    "suspension",
                    Some(acts::governance("suspension_notice", side, more)),
                    None,
                )
            }
        }
    }

    fn going_on(&mut self, side: usize) -> (&'static str, Option<String>, Option<usize>) {
        let recent = self.stories.len().min(12) as u16;
        let at = self.stories.len() - 1 - usize::from(self.roll(recent));
        let story = self.stories[at].clone();
        let (ends, asks) = (Ends::of(side), side == story.asker);
        let made = |kind: &str| story.made.get(kind).map(String::as_str);
        let case = story.case.as_str();
        let day = |days: i64| {
            let at = self
                .now
                .checked_add(SignedDuration::from_hours(24 * days))
                .unwrap();
            at.to_string()[..10].to_owned()
        };
        let made = (
            made("request"),
            made("alert"),
            made("spontaneous"),
            made("suspension"),
        );
        let more = self.roll(9);
        let (kind, text) = match (made, asks, more) {
            ((Some(request), ..), false, 0..=1) => ("reply", acts::reply(ends, case, request)),
            ((Some(request), ..), false, 2) => {
                let more = "refusal_ground = [\"not_held\"]\nscope = [\"q2\"]";
                (
                    "refusal",
                    acts::answer("information_refusal", ends, case, request, more),
                )
            }
            ((Some(request), ..), false, 3) => {
                let more = "slots_concerned = [\"subject\"]";
                (
                    "clarification",
                    acts::answer("clarification_request", ends, case, request, more),
                )
            }
            ((Some(request), ..), false, 4) => {
                let more = format!(
                    "reason = \"Autorisation judiciaire.\"\nexpected_on = {}",
                    day(9)
                );
                (
                    "extension",
                    acts::answer("extension_notice", ends, case, request, &more),
                )
            }
            ((Some(request), ..), false, 5) => {
                let more = "reason = \"Donnée détenue par une juridiction.\"";
                (
                    "availability",
                    acts::answer("availability_declaration", ends, case, request, more),
                )
            }
            ((Some(_), ..), true, 0..=2) if story.made.contains_key("clarification") => {
                let more = "slots_supplied = [\"subject\"]\nsubject = { kind = \"person\", given_names = \"Rachid\", family_name = \"Lamkaddem\", note = \"fils d'Ahmed\" }";
                let to = &story.made["clarification"];
                (
                    "clarified",
                    acts::declared("clarification_reply", ends, case, to, more),
                )
            }
            ((Some(_), ..), true, 3) => (
                "admission",
                acts::about_facts(
                    "admission_notice",
                    ends,
                    case,
                    "admission_outcome = \"admitted\"",
                ),
            ),
            ((Some(_), ..), true, 4) => (
                "erasure",
                acts::about_facts(
                    "admission_notice",
                    ends,
                    case,
                    "admission_outcome = \"erased\"",
                ),
            ),
            ((Some(_), ..), false, 6) | ((_, _, Some(_), _), true, 0..=1) => {
                ("recall", acts::about_facts("recall", ends, case, ""))
            }
            ((Some(_), ..), true, 5) => {
                let more = format!(
                    "purpose = \"investigate_organised_crime\"\nuntil = {}",
                    day(60)
                );
                (
                    "consent_asked",
                    acts::about_facts("consent_request", ends, case, &more),
                )
            }
            ((Some(_), ..), false, 7) if story.made.contains_key("consent_asked") => {
                let to = &story.made["consent_asked"];
                let more = format!(
                    "facts_concerned = [\"f1\"]\nconsent_outcome = \"partly_granted\"\n\
                     purpose = \"investigate_organised_crime\"\nuntil = {}",
                    day(50)
                );
                (
                    "consented",
                    acts::answer("consent_decision", ends, case, to, &more),
                )
            }
            ((Some(_), ..), false, 8) if story.made.contains_key("consented") => {
                let to = &story.made["consented"];
                (
                    "revoked",
                    acts::answer(
                        "consent_revocation",
                        ends,
                        case,
                        to,
                        "facts_concerned = [\"f1\"]",
                    ),
                )
            }
            ((_, Some(alert), ..), false, 0..=4) => {
                let more = "officer = \"signed:officer_1\"";
                (
                    "acknowledged",
                    acts::answer("alert_acknowledgement", ends, case, alert, more),
                )
            }
            ((_, Some(alert), ..), false, _) => {
                let more = "action_taken = \"Identifié à l'arrivée.\"";
                (
                    "reported",
                    acts::declared("alert_report", ends, case, alert, more),
                )
            }
            ((_, _, Some(information), _), false, _) => {
                let more = "usefulness = \"useful\"";
                (
                    "feedback",
                    acts::answer("usefulness_feedback", ends, case, information, more),
                )
            }
            ((.., Some(suspension)), true, _) => {
                let more = format!("in_reply_to = \"{suspension}\"\nchapters = [\"exchange\"]");
                (
                    "resumed",
                    acts::governance("suspension_lifted", side, &more),
                )
            }
            (_, _, 8) => {
                let (scope, more) = (format!("case:{case}"), "reason = \"Examen d'une plainte.\"");
                match story.made.get("stop") {
                    None if self.happens(700) => return ("nothing", None, None),
                    None => (
                        "stop",
                        acts::oversight("oversight_stop", side, &scope, more),
                    ),
                    Some(stop) => {
                        let more = format!("in_reply_to = \"{stop}\"");
                        (
                            "released",
                            acts::oversight("oversight_release", side, &scope, &more),
                        )
                    }
                }
            }
            _ => return ("nothing", None, None),
        };
        (kind, Some(text), Some(at))
    }
}
