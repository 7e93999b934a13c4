//! `entente memorandum`, `entente schema`

use crate::{
    snapshot::{assert_same, settled},
    world::{entente, shipped, world},
};

#[test]
fn the_shipped_memorandum_has_no_fault() {
    let left = entente(
        &shipped().join(".."),
        &["memorandum", "check", "memorandum"],
        "",
    );
    assert_eq!(left.code, 0, "{}", left.text());
    assert!(left.out.contains(": 0 faults"), "{}", left.text());
}

#[test]
fn what_is_no_memorandum_is_said_to_be_none() {
    let dir = tempfile::tempdir().unwrap();
    let left = entente(dir.path(), &["memorandum", "check", "."], "");
    assert_same("memorandum-check-none.txt", &left.text());
}

#[test]
fn a_signed_memorandum_names_who_signed_and_what_was_changed_since() {
    let world = world();
    let whole = world.run(&["memorandum", "verify", "--dir", "be"]);
    assert_same(
        "memorandum-verify.txt",
        &settled(&whole.text(), world.path()),
    );
    let again = world.run(&["memorandum", "sign", "--dir", "be"]);
    assert!(
        again.text().contains("signed by every Party"),
        "{}",
        again.text()
    );
    let copy = tempfile::tempdir().unwrap();
    for folder in ["annex", "cases", "policies", "regions", "rules", "text"] {
        let to = copy.path().join(folder);
        std::fs::create_dir(&to).unwrap();
        for file in std::fs::read_dir(world.path().join("be/memorandum").join(folder)).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
    let article = copy.path().join("text/articles.en.md");
    let text = std::fs::read_to_string(&article).unwrap();
    std::fs::write(&article, format!("{text}\n")).unwrap();
    let altered = world.run(&[
        "memorandum",
        "verify",
        &copy.path().display().to_string(),
        "--note",
        "be/memorandum/memorandum.note",
        "--introduction",
        "be/introduction.note",
    ]);
    assert_same(
        "memorandum-verify-changed.txt",
        &settled(&altered.text(), world.path()),
    );
}

#[test]
fn the_schema_is_json_and_names_the_memorandum() {
    let memorandum = shipped().display().to_string();
    let left = entente(&shipped(), &["schema", "--memorandum", &memorandum], "");
    let schema: serde_json::Value = serde_json::from_str(&left.out).unwrap();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
}

#[test]
fn a_memorandum_with_a_hole_in_a_red_line_is_not_signed() {
    let dir = tempfile::tempdir().unwrap();
    let memorandum = shipped().display().to_string();
    let init = ["init", "be", "--party", "be", "--memorandum", &memorandum];
    assert_eq!(entente(dir.path(), &init, "").code, 0);
    let sign = ["memorandum", "sign", "--without-solver", "--dir", "be"];
    let red_lines = dir.path().join("be/memorandum/policies/red_lines.cedar");
    let whole = std::fs::read_to_string(&red_lines).unwrap();
    let holed = whole.replacen("context.bulk == Answer::\"yes\"", "false", 1);
    assert_ne!(holed, whole);
    std::fs::write(&red_lines, holed).unwrap();
    let left = entente(dir.path(), &sign, "");
    assert_eq!(left.code, 1, "{}", left.text());
    assert!(left.text().contains("a red line is not proven: "));
    assert!(!dir.path().join("be/memorandum/memorandum.note").exists());
    std::fs::write(&red_lines, whole).unwrap();
    let left = entente(dir.path(), &sign, "");
    assert_eq!(left.code, 0, "{}", left.text());
}
