//! How long a judgement takes: `cargo run --release -p entente-cooperation --example judge_time`.

#[allow(dead_code, reason = "shared with the tests")]
#[path = "../tests/steps/mod.rs"]
mod steps;

use std::{path::Path, time::Instant};

use entente_cooperation::{
    act::Side,
    memorandum::{Memorandum, read::files_of},
    policy::Policy,
    value::Value,
};
use steps::{Step, complete, record, text};

const ROUNDS: u32 = 5_000;

fn time(policy: &Policy, memorandum: &Memorandum, what: &str, step: &Step) {
    let judge = || policy.judge(memorandum, &step.state, &step.act, &step.moment);
    let decision = judge().decision;
    let begun = Instant::now();
    for _ in 0..ROUNDS {
        std::hint::black_box(judge());
    }
    println!("{what}: {decision:?} in {:?}", begun.elapsed() / ROUNDS);
}

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../memorandum");
    let files = files_of(&folder).expect("the folder");
    let memorandum = Memorandum::read_files(&files).expect("a memorandum");
    let begun = Instant::now();
    let policy = Policy::compile(&memorandum, &files).expect("rules");
    println!("compiled in {:?}", begun.elapsed());
    let begun = Instant::now();
    let (proven, unproven) = policy.prove(&memorandum);
    println!(
        "{} red lines proven, {} not, in {:?}",
        proven.len(),
        unproven.len(),
        begun.elapsed()
    );
    for side in [Side::Sender, Side::Recipient] {
        let request = complete(&memorandum, "information_request", side);
        time(
            &policy,
            &memorandum,
            &format!("a request, {side:?}"),
            &request,
        );
        let mut reply = complete(&memorandum, "information_reply", side);
        let fact = |n: usize| {
            let (category, field) = if n.is_multiple_of(2) {
                ("names_and_birth", "family_name")
            } else {
                ("addresses", "address")
            };
            record([
                ("id", text(&format!("f{n}"))),
                ("category", text(category)),
                (field, text("…")),
            ])
        };
        for facts in [1, 10, 41] {
            reply.act.slots.insert(
                "facts".to_owned(),
                Value::List((1..=facts).map(fact).collect()),
            );
            time(
                &policy,
                &memorandum,
                &format!("a reply of {facts} facts, {side:?}"),
                &reply,
            );
        }
        reply.act.slots.remove("grade");
        time(
            &policy,
            &memorandum,
            &format!("a reply that is refused, {side:?}"),
            &reply,
        );
    }
}
