//! Periods against an independent formulation, against vectors, and against `times.py`, which knows nothing of this code.

use std::{
    env, fs,
    io::Write,
    process::{Command, Stdio},
    str::FromStr,
};

use entente_cooperation::clock::{
    LegalTime, Period, extended, later, time_zone_data_version, withdrawal_leaves,
};
use jiff::{SignedDuration, Timestamp, civil::Date, civil::Time, tz::TimeZone};
use proptest::{prelude::*, strategy::ValueTree};
use serde::{Deserialize, Serialize};

/// One question to a clock, as it stands in `vectors/clocks.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    name: String,
    ask: Ask,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    period: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    extension: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start: Option<Timestamp>,
    #[serde(default)]
    paused_s: i64,
    #[serde(default)]
    paused_later_s: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    promised: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decided: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ask {
    Due,
    Extended,
    Withdrawal,
}

/// What the engine answers.
fn answer(question: &Question) -> Timestamp {
    if question.ask == Ask::Withdrawal {
        let decided = question.decided.expect("an instant of decision");
        return withdrawal_leaves(decided, Time::constant(6, 0, 0, 0));
    }
    let legal: LegalTime = read(question.zone.as_deref());
    let period: Period = read(question.period.as_deref());
    let start = question.start.expect("a start");
    let end = match question.from.as_deref() {
        Some("ended" | "period_end" | "raised") => period.end_after(start, &legal),
        _ => period.end(start, &legal),
    };
    let expiry = later(end, SignedDuration::from_secs(question.paused_s));
    if question.ask == Ask::Due {
        return expiry;
    }
    let most: Period = read(question.extension.as_deref());
    let end = extended(most, expiry, &legal, question.promised);
    later(end, SignedDuration::from_secs(question.paused_later_s))
}

fn read<T: FromStr<Err: std::fmt::Debug>>(text: Option<&str>) -> T {
    text.expect("a text").parse().expect("a good text")
}

fn vectors() -> Vec<Question> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/clocks.json");
    serde_json::from_str(&fs::read_to_string(path).expect("the vectors")).expect("good vectors")
}

#[test]
fn every_vector_is_met() {
    for vector in vectors() {
        assert_eq!(Some(answer(&vector)), vector.due, "{}", vector.name);
    }
}

#[test]
fn the_receipt_can_name_its_time_zone_data() {
    let version = time_zone_data_version();
    assert!(version.len() >= 5 && version.starts_with("20"), "{version}");
}

#[test]
fn what_is_no_period_is_refused() {
    for text in [
        "", "P", "PT", "P7", "7D", "PT7D", "P7H", "P-7D", "P0D", "PT0H", "P1.5D", "P7D ", "p7d",
        "P1M2D", "P100000D",
    ] {
        assert!(text.parse::<Period>().is_err(), "{text}");
    }
    assert!("Europe/Atlantis".parse::<LegalTime>().is_err());
}

/// Zones and spans of instants (UTC seconds) in which every release of the time zone data since 2025 agrees.
const ZONES: [(&str, i64, i64); 2] = [
    ("Europe/Brussels", 1_546_300_800, 1_893_456_000), // 2019 to 2029
    ("Africa/Casablanca", 1_546_300_800, 1_789_776_000), // 2019 to 18 September 2026
];

/// Calendar periods that stay within the span: a start and what runs from it.
fn any_question() -> impl Strategy<Value = Question> {
    let periods = prop::sample::select(vec![
        "PT15M", "PT1H", "PT2H", "PT8H", "PT24H", "PT48H", "PT72H", "P3D", "P7D", "P14D", "P15D",
        "P21D", "P30D", "P45D", "P60D", "P90D", "P1M", "P2M", "P3M", "P6M", "P12M", "P1Y", "P3Y",
    ]);
    let froms = prop::sample::select(vec!["receipt", "sending", "raised", "ended", "period_end"]);
    let start = (0..ZONES.len()).prop_flat_map(|zone| {
        let (name, first, last) = ZONES[zone];
        (Just(name), first..last, prop::bool::weighted(0.3))
    });
    (
        start,
        periods,
        froms,
        any_pause(),
        any_pause(),
        prop::option::of(-5_i64..40),
        any::<bool>(),
    )
        .prop_map(
            |(
                (zone, seconds, at_midnight),
                period,
                from,
                paused_s,
                paused_later_s,
                promised,
                extends,
            )| {
                let instant = Timestamp::from_second(seconds).expect("an instant");
                let local = instant.to_zoned_datetime(TimeZone::get(zone).expect("a zone"));
                let start = if at_midnight {
                    local.start_of_day().expect("a midnight").timestamp()
                } else {
                    instant
                };
                Question {
                    name: "random".to_owned(),
                    ask: if extends { Ask::Extended } else { Ask::Due },
                    zone: Some(zone.to_owned()),
                    period: Some(period.to_owned()),
                    extension: Some("P14D".to_owned()),
                    from: Some(from.to_owned()),
                    start: Some(start),
                    paused_s,
                    paused_later_s: if extends { paused_later_s } else { 0 },
                    promised: promised
                        .map(|days| local.date().saturating_add(jiff::Span::new().days(days))),
                    decided: None,
                    due: None,
                }
            },
        )
        .prop_filter("beyond what both time zone data know alike", |question| {
            let (_, _, last) = ZONES
                .iter()
                .find(|(zone, _, _)| Some(*zone) == question.zone.as_deref())
                .expect("a zone");
            answer(question).as_second() < *last
        })
}

