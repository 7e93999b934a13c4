//! What judging costs: CPU µs per act on each side. `cargo run --release -p entente-cooperation --example judge_cost`.
//!
//! The least of seven rounds is printed. CPU time is that of this one thread, as the kernel counts it (Linux). The act is
//! information given unasked under the memorandum that ships, with facts about as many invented persons.

use std::{
    fs,
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use entente_cooperation::{
    act::{Act, Moment, Side},
    body::{Body, Envelope},
    case::State,
    digest::{ActId, Digest},
    draft::{Draft, Signing},
    judgement::Decision,
    memorandum::{Files, Memorandum, read::files_of},
    policy::Policy,
};

const ROUNDS: u32 = 7;
const ROUND: Duration = Duration::from_millis(300);
const AT: &str = "2026-05-04T10:00:00Z";

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../memorandum");
    let files = files_of(&folder).expect("the memorandum ships beside the crates");
    let memorandum = Memorandum::read_files(&files).expect("it has no fault");
    let policy = Policy::compile(&memorandum, &files).expect("its rules compile");
    once("memorandum read", || Memorandum::read_files(&files));
    once("policy compiled", || Policy::compile(&memorandum, &files));
    for facts in [1, 5, 41] {
        println!("{facts} facts");
        of_facts(&memorandum, &policy, &files, facts);
    }
}

fn of_facts(memorandum: &Memorandum, policy: &Policy, files: &Files, facts: usize) {
    let text = draft(facts);
    measure("draft read", || Draft::parse(&text, memorandum));
    let draft = Draft::parse(&text, memorandum).expect("the draft is whole");
    let signing = Signing {
        author: "signed:officer_1",
        reference: "BE-2026-000417/1",
        version: &memorandum.head.version,
    };
    let act = draft.signed(memorandum, &signing).into_act();
    let state = State::new(memorandum);
    for (name, side) in [
        ("judged by the sender", Side::Sender),
        ("judged by the recipient", Side::Recipient),
    ] {
        let moment = Moment {
            at: AT.parse().expect("an instant"),
            released_at: None,
            side,
        };
        let judged = policy.judge(memorandum, &state, &act, &moment);
        assert_eq!(judged.decision, Decision::Permit, "{:?}", judged.because);
        measure(name, || policy.judge(memorandum, &state, &act, &moment));
    }
    body(memorandum, files, &act);
}

fn body(memorandum: &Memorandum, files: &Files, act: &Act) {
    let envelope = Envelope {
        act_id: ActId::from_bytes([7; 16]),
        link: memorandum.head.id.clone(),
        from_party: "be".to_owned(),
        to_party: "ma".to_owned(),
        released_at: AT.parse().expect("an instant"),
        memorandum: Digest::of(files.values().next().expect("a file")),
        supersedes: None,
    };
    let body = Body::new(memorandum, envelope, act, Vec::new()).expect("it can be written");
    let bytes = body.write().expect("it fits a size class");
    println!("{:9}     bytes of the body, padded", bytes.len());
    measure("body written", || body.write());
    measure("body read", || Body::read(memorandum, &bytes));
}

fn draft(facts: usize) -> String {
    let head = r#"act = "spontaneous_information"
from = "be_federal_police"
to = "ma_dgsn"
[slots]
case = "BE-2026-000417"
language = "fr"
legal_basis = "convention_2014"
purpose = "investigate_organised_crime"
area = "organised_crime"
offence = "drug_trafficking"
person_status = "suspect"
grade = { source = "B", information = "2" }
fact_kind = "established"
handling_codes = ["H0"]
[declared]
"#;
    let declared = [
        "mentions_international_protection",
        "source_is_asylum_file",
        "aims_at_death_penalty",
        "real_risk_of_ill_treatment",
        "obtained_by_ill_treatment",
        "no_individual_link",
        "subject_defined_by_group",
        "bulk",
        "aims_at_opinion_or_activity",
    ];
    let declared: String = declared
        .iter()
        .map(|name| format!("{name} = false\n"))
        .collect();
    let facts: String = (0..facts)
        .map(|n| {
            format!(
                "[[slots.facts]]\nid = \"f{}\"\ncategory = \"names_and_birth\"\nfamily_name = \"Lamkaddem {n}\"\n\
                 given_names = \"Rachid\"\nbirth_date = \"1984-05-04\"\nbirth_place = \"Nador\"\n",
                n + 1
            )
        })
        .collect();
    format!("{head}{declared}{facts}")
}

fn once<T>(name: &str, operation: impl FnOnce() -> T) {
    let spent = cpu_time();
    black_box(operation());
    println!(
        "{:9.1} ms  {name}",
        (cpu_time() - spent).as_secs_f64() * 1e3
    );
}

fn measure<T>(name: &str, mut operation: impl FnMut() -> T) {
    let best = (0..ROUNDS)
        .map(|_| round(&mut operation))
        .fold(f64::MAX, f64::min);
    println!("{best:9.1} µs  {name}");
}

fn round<T>(operation: &mut impl FnMut() -> T) -> f64 {
    let (start, spent) = (Instant::now(), cpu_time());
    let mut operations = 0;
    while start.elapsed() < ROUND {
        for _ in 0..5 {
            black_box(operation());
        }
        operations += 5;
    }
    (cpu_time() - spent).as_secs_f64() * 1e6 / f64::from(operations)
}

/// The first field of the kernel's account of this thread: nanoseconds on a core.
fn cpu_time() -> Duration {
    let account = fs::read_to_string("/proc/self/schedstat").expect("Linux keeps this account");
    let nanoseconds = account
        .split(' ')
        .next()
        .and_then(|field| field.parse().ok());
    Duration::from_nanos(nanoseconds.expect("a number of nanoseconds"))
}
