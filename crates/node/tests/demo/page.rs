//! Every page of the demonstration before axe in Chromium, and what stands in the place of one that cannot be shown.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    judge,
    shown::{Shown, entente, shown},
};

/// How long a node may take to go or to come back.
const PATIENCE: Duration = Duration::from_secs(60);

/// What axe says of these pages, after the status that each must be answered with; without any, of every page to which the day
/// leads. None if it is not there to be asked.
fn looked_at(shown: &Shown, pages: &[&str]) -> Option<String> {
    let what = "axe on the pages of the demonstration";
    if Command::new("chromium").arg("--version").output().is_err() {
        judge::skip(what, "chromium");
        return None;
    }
    let mut judged = judge::node(what, "pages/axe.mjs", &["axe-core", "playwright-core"])?;
    let judged = judged.arg(&shown.address).args(pages).output();
    Some(judge::agreed(&judged.unwrap()).trim().to_owned())
}

/// What a page is answered with, and its text.
fn get(shown: &Shown, path: &str, language: &str) -> (u16, String) {
    let place = shown.address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(place.trim_end_matches('/')).unwrap();
    let asked = format!("GET {path} HTTP/1.0\r\naccept-language: {language}\r\n\r\n");
    stream.write_all(asked.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse();
    (status.unwrap(), answer)
}

/// The process of the node that runs on a data folder.
fn node_on(folder: &Path) -> Option<u32> {
    let end = format!("--dir\0{}\0", folder.display());
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let mut ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.find(|id: &u32| {
        let words = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&words).ends_with(&end)
    })
}

fn until(so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < PATIENCE, "it did not come to be so");
        thread::sleep(Duration::from_millis(50));
    }
}

/// A node that is stopped with the test.
struct Restarted(Child);

impl Drop for Restarted {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn axe_finds_nothing_on_any_page_in_any_language_wide_or_narrow() {
    let shown = shown();
    if let Some(said) = looked_at(&shown, &[]) {
        // The day, the ledgers and sixteen acts, in four languages, at two widths.
        assert_eq!(said, "144 pages, 0 faults");
    }
    if let Some(said) = looked_at(&shown, &["404", "act/NOBODY", "nowhere"]) {
        assert_eq!(said, "16 pages, 0 faults");
    }
}

#[test]
fn what_is_not_there_is_said_on_a_page_in_the_language_of_the_reader() {
    let shown = shown();
    for (path, language, title) in [
        ("/fr/act/NOBODY", "", "Cet acte n’existe pas ici"),
        ("/nl/nowhere", "fr", "Deze pagina bestaat niet"),
        ("/en/act/%FF", "", "There is no such page"),
        ("/xx/ledgers", "de,ar-MA;q=0.8", "لا توجد هذه الصفحة"),
        ("/nowhere", "", "There is no such page"),
        (
            "/proof/NOBODY/sent.entry",
            "fr",
            "Cet acte n’existe pas ici",
        ),
        (
            "/proof/BE-2016-000417%2F1/nothing",
            "en",
            "There is no such page",
        ),
    ] {
        let (status, page) = get(&shown, path, language);
        assert_eq!(status, 404, "{path}");
        assert!(
            page.contains(&format!("<h1>{title}</h1>")),
            "{path}: {page}"
        );
        assert!(page.contains("class=\"mark\""), "no frame around {path}");
        assert!(
            page.contains("content-security-policy: default-src 'none'"),
            "{path}"
        );
    }
    // Another language of the same page is the same page.
    let (_, page) = get(&shown, "/fr/act/NO%3Cb%3EBODY", "");
    assert!(page.contains("href=\"/nl/act/NO%3Cb%3EBODY\""), "{page}");
}

#[test]
fn a_node_that_stopped_is_named_and_the_command_that_is_shown_brings_it_back() {
    let shown = Shown::begin();
    let folder = shown.side("be");
    let id = node_on(&folder).expect("the node of the first side");
    let killed = Command::new("kill").arg(id.to_string()).status();
    assert!(killed.unwrap().success());
    until(|| get(&shown, "/en/", "").0 == 503);

    for path in [
        "/en/",
        "/en/ledgers",
        "/en/act/BE-2016-000417%2F1",
        "/en/act/NOBODY",
    ] {
        let (status, page) = get(&shown, path, "");
        assert_eq!(status, 503, "{path}");
        let named = "<h1>The node of Brussels does not answer</h1>";
        assert!(page.contains(named), "{path}: {page}");
    }
    // What the other side holds is still shown.
    assert_eq!(get(&shown, "/en/act/MA-2016-000417%2F2", "").0, 200);
    if let Some(said) = looked_at(&shown, &["503", "", "ledgers"]) {
        assert_eq!(said, "16 pages, 0 faults");
    }

    let (_, page) = get(&shown, "/en/", "");
    let (_, command) = page.split_once(">entente serve").unwrap();
    let (words, _) = command.split_once("</pre>").unwrap();
    let words: Vec<&str> = ["serve"]
        .into_iter()
        .chain(words.split_whitespace())
        .collect();
    let node = entente(&words).stderr(Stdio::null()).spawn();
    let _node = Restarted(node.unwrap());
    until(|| get(&shown, "/en/", "").0 == 200);
    assert_eq!(get(&shown, "/en/act/NOBODY", "").0, 404);
}
