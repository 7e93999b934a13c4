//! Whether an act that concerns facts names facts that there are: a recall of nothing would start a clock for nothing.

use std::collections::BTreeSet;

use entente_cooperation::{act::Act, case, memorandum::Behaviour, value::Value};
use entente_store::{Bytes32, Outcome};

use crate::{fault::SendFault, link::Link, node::Node};

/// Whose acts hold the facts that an act concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Given {
    ByUs,
    ByThePartner,
}

impl Node {
    /// Fails if an act that recalls, corrects, seeks or decides a consent names facts that no act of its case holds.
    ///
    /// Of an act whose content is erased, or that was made by another channel, nobody knows here which facts it held: then all are
    /// let pass.
    pub(crate) fn concerns_facts(&self, link: &Link, act: &Act) -> Result<(), SendFault> {
        let shelf = self.shelf(link);
        let memorandum = &shelf.agreement.memorandum;
        let line = memorandum.acts.get(&act.kind);
        let given = match line.map(|line| line.behaviour) {
            Some(
                Behaviour::Recalls | Behaviour::Corrects | Behaviour::Consents | Behaviour::Revokes,
            ) => Given::ByUs,
            Some(Behaviour::SeeksConsent) => Given::ByThePartner,
            _ => return Ok(()),
        };
        let Some(case_ref) = act.text(case::word::slot::CASE) else {
            return Ok(());
        };
        let named = act.items(case::word::slot::FACTS_CONCERNED).iter();
        let named: BTreeSet<String> = named
            .filter_map(Value::as_text)
            .map(str::to_owned)
            .collect();
        let mut known = BTreeSet::new();
        for (message, digest) in self.given(link, case_ref, given)? {
            let Some(body) = shelf.body(&message, &digest)? else {
                return Ok(());
            };
            let line = memorandum.acts.get(&body.act().kind);
            if line.is_some_and(|line| line.behaviour == Behaviour::Registers) {
                return Ok(());
            }
            known.extend(case::facts_of(memorandum, body.act()));
        }
        let unknown: Vec<String> = named.difference(&known).cloned().collect();
        if unknown.is_empty() {
            return Ok(());
        }
        Err(SendFault::NoSuchFact {
            unknown,
            known: known.into_iter().collect(),
        })
    }

    /// The acts of a case that one side gave and the other did not turn away: message and memorandum of each.
    fn given(
        &self,
        link: &Link,
        case_ref: &str,
        given: Given,
    ) -> Result<Vec<(Bytes32, String)>, SendFault> {
        let admitted = |outcome: Option<Outcome>| {
            !matches!(outcome, Some(Outcome::Refused | Outcome::Unreadable))
        };
        Ok(match given {
            Given::ByUs => {
                let lines = self.store.outbox_of_case(link.id, case_ref)?.into_iter();
                lines
                    .filter(|line| admitted(line.outcome) && line.kept_back_at.is_none())
                    .map(|line| (line.message, line.memorandum))
                    .collect()
            }
            Given::ByThePartner => {
                let lines = self.store.inbox_of_case(link.id, case_ref)?.into_iter();
                lines
                    .filter(|line| admitted(Some(line.outcome)))
                    .map(|line| (line.message, line.memorandum))
                    .collect()
            }
        })
    }
}
