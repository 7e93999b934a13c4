//! A log written to a folder and read again.

use std::fs;
use std::path::Path;

use entente_ledger::export::{Export, ExportError, Folder};
use entente_ledger::{Entry, SignedHead};

use crate::party::{Party, at, entries};

/// Exports `log` of Aurelia, cosigned by Borealis, to `folder`.
pub(crate) fn export(log: &[Entry], folder: &Path) -> SignedHead {
    let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
    let head = aurelia.head_over(log, &borealis, at(5));
    let note = head.note_with(&borealis.cosign(head.head(), &aurelia, at(9)));
    let mut export = Export::begin(folder).unwrap();
    for page in log.chunks(1000) {
        export.push(page).unwrap();
    }
    let partner = borealis.keys_for(&aurelia).ml_dsa_44().clone();
    let keys = aurelia.keys_for(&borealis);
    export.finish(&head, &note, &keys, Some(&partner)).unwrap();
    SignedHead::verify(&note, &keys).unwrap()
}

#[test]
fn what_is_exported_is_read_again() {
    let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
    for size in [0, 1, 255, 256, 257, 70_000] {
        let log = entries(size);
        let place = tempfile::tempdir().unwrap();
        let head = export(&log, place.path());
        let folder = Folder::read(place.path()).unwrap();
        assert_eq!(folder.entries, log);
        assert_eq!(folder.checkpoint, head.note());
        assert_eq!(folder.wrong_tiles, []);
        let keys = aurelia.keys_for(&borealis);
        assert_eq!(&folder.ed25519, keys.ed25519());
        assert_eq!(&folder.ml_dsa_44, keys.ml_dsa_44());
        assert_eq!(
            folder.partner.as_ref(),
            Some(borealis.keys_for(&aurelia).ml_dsa_44())
        );
    }
}

#[test]
fn a_changed_tile_is_named_and_a_cut_bundle_is_refused() {
    let place = tempfile::tempdir().unwrap();
    export(&entries(300), place.path());
    let tile = place.path().join("tile/0/001.p/44");
    let mut bytes = fs::read(&tile).unwrap();
    bytes[40] ^= 1;
    fs::write(&tile, bytes).unwrap();
    let folder = Folder::read(place.path()).unwrap();
    let wrong: Vec<String> = folder.wrong_tiles.iter().map(|tile| tile.path()).collect();
    assert_eq!(wrong, ["tile/0/001.p/44"]);

    let bundle = place.path().join("tile/entries/000");
    let bytes = fs::read(&bundle).unwrap();
    fs::write(&bundle, &bytes[..bytes.len() - 34]).unwrap();
    assert!(matches!(
        Folder::read(place.path()),
        Err(ExportError::Malformed(path)) if path == "tile/entries/000"
    ));
}

#[test]
fn a_folder_does_not_end_with_a_head_of_other_entries() {
    let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
    let head = aurelia.head_over(&entries(4), &borealis, at(5));
    let place = tempfile::tempdir().unwrap();
    let mut export = Export::begin(place.path()).unwrap();
    export.push(&entries(3)).unwrap();
    let keys = aurelia.keys_for(&borealis);
    let ended = export.finish(&head, head.note(), &keys, None);
    assert!(matches!(
        ended,
        Err(ExportError::Head {
            head: 4,
            entries: 3
        })
    ));
    assert!(!place.path().join("checkpoint").exists());
}
