//! Every page of the demonstration before axe in Chromium.

use std::process::Command;

use crate::{judge, shown::shown};

#[test]
fn axe_finds_nothing_on_any_page_in_any_language_wide_or_narrow() {
    let what = "axe on the pages of the demonstration";
    if Command::new("chromium").arg("--version").output().is_err() {
        return judge::skip(what, "chromium");
    }
    let Some(mut judged) = judge::node(what, "pages/axe.mjs", &["axe-core", "playwright-core"])
    else {
        return;
    };
    let shown = shown();
    let said = judge::agreed(&judged.arg(&shown.address).output().unwrap());
    // The day, the ledgers and sixteen acts, in four languages, at two widths.
    assert_eq!(said.trim(), "144 pages, 0 faults");
}
