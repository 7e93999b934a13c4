//! Every rule and every derivation carries weight: without it, a worked case or a row of the policy matrix changes.

use std::{cell::RefCell, collections::BTreeMap, path::Path};

use super::{Policy, Rule, slice::slices};
use crate::{
    case::worked::{Hearing, run},
    judgement::Judgement,
    memorandum::{Memorandum, read::files_of},
};

#[allow(
    dead_code,
    missing_docs,
    reason = "shared with the tests outside the crate"
)]
#[path = "../../tests/steps/mod.rs"]
mod steps;

use steps::{Step, complete, variations::variations};

/// A step, whether it is said what it is to show, and what it shows with every rule in its place.
struct Row {
    name: String,
    step: Step,
    judgement: Judgement,
}

fn judge(policy: &Policy, memorandum: &Memorandum, step: &Step) -> Judgement {
    let Step {
        act,
        state,
        moment,
        at_home,
    } = step;
    if *at_home {
        policy
            .judge_event(memorandum, state, act, moment)
            .expect("a matter of judgement")
    } else {
        policy.judge(memorandum, state, act, moment)
    }
}

/// What a case or the matrix would show of a judgement.
fn shown(
    judgement: &Judgement,
) -> (
    crate::judgement::Decision,
    Option<&str>,
    &[crate::judgement::Paragraph],
    &[String],
) {
    let reason = judgement.reason.as_ref().map(crate::judgement::Reason::id);
    (
        judgement.decision,
        reason,
        &judgement.paragraphs,
        &judgement.missing,
    )
}

/// Every step of the worked cases and of the matrix.
fn rows(policy: &Policy, memorandum: &Memorandum, cases: &[(String, String)]) -> Vec<Row> {
    let rows = RefCell::new(Vec::new());
    for (file, text) in cases {
        let hear = |hearing: Hearing<'_>| {
            let step = Step {
                act: hearing.act.clone(),
                state: hearing.state.clone(),
                moment: *hearing.moment,
                at_home: hearing.at_home,
            };
            let judgement = if hearing.at_home {
                policy.judge_event(memorandum, &step.state, &step.act, &step.moment)?
            } else {
                policy.judge(memorandum, &step.state, &step.act, &step.moment)
            };
            let name = format!("{file} step {}", hearing.step);
            rows.borrow_mut().push(Row {
                name,
                step,
                judgement: judgement.clone(),
            });
            Some(judgement)
        };
        let differences = run(memorandum, &hear, file, text);
        assert!(differences.is_empty(), "{}", differences[0]);
    }
    let mut rows = rows.into_inner();
    let mut add = |name: String, step: Step| {
        let judgement = judge(policy, memorandum, &step);
        rows.push(Row {
            name,
            step,
            judgement,
        });
    };
    for line in memorandum.acts.iter() {
        for side in [crate::act::Side::Sender, crate::act::Side::Recipient] {
            add(
                format!("{} {side:?}", line.id),
                complete(memorandum, &line.id, side),
            );
        }
    }
    for variation in variations(memorandum) {
        add(
            format!("{}: {}", variation.of, variation.words),
            variation.step,
        );
    }
    rows
}

/// The policy with another list of rules, unchecked: what a careless hand might leave.
fn with_rules(policy: Policy, rules: Vec<Rule>) -> Policy {
    let slices = slices(&policy.actions, &rules, &policy.facts);
    Policy {
        rules,
        slices,
        ..policy
    }
}

#[test]
fn nothing_can_be_taken_away_unnoticed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../memorandum");
    let files = files_of(&folder).unwrap();
    let memorandum = Memorandum::read_files(&files).unwrap();
    let mut policy =
        Policy::compile(&memorandum, &files).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let cases: Vec<(String, String)> = files
        .iter()
        .filter(|(file, _)| file.starts_with("cases/") && file.ends_with(".toml"))
        .map(|(file, bytes)| (file.clone(), String::from_utf8_lossy(bytes).into_owned()))
        .collect();
    let rows = rows(&policy, &memorandum, &cases);
    let mut covered: BTreeMap<String, String> = BTreeMap::new();
    let mut unnoticed = Vec::new();
    let whole = policy.rules.clone();
    let mut notice = |what: String, policy: &Policy, concerns: &dyn Fn(&Step) -> bool| {
        let changed = rows
            .iter()
            .filter(|row| concerns(&row.step))
            .find(|row| shown(&judge(policy, &memorandum, &row.step)) != shown(&row.judgement));
        match changed {
            Some(row) => drop(covered.insert(what, row.name.clone())),
            None => unnoticed.push(what),
        }
    };
    for gone in &whole {
        let mut rules = whole.clone();
        let scope = |rule: &Rule| rule.id == gone.id || rule.of.as_deref() == Some(&gone.id);
        if gone.force == super::Force::Condition {
            // Without its condition a permit permits: what it tested is true.
            rules
                .iter_mut()
                .for_each(|rule| without_condition(rule, gone));
        }
        rules.retain(|rule| !scope(rule));
        policy = with_rules(policy, rules);
        notice(format!("rule {}", gone.id), &policy, &|step| {
            is_about(gone, step)
        });
    }
    policy = with_rules(policy, whole);
    let names: Vec<String> = policy.facts.iter().map(|fact| fact.name.clone()).collect();
    for name in names {
        let Some(dull) = policy.facts.without(&name) else {
            continue;
        };
        let facts = std::mem::replace(&mut policy.facts, dull);
        notice(format!("fact {name}"), &policy, &|_| true);
        policy.facts = facts;
    }
    for (what, row) in &covered {
        println!("{what}: {row}");
    }
    println!(
        "{} rules and derived facts, each shown by a case or a row",
        covered.len()
    );
    assert!(
        unnoticed.is_empty(),
        "nothing changes without:\n{}",
        unnoticed.join("\n")
    );
}

/// Whether a rule is about what a step does.
fn is_about(rule: &Rule, step: &Step) -> bool {
    let item = super::schema::item_of(&step.act.kind);
    let mut scope = rule.scope.iter();
    scope.any(|action| {
        step.at_home
            || action.name == super::schema::UNKNOWN_ACT
            || action.name == step.act.kind
            || action.name == item
    })
}

/// Takes one condition out of the permit it belongs to.
fn without_condition(rule: &mut Rule, gone: &Rule) {
    if gone.of.as_deref() != Some(&rule.id) {
        return;
    }
    let text = rule.cedar();
    let condition = gone.cedar();
    let (_, condition) = condition.split_once("resource)").expect("a condition");
    let left = text.replacen(condition.trim_end_matches(';').trim(), "", 1);
    assert_ne!(left, text, "{text}\n{condition}");
    rule.policy = cedar_policy::Policy::parse(Some(rule.policy.id().clone()), left).expect("Cedar");
}
