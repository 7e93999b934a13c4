//! The demonstration as whoever clones this sees it, and what it leaves before programs that nobody here wrote.

use std::thread;

use serde_json::Value;

mod bodies;
mod judge;
mod ledgers;
mod page;
mod shown;

use crate::shown::{entente, run, shown};

#[test]
fn a_day_holds_and_both_ledgers_agree() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("day").display().to_string();
    let said = run(entente(&["demo", "--once", "--dir", &dir]));
    let closing = said.trim_end().lines().next_back().unwrap();
    assert_eq!(
        closing, "26 steps, everything held; both ledgers agree.",
        "{said}"
    );
    for city in ["Brussels", "Rabat"] {
        let line = format!("Ledger of {city}: 26 entries, unbroken; signed up to 26, cosigned by");
        assert!(said.contains(&line), "no line “{line}” in\n{said}");
    }
    for told in [
        "Brussels sends information_request",
        "1 of 3 facts may not cross",
        "stands still: ",
        "RAN OUT: Urgent reply",
        "RAN OUT: Assignment of an owner",
    ] {
        assert!(said.contains(told), "“{told}” was not told in\n{said}");
    }
}

#[test]
fn a_day_is_told_to_machines_one_object_a_line() {
    let shown = shown();
    let of = |kind: &str| -> Vec<&Value> {
        let lines = shown.told.iter();
        lines.filter(|line| line["line"] == kind).collect()
    };
    assert_eq!(shown.told[0]["line"], "opening");
    assert_eq!(of("signed").len(), 2);
    let steps = of("step");
    assert_eq!(steps.len(), 26);
    for (place, step) in steps.iter().enumerate() {
        assert_eq!(step["step"], place + 1);
        assert_eq!(step["held"], true, "{step}");
    }
    let sent = steps.iter().filter(|step| step["doing"] == "send");
    let sent: Vec<&Value> = sent.map(|step| &step["act"]).collect();
    assert_eq!(sent.len(), 16);
    for act in sent {
        let receipt = &act["receipt"];
        let whole = act["entry"].is_u64() && receipt["entry"].is_u64();
        assert!(whole && !act["articles"][0].is_null(), "{act}");
        assert_eq!(receipt["outcome"], "filed");
    }
    let asked = steps[1];
    assert_eq!(asked["at"], "2016-04-22T12:10:00Z");
    assert_eq!(asked["act"]["reference"], "BE-2016-000417/1");
    let due = asked["clocks"].as_array().unwrap();
    let due = due.iter().find(|clock| clock["clock"] == "reply_ordinary");
    assert_eq!(due.unwrap()["due"], "2016-04-29T23:00:00Z");
    let stopped = &steps[0]["act"];
    assert_eq!(stopped["refusal"], "fishing");
    assert!(stopped["receipt"].is_null() && stopped["entry"].is_null());

    let closing = shown.told.last().unwrap();
    assert_eq!(closing["line"], "closing");
    assert_eq!(closing["steps"], 26);
    assert_eq!(closing["held"], true);
    assert_eq!(closing["ledgers_agree"], true);
    assert_eq!(closing["ledgers"][1]["cosigned"], 26);
}

#[test]
fn every_cheat_is_caught_by_the_line_that_is_printed() {
    let place = tempfile::tempdir().unwrap();
    let dir = |name: &str| place.path().join(name).display().to_string();
    // Both at once: each is mostly waiting.
    let machines = dir("machines");
    let machines =
        thread::spawn(move || run(entente(&["demo", "--cheat", "--json", "--dir", &machines])));
    let said = run(entente(&["demo", "--cheat", "--dir", &dir("people")]));
    let machines = machines.join().unwrap();
    let lines = machines.lines().map(serde_json::from_str);
    let lines: Vec<Value> = lines.map(Result::unwrap).collect();
    let cheats: Vec<&Value> = lines
        .iter()
        .filter(|line| line["line"] == "cheat")
        .collect();
    let caught = [
        (
            "`entente ledger check` in Rabat",
            "entente/be_ma_2016/ma/be: entry 2 does not match its opening",
        ),
        (
            "the node of Rabat, as it starts",
            "the node does not start: the rows of the link with `be` contradict each other",
        ),
        (
            "the mirror that Brussels keeps, asked before anything is signed",
            "our data end at entry 2, the partner holds ",
        ),
        (
            "`entente ledger verify`, offline, by anyone",
            "not proven: `sent.opening` does not open `sent.entry`",
        ),
        (
            "the node of Rabat, which answers",
            "two histories were signed; they differ from entry ",
        ),
    ];
    assert_eq!(cheats.len(), caught.len());
    for (told, (by, line)) in cheats.iter().zip(caught) {
        assert!(
            told["caught"].as_str().unwrap().starts_with(line) && told["by"] == by,
            "{told}"
        );
        let line = format!("caught by {by}: {line}");
        assert!(said.contains(&line), "no line “{line}” in\n{said}");
    }
    assert!(said.ends_with("5 of 5 cheats were caught.\n"), "{said}");
    let closing = lines.last().unwrap();
    assert!(
        closing["line"] == "closing" && closing["held"] == true,
        "{closing}"
    );
}

#[test]
fn a_page_that_has_no_place_is_said_before_the_day_begins() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let left = entente(&["demo", "--listen", &address]).output().unwrap();
    assert_eq!(left.status.code(), Some(2));
    assert!(left.stdout.is_empty(), "the day began");
    let said = String::from_utf8(left.stderr).unwrap();
    assert!(
        said.contains(&address) && said.contains("--listen"),
        "{said}"
    );
}
