//! Prohibitions, red lines and regions: Cedar written by hand, its words in annotations.

use std::collections::BTreeSet;

use cedar_policy::{ActionConstraint, Effect, EntityUid, Policy as CedarPolicy, PolicyId};

use super::{
    reads::Reads,
    rule::{Force, Place, Rule, near_reason, reason},
    schema::Action,
};
use crate::{
    act::Side,
    judgement::{Labels, Paragraph},
    memorandum::{Fault, Files, Memorandum},
};

/// The folder of the prohibitions and red lines.
pub(crate) const POLICIES: &str = "policies/";
/// The folder of the violation regions.
pub(crate) const REGIONS: &str = "regions/";

/// One policy with its place.
pub(crate) struct Written {
    /// Where it stands.
    pub(crate) place: Place,
    /// The policy, under the identifier it gives itself.
    pub(crate) policy: CedarPolicy,
}

/// The policies in the files of a folder. Fails with every place that is no Cedar or has no identifier of its own.
///
/// Each policy begins with its `@id` at the start of a line.
pub(crate) fn read(files: &Files, folder: &str) -> Result<Vec<Written>, Vec<Fault>> {
    let (mut written, mut faults) = (Vec::<Written>::new(), Vec::new());
    let cedar = |file: &&String| file.starts_with(folder) && file.ends_with(".cedar");
    for file in files.keys().filter(cedar) {
        let text = String::from_utf8_lossy(&files[file]);
        for (line, text) in parts(&text) {
            match one(file, line, &text) {
                Ok(Some(policy))
                    if written
                        .iter()
                        .any(|own| own.policy.id() == policy.policy.id()) =>
                {
                    faults.push(policy.fault(format!("{} stands twice", policy.policy.id())));
                }
                Ok(policy) => written.extend(policy),
                Err(fault) => faults.push(fault),
            }
        }
    }
    if faults.is_empty() {
        Ok(written)
    } else {
        Err(faults)
    }
}

/// A file in its parts, each with its first line: what stands before the first policy, then one policy each.
fn parts(text: &str) -> Vec<(usize, String)> {
    let mut parts = vec![(1, String::new())];
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("@id(") {
            parts.push((index + 1, String::new()));
        }
        if let Some((_, part)) = parts.last_mut() {
            part.push_str(line);
            part.push('\n');
        }
    }
    parts
}

/// The policy of a part; none if it is comment only.
fn one(file: &str, line: usize, text: &str) -> Result<Option<Written>, Fault> {
    let comment = |line: &str| line.trim().is_empty() || line.trim_start().starts_with("//");
    if text.lines().all(comment) {
        return Ok(None);
    }
    let policy = CedarPolicy::parse(None, text).map_err(|errors| {
        let words: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Fault::new(file, line, format!("no Cedar: {}", words.join("; ")))
    })?;
    let Some(id) = policy.annotation("id").map(PolicyId::new) else {
        return Err(Fault::new(file, line, "a policy without @id"));
    };
    let place = Place {
        file: file.to_owned(),
        line,
    };
    Ok(Some(Written {
        place,
        policy: policy.new_id(id),
    }))
}

impl Written {
    /// A fault where it stands.
    pub(crate) fn fault(&self, what: impl Into<String>) -> Fault {
        Fault::new(&self.place.file, self.place.line, what)
    }

    /// The words of an annotation.
    fn note(&self, key: &str) -> Option<&str> {
        self.policy.annotation(key)
    }

    /// The prohibition it is. Fails where it permits, or lacks paragraph, order or reason.
    pub(crate) fn prohibition(
        &self,
        memorandum: &Memorandum,
        actions: &BTreeSet<Action>,
    ) -> Result<Rule, Fault> {
        let id = self.policy.id().to_string();
        if self.policy.effect() != Effect::Forbid {
            return Err(self.fault(format!(
                "{id}: what is written by hand forbids; permits stand in the rule tables"
            )));
        }
        let wanted = |key: &str| {
            self.note(key)
                .ok_or_else(|| self.fault(format!("{id}: no @{key}")))
        };
        let because = wanted("reason")?;
        let reason = reason(memorandum, because).ok_or_else(|| {
            let fault = self.fault(format!("{id}: no reason “{because}” in the annexes"));
            Fault {
                remedy: near_reason(memorandum, because),
                ..fault
            }
        })?;
        let order = wanted("order")?
            .parse()
            .map_err(|_| self.fault(format!("{id}: @order is no number")))?;
        let paragraphs = wanted("article")?.split(',');
        Ok(Rule {
            place: self.place.clone(),
            force: Force::Forbid,
            of: None,
            paragraphs: paragraphs
                .map(|paragraph| Paragraph(paragraph.trim().to_owned()))
                .collect(),
            order,
            side: self
                .side()
                .map_err(|word| self.fault(format!("{id}: no side “{word}”")))?,
            reason: Some(reason),
            hint: self.note("hint").map(str::to_owned),
            missing: self.note("missing").map(str::to_owned),
            sentence: self.sentence(memorandum),
            scope: self.scope(actions),
            reads: Reads::of(&self.policy),
            policy: self.policy.clone(),
            id,
        })
    }

    /// The side on which it runs.
    fn side(&self) -> Result<Option<Side>, String> {
        match self.note("side") {
            None => Ok(None),
            Some("sender") => Ok(Some(Side::Sender)),
            Some("recipient") => Ok(Some(Side::Recipient)),
            Some(word) => Err(word.to_owned()),
        }
    }

    /// Its sentence in each language of the memorandum that it speaks.
    fn sentence(&self, memorandum: &Memorandum) -> Labels {
        let languages = memorandum
            .head
            .authentic
            .iter()
            .chain(&memorandum.head.courtesy);
        languages
            .filter_map(|language| Some((language.clone(), self.note(language)?.to_owned())))
            .collect()
    }

    /// The actions it is about.
    pub(crate) fn scope(&self, actions: &BTreeSet<Action>) -> BTreeSet<Action> {
        let means = |named: &EntityUid, action: &Action| {
            let name: &str = named.id().as_ref();
            name == action.name || Some(name) == action.group()
        };
        let meant = |action: &&Action| match self.policy.action_constraint() {
            ActionConstraint::Any => true,
            ActionConstraint::Eq(named) => means(&named, action),
            ActionConstraint::In(named) => named.iter().any(|named| means(named, action)),
        };
        actions.iter().filter(meant).cloned().collect()
    }
}
