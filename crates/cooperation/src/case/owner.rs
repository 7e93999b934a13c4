//! Who answers for an act: a named officer and a deputy within the hour, else the duty officer; handed over in writing (5.3).

use jiff::Timestamp;

/// Who answered for an act, from its receipt on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenure {
    named_by: Timestamp,
    held: Vec<(Timestamp, Officers)>,
}

/// A responsible officer and a deputy, each designated by name, two different persons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officers {
    responsible: String,
    deputy: String,
}

/// A handover in writing: to whom, and who signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// The officers who take over.
    pub to: Officers,
    /// The persons who signed.
    pub signed_by: Vec<String>,
    /// When.
    pub at: Timestamp,
}

/// Who answers for an act at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Responsible<'t> {
    /// Nobody is designated yet, and the hour still runs.
    Awaited {
        /// When the duty officer becomes responsible.
        until: Timestamp,
    },
    /// A named officer and a deputy.
    Named(&'t Officers),
    /// The duty officer of the contact point, since the hour ran out.
    DutyOfficer {
        /// Since when.
        since: Timestamp,
    },
}

/// Why officers are not designated, or a case is not handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotDesignated {
    /// A name is empty.
    #[error("both officers are designated by name")]
    Nameless,
    /// One person is both.
    #[error("the deputy is another person than the responsible officer")]
    SamePerson,
    /// Somebody is responsible already.
    #[error("an officer is responsible already: a handover is needed")]
    Held,
    /// Nobody is responsible yet.
    #[error("nobody is responsible yet: designate the officers")]
    NobodyYet,
    /// A signature is missing.
    #[error("until both officers have signed, the first remains responsible")]
    Unsigned,
}

impl Officers {
    /// Two persons by name. Fails when a name is empty, or both are one person.
    pub fn new(responsible: &str, deputy: &str) -> Result<Self, NotDesignated> {
        match (responsible.trim(), deputy.trim()) {
            ("", _) | (_, "") => Err(NotDesignated::Nameless),
            (one, other) if one == other => Err(NotDesignated::SamePerson),
            (responsible, deputy) => Ok(Self {
                responsible: responsible.to_owned(),
                deputy: deputy.to_owned(),
            }),
        }
    }

    /// The responsible officer.
    pub fn responsible(&self) -> &str {
        &self.responsible
    }

    /// The deputy.
    pub fn deputy(&self) -> &str {
        &self.deputy
    }

    /// Whether a person is one of the two: only they read what is in quarantine (25.1).
    pub fn has(&self, person: &str) -> bool {
        self.responsible == person || self.deputy == person
    }
}

impl Tenure {
    /// An act for which officers must be named by this instant: the end of the clock that its receipt started.
    pub fn awaited(named_by: Timestamp) -> Self {
        Self {
            named_by,
            held: Vec::new(),
        }
    }

    /// Who answers for it at an instant. What becomes known later changes nothing before.
    pub fn responsible(&self, at: Timestamp) -> Responsible<'_> {
        let held = self.held.iter().rev().find(|(since, _)| *since <= at);
        match held {
            Some((_, officers)) => Responsible::Named(officers),
            None if at <= self.named_by => Responsible::Awaited {
                until: self.named_by,
            },
            None => Responsible::DutyOfficer {
                since: self.named_by,
            },
        }
    }

    /// Designates the officers. After the hour this is the duty officer's handover, and is refused here.
    pub fn designate(&mut self, officers: Officers, at: Timestamp) -> Result<(), NotDesignated> {
        match self.responsible(at) {
            Responsible::Awaited { .. } => {
                self.held.push((at, officers));
                Ok(())
            }
            _ => Err(NotDesignated::Held),
        }
    }

    /// Hands over, in writing and signed by both: who is responsible, or the duty officer by name, and who takes over.
    /// Until then the first remains responsible.
    pub fn hand_over(
        &mut self,
        handover: Handover,
        duty_officer: &str,
    ) -> Result<(), NotDesignated> {
        let first = match self.responsible(handover.at) {
            Responsible::Awaited { .. } => return Err(NotDesignated::NobodyYet),
            Responsible::Named(officers) => officers.responsible.clone(),
            Responsible::DutyOfficer { .. } => duty_officer.to_owned(),
        };
        let signed = |person: &str| handover.signed_by.iter().any(|by| by == person);
        if !signed(&first) || !signed(&handover.to.responsible) {
            return Err(NotDesignated::Unsigned);
        }
        self.held.push((handover.at, handover.to));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_784_000_000 + 60 * minute).unwrap()
    }

    fn officers(responsible: &str) -> Officers {
        Officers::new(responsible, "Amina Verlinden").unwrap()
    }

    fn handover(to: &str, signed_by: &[&str]) -> Handover {
        Handover {
            to: officers(to),
            signed_by: signed_by.iter().map(|by| (*by).to_owned()).collect(),
            at: at(90),
        }
    }

    #[test]
    fn nobody_named_within_the_hour_makes_the_duty_officer_responsible() {
        let mut tenure = Tenure::awaited(at(60));
        assert_eq!(
            tenure.responsible(at(60)),
            Responsible::Awaited { until: at(60) }
        );
        assert_eq!(
            tenure.responsible(at(61)),
            Responsible::DutyOfficer { since: at(60) }
        );
        let late = tenure.designate(officers("Piet Maes"), at(61));
        assert_eq!(late, Err(NotDesignated::Held));
    }

    #[test]
    fn a_named_officer_stays_responsible_after_the_hour() {
        let mut tenure = Tenure::awaited(at(60));
        tenure.designate(officers("Piet Maes"), at(10)).unwrap();
        let named = officers("Piet Maes");
        assert_eq!(tenure.responsible(at(500)), Responsible::Named(&named));
        assert!(named.has("Amina Verlinden") && !named.has("Karim Ait Said"));
    }

    #[test]
    fn a_handover_with_one_signature_changes_nothing() {
        let mut tenure = Tenure::awaited(at(60));
        tenure.designate(officers("Piet Maes"), at(10)).unwrap();
        let one = handover("Karim Ait Said", &["Karim Ait Said"]);
        assert_eq!(tenure.hand_over(one, "duty"), Err(NotDesignated::Unsigned));
        let first = officers("Piet Maes");
        assert_eq!(tenure.responsible(at(91)), Responsible::Named(&first));
        let both = handover("Karim Ait Said", &["Piet Maes", "Karim Ait Said"]);
        tenure.hand_over(both, "duty").unwrap();
        let second = officers("Karim Ait Said");
        assert_eq!(tenure.responsible(at(91)), Responsible::Named(&second));
        assert_eq!(tenure.responsible(at(89)), Responsible::Named(&first));
    }

    #[test]
    fn the_duty_officer_hands_over_too() {
        let mut tenure = Tenure::awaited(at(60));
        let signed = handover("Karim Ait Said", &["duty", "Karim Ait Said"]);
        assert_eq!(tenure.hand_over(signed, "duty"), Ok(()));
    }

    #[test]
    fn officer_and_deputy_are_two_persons_with_names() {
        assert_eq!(
            Officers::new("Piet Maes", " Piet Maes"),
            Err(NotDesignated::SamePerson)
        );
        assert_eq!(Officers::new(" ", "x"), Err(NotDesignated::Nameless));
    }
}
