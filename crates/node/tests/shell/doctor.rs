//! `entente doctor`

use crate::{
    snapshot::{assert_same, settled},
    world::world,
};

#[test]
fn the_doctor_says_how_everything_stands_without_a_secret() {
    let world = world();
    let left = world.run(&["doctor", "--dir", "be"]);
    assert_same("doctor.txt", &settled(&left.text(), world.path()));
    let json = world.run(&["doctor", "--dir", "be", "--json"]);
    let said = [left.text(), json.text()].concat();
    let keys = std::fs::read_dir(world.path().join("be/keys")).unwrap();
    let files = keys.map(|entry| entry.unwrap().path());
    let mut secrets = 0;
    for file in files.chain([world.path().join("be/token")]) {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        for line in text
            .lines()
            .filter(|line| line.len() >= 16 && !line.starts_with("-----"))
        {
            secrets += 1;
            assert!(!said.contains(line), "{} is in it", file.display());
        }
    }
    assert!(secrets >= 5, "only {secrets} secrets were looked for");
    for person in ["Lamkaddem", "Rachid", "BE-2026-000417"] {
        assert!(!said.contains(person), "{person} is in it");
    }
}
