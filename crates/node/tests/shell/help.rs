//! The help teaches with examples.

use crate::{snapshot::assert_same, world::entente};

#[test]
fn the_help_lists_every_command_and_each_shows_examples() {
    let dir = tempfile::tempdir().unwrap();
    let whole = entente(dir.path(), &["--help"], "");
    assert_eq!(whole.code, 0);
    assert_same("help.txt", &whole.out);
    let commands = whole
        .out
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"));
    let names = commands.take_while(|line| !line.starts_with("Options:"));
    let names = names.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    for name in names.filter_map(|line| line.split_whitespace().next()) {
        let help = entente(dir.path(), &[name, "--help"], "");
        let teaches = help.out.contains("Examples") || help.out.contains("Commands:");
        assert!(help.code == 0 && teaches, "{name} shows no example");
    }
}

#[test]
fn what_is_misused_ends_with_two() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(entente(dir.path(), &["sned"], "").code, 2);
    assert_eq!(entente(dir.path(), &[], "").code, 2);
}
