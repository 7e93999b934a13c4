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
    let token = std::fs::read_to_string(world.path().join("be/token")).unwrap();
    assert!(!left.out.contains(token.trim()));
}
