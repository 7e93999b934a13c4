//! What stands in the place of a page that cannot be shown: what happened, and what to do.

use axum::http::StatusCode;

use super::Look;
use crate::{command::answer::Failure, console::view::UnshownPage, demo::stage::Stage};

/// Why a page cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unshown {
    /// There is no page of that address.
    NoPage,
    /// No side holds an act of that name.
    NoAct,
    /// The node of this Party does not answer.
    Stopped(String),
    /// Something else, in the words of whoever met it.
    Broken(String),
}

impl From<Failure> for Unshown {
    fn from(failure: Failure) -> Self {
        Unshown::Broken(failure.to_string())
    }
}

impl Unshown {
    /// The same, unless a node does not answer: then nobody knows what it would have said.
    pub fn explained(self, stage: &Stage) -> Self {
        if self == Unshown::NoPage {
            return self;
        }
        let mut sides = stage.sides.iter();
        match sides.find(|side| side.get("/v1/status").is_err()) {
            Some(silent) => Unshown::Stopped(silent.party.clone()),
            None => self,
        }
    }

    /// The status of the answer (RFC 9110).
    pub fn status(&self) -> StatusCode {
        match self {
            Unshown::NoPage | Unshown::NoAct => StatusCode::NOT_FOUND,
            Unshown::Stopped(_) => StatusCode::SERVICE_UNAVAILABLE,
            Unshown::Broken(_) => StatusCode::BAD_GATEWAY,
        }
    }
}

impl<'s> Look<'s> {
    /// The page that says why the one at `path` cannot be shown.
    pub fn unshown(&self, path: &str, why: &Unshown) -> UnshownPage<'s> {
        let say = |id: &str| self.words.say(id);
        let (title, what, to_do) = match why {
            Unshown::NoPage => (say("no-page"), say("no-page-what"), say("no-page-do")),
            Unshown::NoAct => (say("not-found"), say("no-act-what"), say("no-act-do")),
            Unshown::Stopped(party) => {
                let city = self.city(party);
                let title = self.words.with("stopped", &[("city", &city)]);
                (title, say("stopped-what"), say("stopped-do"))
            }
            Unshown::Broken(_) => (say("broken"), say("broken-what"), say("broken-do")),
        };
        UnshownPage {
            frame: self.frame("unshown", path),
            title,
            what,
            to_do,
            said: match why {
                Unshown::Broken(said) => said.clone(),
                _ => String::new(),
            },
            command: match why {
                Unshown::Stopped(party) => self.start_again(party),
                _ => String::new(),
            },
            again: matches!(why, Unshown::Stopped(_) | Unshown::Broken(_)),
        }
    }

    /// The command that starts a node again, its driven clock where the day stands.
    fn start_again(&self, party: &str) -> String {
        let dir = self.shows.stage.side(party).dir.display().to_string();
        format!("entente serve --dir {dir} --at {}", self.now)
    }
}
