//! Why something did not happen, by who must act: the officer, the partner's operator, our own.

use std::sync::Arc;

use entente_cooperation::{body::strict::Malformed, draft::DraftFault, judgement::Judgement};
use entente_store::StoreError;

use crate::{desk::DeskFault, peer::problem::Problem};

/// A fault with its cause, in one line.
pub fn with_cause(fault: &dyn std::error::Error) -> String {
    let source = fault.source().map(|source| format!(": {source}"));
    format!("{fault}{}", source.unwrap_or_default())
}

/// Why an act did not leave. Nothing of it has left.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SendFault {
    /// The memorandum refuses it. The officer reads why; only our journal knows.
    #[error("refused at our own desk")]
    Refused(Box<Judgement>),
    /// The officer does not act for the organ in whose name the act would leave. The operator mends the roster.
    #[error("`{0}` does not act for `{1}`")]
    NotForOrgan(String, String),
    /// An acknowledgement names somebody who is no person of our roster (15.4).
    #[error("`{0}` is no person of the roster")]
    NobodyOfOurs(String),
    /// The draft file is not one. The officer mends it.
    #[error("the draft has faults")]
    Draft(Vec<DraftFault>),
    /// The partner could not read it. The officer mends the slot.
    #[error("the act cannot be written: {0}")]
    Unwritable(Malformed),
    /// It names facts that no act of the case holds. The officer corrects the slot.
    #[error("no act of the case holds {}", .unknown.join(", "))]
    NoSuchFact {
        /// The facts that it names and that are not there.
        unknown: Vec<String>,
        /// The facts that are there.
        known: Vec<String>,
    },
    /// The draft opens a case under something that is no number of a case. The officer numbers it.
    #[error("`{0}` is no number of a case")]
    NoCaseNumber(String),
    /// The draft is of an organ of another Party. The officer names the data folder of the own Party.
    #[error("the draft is from `{0}`, which is no organ of the Party of this node")]
    NotOurs(String),
    /// No link reaches the organ. The operator accepts the partner's introduction.
    #[error("no partner was accepted who could receive this act")]
    NoPartner,
    /// The partner has not stated its mirror since we started: our log may not grow yet, and the act waits.
    #[error("the partner has not been heard since this node started")]
    Starting,
    /// No seal key of the partner serves: it must announce one.
    #[error("the partner has no seal key that serves; its operator announces one")]
    NoKey,
    /// The link stands still: two histories were signed.
    #[error("the link stands still: two histories were signed")]
    Forked,
    /// The log moved while the act was entered: something else writes to our database. Nothing left; it is sent again.
    #[error("the state moved while the act was entered; send it again")]
    Moved,
    /// Our own operator acts.
    #[error(transparent)]
    Desk(Arc<DeskFault>),
}

impl From<DeskFault> for SendFault {
    fn from(fault: DeskFault) -> Self {
        SendFault::Desk(Arc::new(fault))
    }
}

impl From<StoreError> for SendFault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Moved(_) => SendFault::Moved,
            error => DeskFault::from(error).into(),
        }
    }
}

/// Why a parcel was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveFault {
    /// The partner is told.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// Our own operator acts; the partner is told to try again.
    #[error(transparent)]
    Desk(#[from] DeskFault),
}

impl From<StoreError> for ReceiveFault {
    fn from(error: StoreError) -> Self {
        DeskFault::from(error).into()
    }
}

impl ReceiveFault {
    /// What the partner is told. Of our own troubles it learns only that it should try again.
    pub fn told(self) -> Problem {
        match self {
            ReceiveFault::Problem(problem) => problem,
            ReceiveFault::Desk(_) => Problem::Busy { retry_after_s: 30 },
        }
    }
}
