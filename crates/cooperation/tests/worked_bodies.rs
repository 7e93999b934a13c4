//! Every act of the worked cases as a body: what is written is read again, and satisfies the schema.

use std::{fs, path::Path};

use entente_cooperation::{
    act::Act,
    body::{Body, Envelope, attachment::Attachment, schema, size_class, slots},
    digest::{ActId, Digest},
    draft::{Draft, read::slots_of},
    memorandum::Memorandum,
    value::{Slots, Value},
};

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../memorandum"))
}

fn memorandum() -> Memorandum {
    Memorandum::read(folder()).expect("the shipped memorandum reads")
}

/// The acts of every case: where each stands, who sends, what it holds as TOML.
fn acts(memorandum: &Memorandum) -> Vec<(String, Act)> {
    let mut acts = Vec::new();
    let mut files: Vec<_> = fs::read_dir(folder().join("cases"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|ending| ending == "toml"))
    {
        let case: toml::Table = fs::read_to_string(file).unwrap().parse().unwrap();
        for step in case["step"].as_array().unwrap() {
            if let Some(kind) = step.get("act") {
                let place = format!(
                    "{} step {}",
                    file.file_name().unwrap().to_string_lossy(),
                    step["n"]
                );
                acts.push((place, act(memorandum, &case, step, kind.as_str().unwrap())));
            }
        }
    }
    assert!(acts.len() > 80, "{} acts", acts.len());
    acts
}

fn act(memorandum: &Memorandum, case: &toml::Table, step: &toml::Value, kind: &str) -> Act {
    let mut facts = match step.get("uses") {
        Some(name) => case["given"][name.as_str().unwrap()]
            .as_table()
            .unwrap()
            .clone(),
        None => toml::Table::new(),
    };
    if let Some(own) = step.get("facts") {
        facts.extend(own.as_table().unwrap().clone());
    }
    let organ = |name: &str| {
        step.get(name)
            .map(|organ| organ.as_str().unwrap().to_owned())
    };
    let mut slots =
        slots_of(memorandum, &with_files(facts)).unwrap_or_else(|fault| panic!("{kind}: {fault}"));
    // A case lends every act of a story the facts of its first; a body takes only what the act has slots for.
    let own = slots::of_act(memorandum, kind, &slots);
    slots.retain(|id, _| own.contains(id));
    Act {
        kind: kind.to_owned(),
        from: organ("from").unwrap(),
        to: organ("to"),
        slots,
    }
}

/// The cases write `attached` for a file.
fn with_files(facts: toml::Table) -> toml::Table {
    fn named(value: toml::Value) -> toml::Value {
        match value {
            toml::Value::String(text) if text == "attached" => toml::Value::Table(
                toml::Table::from_iter([("file".to_owned(), "scan.pdf".into())]),
            ),
            toml::Value::Array(items) => toml::Value::Array(items.into_iter().map(named).collect()),
            toml::Value::Table(members) => toml::Value::Table(
                members
                    .into_iter()
                    .map(|(name, value)| (name, named(value)))
                    .collect(),
            ),
            value => value,
        }
    }
    facts
        .into_iter()
        .map(|(name, value)| (name, named(value)))
        .collect()
}

/// The act with the files that it names.
fn with_content(act: &Act) -> (Act, Vec<Attachment>) {
    fn fill(value: &mut Value, from: &str, to: &str) {
        match value {
            Value::Text(text) if text == from => to.clone_into(text),
            Value::List(items) => items.iter_mut().for_each(|item| fill(item, from, to)),
            Value::Record(members) => members
                .values_mut()
                .for_each(|member| fill(member, from, to)),
            _ => {}
        }
    }
    let (mut act, mut files) = (act.clone(), Vec::new());
    for (slot, value) in &mut act.slots {
        let stand_in = Digest::of_all(&[b"file ", slot.as_bytes(), b" scan.pdf"]).to_string();
        let file =
            Attachment::new(slot, "scan.pdf", format!("%PDF-1.7 {slot}").into_bytes()).unwrap();
        let before = value.clone();
        fill(value, &stand_in, &file.sha256().to_string());
        if *value != before {
            files.push(file);
        }
    }
    (act, files)
}

fn envelope(memorandum: &Memorandum, act: &Act) -> Envelope {
    let party = |organ: &str| memorandum.organs.get(organ).unwrap().party.clone();
    let from_party = party(&act.from);
    let other = memorandum
        .parties
        .iter()
        .find(|party| party.id != from_party)
        .unwrap();
    Envelope {
        act_id: ActId::from_bytes([7; 16]),
        link: memorandum.head.id.clone(),
        to_party: act.to.as_deref().map_or(other.id.clone(), party),
        from_party,
        released_at: "2026-03-18T10:00:00.5Z".parse().unwrap(),
        memorandum: Digest::of(b"the memorandum"),
        supersedes: None,
    }
}

fn without_empty(slots: &Slots) -> Slots {
    slots
        .iter()
        .filter_map(|(id, value)| Some((id.clone(), slots::filled(value)?)))
        .collect()
}

#[test]
fn every_act_of_the_cases_travels_and_satisfies_the_schema() {
    let memorandum = memorandum();
    let schema = jsonschema::validator_for(&schema::of(&memorandum)).unwrap();
    for (place, act) in acts(&memorandum) {
        let (act, files) = with_content(&act);
        let body = Body::new(&memorandum, envelope(&memorandum, &act), &act, files)
            .unwrap_or_else(|fault| panic!("{place}: {fault}"));
        let bytes = body.write().unwrap();
        assert_eq!(
            Body::read(&memorandum, &bytes).as_ref(),
            Ok(&body),
            "{place}"
        );
        assert_eq!(body.act().slots, without_empty(&act.slots), "{place}");
        let json: serde_json::Value =
            serde_json::from_slice(size_class::unpad(&bytes).unwrap()).unwrap();
        if let Some(error) = schema.iter_errors(&json).next() {
            panic!("{place}: {error} at {}", error.instance_path());
        }
    }
}

#[test]
fn the_schema_of_a_body_is_a_schema() {
    let schema = schema::of(&memorandum());
    assert!(jsonschema::meta::is_valid(&schema));
}

#[test]
fn every_act_of_the_cases_is_the_same_draft_after_it_was_written_and_read() {
    let memorandum = memorandum();
    for (place, act) in acts(&memorandum) {
        for language in ["fr", "ar"] {
            let draft = Draft::of(act.clone(), Vec::new());
            let text = draft.write(&memorandum, language);
            let read = Draft::parse(&text, &memorandum);
            if memorandum.acts.has(&act.kind) {
                let read = read.unwrap_or_else(|faults| panic!("{place}: {faults:?}\n{text}"));
                assert_eq!(read.act(), draft.act(), "{place}\n{text}");
            } else {
                assert!(read.is_err(), "{place}");
            }
        }
    }
}
