//! A draft: an act as an officer writes it, not yet judged, seen by nobody.

use crate::{act::Act, body::attachment::Attachment};

/// An act being written: its slots, declarations and facts known at home, and the files that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    act: Act,
    attachments: Vec<Attachment>,
}

impl Draft {
    /// A draft of this act with these files.
    pub fn new(act: Act, attachments: Vec<Attachment>) -> Self {
        Self { act, attachments }
    }

    /// The act as it stands.
    pub fn act(&self) -> &Act {
        &self.act
    }

    /// The files that it names.
    pub fn attachments(&self) -> &[Attachment] {
        &self.attachments
    }

    /// The act alone.
    pub fn into_act(self) -> Act {
        self.act
    }
}