fn any_pause() -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), 1_i64..600_000]
}

/// The independent formulation: walk the calendar day by day, then find the first instant of the next local day by halving.
fn walked(period: &str, start: Timestamp, zone: &str, from: &str) -> Timestamp {
    let (count, unit) = (&period[1..period.len() - 1], &period[period.len() - 1..]);
    if let Some(count) = count.strip_prefix('T') {
        let count: i64 = count.parse().expect("a number");
        let seconds = count * if unit == "H" { 3600 } else { 60 };
        return Timestamp::from_second(start.as_second() + seconds).expect("an instant");
    }
    let zone = TimeZone::get(zone).expect("a zone");
    let local = start.to_zoned_datetime(zone.clone());
    let mut day = local.date();
    let follows = ["ended", "period_end", "raised"].contains(&from);
    if follows && local.time() == Time::midnight() {
        day = day.yesterday().expect("a day");
    }
    let count: i64 = count.parse().expect("a number");
    match unit {
        "D" => (0..count).for_each(|_| day = day.tomorrow().expect("a day")),
        _ => {
            let number = day.day();
            let months = if unit == "Y" { 12 * count } else { count };
            for _ in 0..months {
                day = day.last_of_month().tomorrow().expect("a day");
            }
            day = day
                .with()
                .day(number.min(day.days_in_month()))
                .build()
                .expect("a day");
        }
    }
    let (mut before, mut after) = (
        start.as_second() - 86_400,
        start.as_second() + 4 * 366 * 86_400,
    );
    let ended = |at: i64| {
        let at = Timestamp::from_second(at).expect("an instant");
        at.to_zoned_datetime(zone.clone()).date() > day
    };
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        if ended(middle) {
            after = middle
        } else {
            before = middle
        }
    }
    Timestamp::from_second(after).expect("an instant")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_period_ends_where_a_walk_through_the_calendar_ends(question in any_question()) {
        let question = Question { ask: Ask::Due, paused_s: 0, ..question };
        let (zone, period) = (question.zone.clone().unwrap(), question.period.clone().unwrap());
        let from = question.from.clone().unwrap();
        let walked = walked(&period, question.start.unwrap(), &zone, &from);
        prop_assert_eq!(answer(&question), walked);
    }

    #[test]
    fn an_extension_never_shortens_and_never_gives_more_than_the_most(question in any_question()) {
        let before = answer(&Question { ask: Ask::Due, ..question.clone() });
        let most = answer(&Question { ask: Ask::Extended, promised: None, paused_later_s: 0, ..question.clone() });
        let extended = answer(&Question { ask: Ask::Extended, paused_later_s: 0, ..question });
        prop_assert!(before <= extended && extended <= most.max(before));
    }

    #[test]
    fn a_withdrawal_leaves_at_six_on_the_next_day_of_universal_time(second in 1_546_300_800_i64..1_893_456_000) {
        let leaves = withdrawal_leaves(Timestamp::from_second(second).unwrap(), Time::constant(6, 0, 0, 0));
        prop_assert_eq!(leaves.as_second(), (second / 86_400 + 1) * 86_400 + 6 * 3600);
    }
}

/// `times.py` answers the same questions, or says that it was not heard.
fn heard(questions: &[Question]) -> Option<Vec<Timestamp>> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let child = Command::new("python3.11")
        .arg(format!("{root}/tests/judges/clocks/judge.py"))
        .arg(format!("{root}/memorandum"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        let line = "SKIPPED clocks by times.py for want of python3.11\n";
        let _ = std::io::stderr().write_all(line.as_bytes());
        assert!(env::var("ENTENTE_NO_SKIP").as_deref() != Ok("1"), "{line}");
        return None;
    };
    let asked = serde_json::to_vec(questions).expect("questions");
    let mut stdin = child.stdin.take().expect("its input");
    let writer = std::thread::spawn(move || stdin.write_all(&asked));
    let output = child.wait_with_output().expect("its answers");
    writer.join().expect("a thread").expect("questions written");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(serde_json::from_slice(&output.stdout).expect("a list of instants"))
}

#[test]
fn times_py_answers_every_vector_and_thousands_of_random_questions_alike() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut questions = vectors();
    let random = any_question();
    questions
        .extend((0..6000).map(|_| random.new_tree(&mut runner).expect("a question").current()));
    let Some(answers) = heard(&questions) else {
        return;
    };
    assert_eq!(answers.len(), questions.len());
    for (question, theirs) in questions.iter().zip(answers) {
        assert_eq!(answer(question), theirs, "{question:?}");
    }
}
