//! The shipped rules compile.

use std::path::Path;

use entente_cooperation::{
    memorandum::{Memorandum, read::files_of},
    policy::Policy,
};

#[test]
fn the_shipped_rules_compile() {
    let files = files_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../memorandum")).unwrap();
    let memorandum = Memorandum::read_files(&files).unwrap();
    let begun = std::time::Instant::now();
    match Policy::compile(&memorandum, &files) {
        Ok(policy) => println!("{policy:?} in {:?}", begun.elapsed()),
        Err(faults) => {
            for fault in &faults {
                println!("{fault}");
            }
            panic!("{} faults", faults.len());
        }
    }
}
