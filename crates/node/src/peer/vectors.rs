//! Vectors of what partners say to each other: one file, one fault, the failure expected. Read by the tests beside each reader.

use std::{fs, path::Path};

use entente_cooperation::body::strict::Malformed;

/// Reads every vector of `vectors/KIND` and holds what the reader says against its head; how many there were.
///
/// # Panics
/// If one is read otherwise than it says.
pub(crate) fn check(kind: &str, read: impl Fn(&[u8]) -> Result<(), Malformed>) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("vectors")
        .join(kind);
    let mut number = 0;
    for file in fs::read_dir(folder).unwrap() {
        let (path, name) = file.map(|file| (file.path(), file.file_name())).unwrap();
        let bytes = fs::read(&path).unwrap();
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let line = |key: &str| head.lines().find_map(|line| line.strip_prefix(key));
        let found = read(&bytes[end + 2..]);
        let said = found
            .as_ref()
            .map_or_else(|fault| fault.defect.name(), |()| "ok");
        assert_eq!(Some(said), line("expect: "), "{name:?}: {found:?}");
        if let (Err(fault), Some(at)) = (&found, line("at: ")) {
            assert_eq!(fault.pointer, at, "{name:?}");
        }
        number += 1;
    }
    number
}
