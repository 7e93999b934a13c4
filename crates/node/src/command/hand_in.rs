//! A draft file handed to the running node, with the files that it names from beside it.

use std::{collections::BTreeMap, fs, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{Caller, answer::Failure, draft, memorandum as agreement};

/// What is posted for the draft in `path`. The draft is read first, so that its faults are told with their lines.
pub fn of_file(caller: &Caller, path: &Path) -> Result<Value, Failure> {
    let memorandum = agreement::of_folder(&caller.folder())?;
    let form = draft::read(path, &memorandum)?;
    let mut files = BTreeMap::new();
    for (slot, name) in form.wanted() {
        let beside = path.with_file_name(name);
        let content = fs::read(&beside).map_err(|e| {
            Failure::misused(format!(
                "the file `{}` that the slot `{slot}` names cannot be read",
                beside.display()
            ))
            .because(&e)
            .hint("put the file beside the draft")
        })?;
        files.insert(name.to_owned(), BASE64_STANDARD.encode(content));
    }
    let text = fs::read_to_string(path).map_err(|e| {
        Failure::misused(format!("`{}` cannot be read", path.display())).because(&e)
    })?;
    Ok(json!({ "draft": text, "files": files }))
}
