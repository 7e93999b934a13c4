//! Every body that crossed in the demonstration before `age-encryption` and a JSON Schema validator.

use std::fs;

use crate::{
    judge,
    shown::{entente, run, shown},
};

#[test]
fn ajv_accepts_every_body_under_the_schema_and_no_changed_one() {
    let packages = ["ajv", "age-encryption"];
    let Some(mut judged) = judge::node(
        "the bodies of the demonstration by ajv",
        "bodies/schema.mjs",
        &packages,
    ) else {
        return;
    };
    let shown = shown();
    let schema = shown.folder("body.schema.json");
    fs::write(
        &schema,
        run(entente(&["schema", "--memorandum", "memorandum"])),
    )
    .unwrap();
    judged.arg(&schema);
    for party in ["be", "ma"] {
        for (place, act) in shown.sent(party).iter().enumerate() {
            let folder = shown.folder(&format!("revealed-{party}-{place}"));
            let out = folder.display().to_string();
            shown.on(party, &["ledger", "reveal", act, "--out", &out]);
            judged.arg(&folder);
        }
    }
    let said = judge::agreed(&judged.output().unwrap());
    assert!(said.starts_with("16 bodies accepted, "), "{said}");
    assert!(
        said.trim_end().ends_with(" changed ones refused, 0 faults"),
        "{said}"
    );
}
