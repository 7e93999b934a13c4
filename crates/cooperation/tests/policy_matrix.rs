//! The policy matrix: what the model memorandum permits and refuses, in rows that a lawyer can read.
//!
//! `memorandum/policy-matrix.txt` is committed. `ENTENTE_REWRITE=1 cargo test --test policy_matrix` writes it anew; otherwise the
//! test fails where the rules say something else than the file.

#[allow(
    dead_code,
    missing_docs,
    reason = "shared by several tests, none of which uses all of it"
)]
mod steps;

use std::{fmt::Write, fs, path::PathBuf};

use entente_cooperation::{
    act::Side,
    judgement::{Decision, Judgement, Reason},
    memorandum::{Memorandum, read::files_of},
    policy::Policy,
};

use steps::{Step, complete, variations::variations};

const HEAD: &str = "\
What the memorandum permits and refuses.

First every act, complete and minimal, on both sides. Then one thing changed at a time: what was changed, the decision with its
paragraphs (the first is the one shown), the reason of a refusal, and the sentence that an officer reads.
";

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../memorandum"))
}

fn judge(policy: &Policy, memorandum: &Memorandum, step: &Step) -> Judgement {
    if step.at_home {
        policy
            .judge_event(memorandum, &step.state, &step.act, &step.moment)
            .expect("a matter of judgement")
    } else {
        policy.judge(memorandum, &step.state, &step.act, &step.moment)
    }
}

/// The decision in one line.
fn in_words(judgement: &Judgement) -> String {
    let decision = match judgement.decision {
        Decision::Permit => "permitted",
        Decision::Clarify => "admitted, clarification owed",
        Decision::Refuse => "refused",
        Decision::Broken => "undecided",
    };
    let reason = judgement.reason.as_ref().map(|reason| match reason {
        Reason::Ground(id) => format!(", ground {id}"),
        Reason::Impediment(id) => format!(", impediment {id}"),
        Reason::Limit(id) => format!(", limit {id}"),
    });
    let paragraphs: Vec<&str> = judgement
        .paragraphs
        .iter()
        .map(|paragraph| paragraph.0.as_str())
        .collect();
    let missing = judgement.missing.join(", ");
    let missing = if missing.is_empty() {
        missing
    } else {
        format!(" · missing: {missing}")
    };
    format!(
        "{decision}{} · {}{missing}",
        reason.unwrap_or_default(),
        paragraphs.join(" ")
    )
}

fn matrix(policy: &Policy, memorandum: &Memorandum) -> String {
    let mut text = HEAD.to_owned();
    let head = |title: &str| format!("\n── {title} ──\n");
    text += &head("Complete acts");
    for line in memorandum.acts.iter() {
        for (side, word) in [(Side::Sender, "sender"), (Side::Recipient, "recipient")] {
            let step = complete(memorandum, &line.id, side);
            let to = step.act.to.as_deref().unwrap_or("–");
            let judgement = judge(policy, memorandum, &step);
            let _ = writeln!(
                text,
                "{}, {word} ({} → {to}): {}",
                line.id,
                step.act.from,
                in_words(&judgement)
            );
        }
    }
    text += &head("One thing changed");
    for variation in variations(memorandum) {
        let judgement = judge(policy, memorandum, &variation.step);
        let _ = writeln!(
            text,
            "{}: {}\n    {}",
            variation.of,
            variation.words,
            in_words(&judgement)
        );
        if let Some(sentence) = judgement
            .because
            .first()
            .and_then(|labels| labels.get("en"))
        {
            let _ = writeln!(text, "    “{sentence}”");
        }
    }
    text
}

#[test]
fn the_rules_say_what_the_matrix_says() {
    let files = files_of(&folder()).expect("the folder");
    let memorandum = Memorandum::read_files(&files).expect("a memorandum");
    let policy =
        Policy::compile(&memorandum, &files).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let found = matrix(&policy, &memorandum);
    let path = folder().join("policy-matrix.txt");
    if std::env::var_os("ENTENTE_REWRITE").is_some() {
        fs::write(&path, &found).expect("a writable folder");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let different: Vec<String> = found
        .lines()
        .zip(written.lines().chain(std::iter::repeat("")))
        .filter(|(found, written)| found != written)
        .map(|(found, written)| format!("written: {written}\n  found: {found}"))
        .collect();
    assert!(found == written, "{}", different.join("\n"));
}
