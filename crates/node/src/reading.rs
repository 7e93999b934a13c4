//! What officers read: judged first, and noted whatever the answer.

use entente_cooperation::{
    act::{Act, Moment, Side},
    body::Body,
    fact::Fact,
    judgement::{Answer, Judgement},
    value::Value,
};
use entente_ledger::hex;
use entente_store::{InboxLine, OutboxLine, Wanted};

use crate::{
    desk::{DeskFault, wanted_case},
    fault::SendFault,
    journal::{Kind, Line},
    link::Link,
    node::Node,
};

/// What became of reading an act.
#[derive(Debug)]
pub enum Reading {
    /// Its body.
    Body(Box<Body>),
    /// The memorandum does not let this person read it.
    Refused(Box<Judgement>),
    /// Its content is erased, or was never kept.
    Gone,
}

/// What is read, and who answers for it.
#[derive(Default)]
struct Read {
    organ: String,
    owner: Option<String>,
    deputy: Option<String>,
    case: Option<String>,
    reference: Option<String>,
    /// The facts in it that we hold.
    facts: Vec<String>,
}

impl Read {
    fn received(line: &InboxLine) -> Self {
        Self {
            organ: line.to_organ.clone().unwrap_or_default(),
            owner: line.owner.clone(),
            deputy: line.deputy.clone(),
            case: line.case_ref.clone(),
            reference: line.reference.clone(),
            facts: Vec::new(),
        }
    }
}

impl Node {
    /// An officer reads an act that we received; the journal says who and why, whatever the answer.
    pub fn read_received(
        &self,
        link: &Link,
        officer: &str,
        line: &InboxLine,
        why: &str,
    ) -> Result<Reading, SendFault> {
        let deed = self.reading(&self.read_of_theirs(link, line)?, officer);
        self.read(link, officer, &deed, (&line.message, &line.memorandum), why)
    }

    /// An officer reads an act that we sent: who released it may, and who answers for its case.
    pub fn read_sent(
        &self,
        link: &Link,
        officer: &str,
        line: &OutboxLine,
        why: &str,
    ) -> Result<Reading, SendFault> {
        let deed = self.reading(&self.read_of_ours(link, officer, line)?, officer);
        self.read(link, officer, &deed, (&line.message, &line.memorandum), why)
    }

    /// The same judgement before the key of an act that we sent or received is handed out.
    pub fn may_reveal(
        &self,
        link: &Link,
        officer: &str,
        message: &[u8; 32],
    ) -> Result<Option<Judgement>, SendFault> {
        let received = self.store.receipt_for(link.id, message)?;
        let deed = match (received, self.store.outbox_of(link.id, message)?) {
            (Some(line), _) => self.reading(&self.read_of_theirs(link, &line)?, officer),
            (None, Some(line)) => self.reading(&self.read_of_ours(link, officer, &line)?, officer),
            (None, None) => self.reading(&Read::default(), officer),
        };
        self.judge_reading(link, &deed)
    }

    fn read(
        &self,
        link: &Link,
        officer: &str,
        deed: &Act,
        (message, memorandum): (&[u8; 32], &str),
        why: &str,
    ) -> Result<Reading, SendFault> {
        let refused = self.judge_reading(link, deed)?;
        let reference = deed.text("reference");
        self.note_reading(link, officer, message, reference, why, refused.is_some())?;
        if let Some(judgement) = refused {
            return Ok(Reading::Refused(Box::new(judgement)));
        }
        let body = self.shelf(link).body(message, memorandum)?;
        Ok(body.map_or(Reading::Gone, |body| Reading::Body(Box::new(body))))
    }

    /// The refusal of a reading, if it is one. Only what the rules permit is read.
    fn judge_reading(&self, link: &Link, deed: &Act) -> Result<Option<Judgement>, SendFault> {
        let (shelf, now) = (self.shelf(link), self.clock.now());
        let wanted = deed.text("case").map_or_else(Wanted::default, wanted_case);
        let state = self.desk.state_of(&shelf, &wanted, now)?;
        let moment = Moment {
            at: now,
            released_at: None,
            side: Side::Recipient,
        };
        let policy = &shelf.agreement.policy;
        let judged = policy.judge_event(&shelf.agreement.memorandum, &state, deed, &moment);
        let unknown = || DeskFault::Undecided(vec![deed.kind.clone()]);
        let judged = judged.ok_or_else(unknown)?;
        match judged.answer() {
            Answer::Broken(rules) => Err(DeskFault::Undecided(rules.to_vec()).into()),
            Answer::Refused(_) => Ok(Some(judged)),
            _ => Ok(None),
        }
    }

    /// What is read of an act of the partner: its facts, each with the restrictions under which we hold it.
    fn read_of_theirs(&self, link: &Link, line: &InboxLine) -> Result<Read, SendFault> {
        let shelf = self.shelf(link);
        let act = self.desk.act_of_inbox(&shelf, line)?;
        let facts = Fact::all(&shelf.agreement.memorandum, &act).into_iter();
        Ok(Read {
            facts: facts.map(|fact| fact.id().to_owned()).collect(),
            ..Read::received(line)
        })
    }

    /// What is read of an act of ours: for its releaser, in the releaser's name, else in that of who answers for the case.
    fn read_of_ours(
        &self,
        link: &Link,
        officer: &str,
        line: &OutboxLine,
    ) -> Result<Read, SendFault> {
        let case = match &line.case_ref {
            Some(case) => self.store.case(link.id, case)?,
            None => None,
        };
        let (owner, deputy) = case.map_or((None, None), |case| (case.owner, case.deputy));
        let releaser = Some(line.released_by.clone());
        Ok(Read {
            organ: line.from_organ.clone(),
            owner: owner.filter(|_| line.released_by != officer).or(releaser),
            deputy,
            case: line.case_ref.clone(),
            reference: line.reference.clone(),
            facts: Vec::new(),
        })
    }

    /// The deed of reading, as the rules of the memorandum know it. A machine signs nothing, so it is no reader.
    fn reading(&self, read: &Read, officer: &str) -> Act {
        let text = |value: Option<&str>| value.map(|value| Value::Text(value.to_owned()));
        let person = Some(officer).filter(|officer| self.roster.is_person(officer));
        let facts = read.facts.iter().cloned().map(Value::Text);
        let slots = [
            ("reader", text(person)),
            ("responsible_officer", text(read.owner.as_deref())),
            ("deputy", text(read.deputy.as_deref())),
            ("case", text(read.case.as_deref())),
            ("reference", text(read.reference.as_deref())),
            ("facts_concerned", Some(Value::List(facts.collect()))),
        ];
        let filled = slots
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Act {
            kind: "read".to_owned(),
            from: read.organ.clone(),
            to: None,
            slots: filled.collect(),
        }
    }

    fn note_reading(
        &self,
        link: &Link,
        officer: &str,
        message: &[u8; 32],
        reference: Option<&str>,
        why: &str,
        refused: bool,
    ) -> Result<(), SendFault> {
        let message = hex::hex(message);
        let line = Line::new(Kind::Read, self.clock.now())
            .by(officer)
            .on(link.id);
        let line = line.about(reference.unwrap_or(&message)).with("why", why);
        self.write_down(line.with("refused", refused))?;
        Ok(())
    }

    /// Notes a search or a list that an officer asked for.
    pub fn searched(&self, officer: &str, what: &str) -> Result<(), SendFault> {
        let line = Line::new(Kind::Searched, self.clock.now()).by(officer);
        self.write_down(line.with("what", what))?;
        Ok(())
    }
}
