//! The demonstration as whoever clones this sees it, and what it leaves before programs that nobody here wrote.

mod bodies;
mod judge;
mod ledgers;
mod page;
mod shown;

use crate::shown::{entente, run};

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
fn every_cheat_is_caught_by_the_line_that_is_printed() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("cheat").display().to_string();
    let said = run(entente(&["demo", "--cheat", "--dir", &dir]));
    for line in [
        "caught by `entente ledger check` in Rabat: entente/be_ma_2016/ma/be: entry 2 does not match its opening",
        "caught by the node of Rabat, as it starts: the node does not start: the rows of the link with `be` contradict each other",
        "caught by the mirror that Brussels keeps, asked before anything is signed: our data end at entry 2, the partner holds ",
        "caught by `entente ledger verify`, offline, by anyone: not proven: `sent.opening` does not open `sent.entry`",
        "caught by the node of Rabat, which answers: two histories were signed; they differ from entry ",
        "5 of 5 cheats were caught.",
    ] {
        assert!(said.contains(line), "no line “{line}” in\n{said}");
    }
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
