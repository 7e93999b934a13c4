//! One act with its content, its clocks and its proof.

use serde_json::Value;

use super::{Look, holder, instant, unshown::Unshown};
use crate::console::view::{ActView, ClockView, Group, article};
use crate::demo::{
    page::PROOF,
    watch::{Clock, clocks, escaped, text},
};

impl Look<'_> {
    /// One act, as the side that sent it holds it.
    ///
    /// # Errors
    /// When there is none of that name, or a node does not answer.
    pub fn act(&self, name: &str) -> Result<ActView, Unshown> {
        let side = holder(&self.shows.stage, name).ok_or(Unshown::NoAct)?;
        let path = format!("/v1/acts/{}", escaped(name));
        // An act is read by who released it, and the default officer need not be the one.
        let releaser = text(&side.get(&format!("{path}?content=false"))?, "released_by");
        let row = side.get_as(&releaser, self.language(), &path)?;
        let when = |value: &Value| instant(value).map(|at| self.both(at)).unwrap_or_default();
        let mut state = vec![(self.words.say("act-released"), when(&row["released_at"]))];
        state.push((
            self.words.say("act-received"),
            when(&row["receipt"]["received_at"]),
        ));
        state.push((self.words.say("act-case"), text(&row, "case")));
        let found: Vec<Clock> = clocks(side, self.language())?
            .into_iter()
            .filter(|clock| clock.of == name && !self.is_theirs_at_home(side, clock))
            .collect();
        Ok(ActView {
            reference: name.to_owned(),
            path: escaped(name),
            label: text(&row, "act_label"),
            erased: row["content"].is_null(),
            groups: self.groups(&row["content"]["lines"]),
            verdict: self.receipt_of_ours(&row).0,
            article: article(&text(&row, "article"), self.language()),
            state,
            clocks: found.iter().map(|clock| self.act_clock(clock)).collect(),
            proofs: PROOF.to_vec(),
        })
    }

    fn act_clock(&self, clock: &Clock) -> ClockView {
        let phrase = match clock.ended.as_deref() {
            _ if clock.paused => "paused",
            None => "runs",
            Some("met") => "ended-met",
            Some("replaced") => "ended-replaced",
            Some(_) => "ended-expired",
        };
        ClockView {
            label: clock.label.clone(),
            article: article(&clock.article, self.language()),
            due: self
                .words
                .with("due-at", &[("when", &self.both(clock.due))]),
            state: self.words.say(phrase),
        }
    }

    /// The lines of an act under their headings: the act itself first, then each fact.
    fn groups(&self, lines: &Value) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for line in lines.as_array().into_iter().flatten() {
            let (label, said) = (
                text(line, "label"),
                self.person(&text(line, "text")).to_owned(),
            );
            if line["role"] == "heading" || groups.is_empty() {
                let heading = if said.is_empty() {
                    label.clone()
                } else {
                    format!("{label} · {said}")
                };
                groups.push(Group {
                    heading,
                    caveats: Vec::new(),
                    lines: Vec::new(),
                    notes: Vec::new(),
                });
            }
            let Some(group) = groups.last_mut() else {
                continue;
            };
            match line["role"].as_str() {
                Some("field") => group.lines.push((label, said)),
                Some("caveat") => group.caveats.push(if said.is_empty() {
                    label
                } else {
                    format!("{label}: {said}")
                }),
                Some("note") => group.notes.push((label, said)),
                _ => {}
            }
        }
        groups
    }
}
