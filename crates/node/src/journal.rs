//! Lines of the journal: what happens at home, committed to like an entry and seen by nobody outside.

use entente_cooperation::body::strict::Json;
use entente_ledger::Opening;
use entente_store::{JournalLine, LinkId};
use jiff::Timestamp;

use crate::chance::{Chance, Draw};

/// What a line of the journal is about. The closed list of its kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Our own desk refused to let an act leave.
    DeskRefusal,
    /// An act was released.
    Released,
    /// An act of the partner was receipted.
    Received,
    /// A receipt was settled.
    Settled,
    /// A clock ran out.
    Expired,
    /// A case or an act was read.
    Read,
    /// Somebody searched.
    Searched,
    /// A draft was judged without being sent.
    Asked,
    /// An act was taken over.
    Taken,
    /// A case was closed.
    Closed,
    /// Something else happened at home that moves a clock.
    Home,
    /// An act is held until its hour.
    Held,
    /// Oversight authorities are told of a refusal.
    Told,
    /// Content was erased.
    Erased,
    /// Evidence was given out: exported, proven, revealed.
    Shown,
    /// The partner's conduct was at fault, or contradicts itself.
    PeerFault,
    /// The node itself: started, recovered, stopped.
    Node,
}

impl Kind {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::DeskRefusal => "desk_refusal",
            Kind::Released => "released",
            Kind::Received => "received",
            Kind::Settled => "settled",
            Kind::Expired => "expired",
            Kind::Read => "read",
            Kind::Searched => "searched",
            Kind::Asked => "asked",
            Kind::Taken => "taken",
            Kind::Closed => "closed",
            Kind::Home => "home",
            Kind::Held => "held",
            Kind::Told => "told",
            Kind::Erased => "erased",
            Kind::Shown => "shown",
            Kind::PeerFault => "peer_fault",
            Kind::Node => "node",
        }
    }
}

/// A line being written.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// What happened.
    pub kind: Kind,
    /// When.
    pub at: Timestamp,
    /// Who did it; none for the node itself.
    pub officer: Option<&'a str>,
    /// The link it concerns.
    pub link: Option<LinkId>,
    /// The case, reference or message it concerns.
    pub subject: Option<&'a str>,
    /// What else is to be said, by name; never the content of a fact.
    pub details: Vec<(&'static str, String)>,
}

impl<'a> Line<'a> {
    /// A line without officer, link, subject or details.
    pub fn new(kind: Kind, at: Timestamp) -> Self {
        Self {
            kind,
            at,
            officer: None,
            link: None,
            subject: None,
            details: Vec::new(),
        }
    }

    /// By this officer.
    pub fn by(mut self, officer: &'a str) -> Self {
        self.officer = Some(officer);
        self
    }

    /// On this link.
    pub fn on(mut self, link: LinkId) -> Self {
        self.link = Some(link);
        self
    }

    /// About this case, reference or message.
    pub fn about(mut self, subject: &'a str) -> Self {
        self.subject = Some(subject);
        self
    }

    /// With this detail.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.details.push((name, value.to_string()));
        self
    }

    /// The line, committed to.
    pub fn commit(self, chance: &Chance) -> JournalLine {
        let details = self
            .details
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Json::text(value)));
        let record = Json::object([
            ("v", Json::Integer(1)),
            ("kind", Json::text(self.kind.word())),
            ("at", Json::text(self.at)),
            ("officer", Json::text_or_null(self.officer)),
            ("subject", Json::text_or_null(self.subject)),
            ("details", Json::Object(details.collect())),
        ]);
        let opening = Opening::new(chance.salt(Draw::Journal), record.write());
        JournalLine {
            entry: *opening.entry().as_bytes(),
            opening: Some((*opening.salt().as_bytes(), opening.record().to_owned())),
            kind: self.kind.word().to_owned(),
            at: self.at,
            officer: self.officer.map(str::to_owned),
            link: self.link,
            subject: self.subject.map(str::to_owned),
        }
    }
}
