//! Bodies of generated acts: what is written is read again and satisfies the schema; no bytes make the reader panic.

use std::{collections::BTreeMap, path::Path, sync::LazyLock};

use entente_cooperation::{
    act::Act,
    body::{
        Body, Envelope,
        kind::{Kind, Shape},
        schema, size_class,
        slots::{self, fact_member},
        vocabulary::Vocabulary,
    },
    digest::{ActId, Digest, MessageId},
    draft::Draft,
    memorandum::Memorandum,
    print::Printer,
    value::{Slots, Value},
};
use proptest::{collection::vec, option, prelude::*, sample::select};

/// A memorandum and the schema of its bodies.
struct Under {
    memorandum: Memorandum,
    schema: jsonschema::Validator,
}

impl std::fmt::Debug for Under {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.memorandum.head.id)
    }
}

/// The shipped memorandum, and a second one of other parties, organs and slots: nothing here knows either.
static BOTH: LazyLock<[Under; 2]> = LazyLock::new(|| {
    ["../../memorandum", "../../tests/second/memorandum"].map(|folder| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let memorandum = Memorandum::read(&folder)
            .unwrap_or_else(|faults| panic!("{}: {faults:?}", folder.display()));
        let schema = jsonschema::validator_for(&schema::of(&memorandum)).expect("it is a schema");
        Under { memorandum, schema }
    })
});

/// The memorandum under which something is generated.
type M = &'static Memorandum;

fn line() -> BoxedStrategy<String> {
    "[A-Za-zÀ-ÖØ-öا-ي0-9'./-]([A-Za-zÀ-ÖØ-öا-ي0-9 './-]{0,20}[A-Za-z0-9])?".boxed()
}

fn ids(m: M, list: &str) -> Vec<String> {
    let choices = Vocabulary::find(m, list).expect(list).choices();
    choices.into_iter().map(|(id, _)| id.to_owned()).collect()
}

fn one_of(m: M, list: &str) -> BoxedStrategy<Value> {
    select(ids(m, list)).prop_map(Value::Text).boxed()
}

fn text(pattern: &str) -> BoxedStrategy<Value> {
    proptest::string::string_regex(pattern)
        .unwrap()
        .prop_map(Value::Text)
        .boxed()
}

fn many(item: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    vec(item, 1..4).prop_map(Value::List).boxed()
}

fn day() -> impl Strategy<Value = jiff::civil::Date> {
    (1900i16..2100, 1i8..=12, 1i8..=28)
        .prop_map(|(year, month, day)| jiff::civil::date(year, month, day))
}

fn instant() -> impl Strategy<Value = jiff::Timestamp> {
    (0i64..4_000_000_000, 0i32..1_000_000_000)
        .prop_map(|(second, nano)| jiff::Timestamp::new(second, nano).unwrap())
}

fn of_kind(m: M, kind: &Kind) -> BoxedStrategy<Value> {
    match kind {
        Kind::OneOf(list) => one_of(m, list),
        Kind::SeveralOf(list) => many(one_of(m, list)),
        Kind::Version => text("[0-9]{4}-[0-9]"),
        Kind::Identifier | Kind::Name | Kind::Place => line().prop_map(Value::Text).boxed(),
        Kind::Country => text("[A-Z]{2}"),
        Kind::CountryOr(list) => prop_oneof![text("[A-Z]{2}"), one_of(m, list)].boxed(),
        Kind::Scope(list) => (select(ids(m, list)), line())
            .prop_map(|(word, target)| Value::Text(format!("{word}:{target}")))
            .boxed(),
        Kind::ActReference => text("[A-Z]{2}-[0-9]{4}/[1-9]"),
        Kind::Article => text("[1-9](\\.[1-9])?"),
        Kind::Period => text("[0-9]{4}(-Q[1-4])?"),
        Kind::Parts => many(text("[qf][0-9]")),
        Kind::Facts => many(fact(m)),
        Kind::Questions => many(question(m)),
        Kind::Cells => many(cell(m)),
        Kind::Record(shape) => record(m, shape),
        Kind::Each(item) => many(of_kind(m, item)),
        Kind::Date => day().prop_map(Value::Date).boxed(),
        Kind::PartialDate => prop_oneof![
            text("[12][0-9]{3}"),
            text("[12][0-9]{3}-0[1-9]"),
            day().prop_map(|day| Value::Text(day.to_string()))
        ]
        .boxed(),
        Kind::Instant => instant().prop_map(Value::Instant).boxed(),
        Kind::Number => (-(1i64 << 53) + 1..1 << 53).prop_map(Value::Number).boxed(),
        Kind::Measure => (any::<i32>(), line())
            .prop_map(|(number, unit)| {
                Value::Record(BTreeMap::from([
                    ("number".into(), Value::Number(number.into())),
                    ("unit".into(), Value::Text(unit)),
                ]))
            })
            .boxed(),
        Kind::Signature => text("signed:[a-z_0-9]{1,20}"),
        Kind::Signatures => many(text("signed:[a-z_0-9]{1,20}")),
        // An attachment would need its content in the body; the worked cases have those.
        Kind::Attachment => Just(Value::Empty).boxed(),
        Kind::Text => "[a-zàéا-ي0-9 \\n\\t\"\\\\{}:]{1,40}"
            .prop_map(Value::Text)
            .boxed(),
        Kind::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
    }
}

fn record(m: M, shape: &Shape) -> BoxedStrategy<Value> {
    let members: Vec<_> = shape
        .members
        .iter()
        .map(|(name, kind)| (Just(name.clone()), option::of(of_kind(m, kind))))
        .collect();
    members
        .prop_map(|members| {
            Value::Record(
                members
                    .into_iter()
                    .filter_map(|(name, value)| Some((name, value?)))
                    .collect(),
            )
        })
        .boxed()
}

fn fact(m: M) -> BoxedStrategy<Value> {
    let categories: Vec<String> = m.categories.iter().map(|row| row.id.clone()).collect();
    let fields: Vec<String> = m
        .fields
        .values()
        .flatten()
        .map(|field| field.id.clone())
        .collect();
    let names: Vec<String> = fields
        .into_iter()
        .chain(slots::FACT_CAVEATS.map(str::to_owned))
        .chain(["note".to_owned()])
        .collect();
    let chosen = (select(categories), vec(select(names), 0..6), 1u32..100);
    chosen
        .prop_flat_map(move |(category, names, number)| {
            let member = |name: &String| {
                Some((
                    Just(name.clone()),
                    of_kind(m, &fact_member(m, &category, name)?),
                ))
            };
            let members: Vec<_> = names.iter().filter_map(member).collect();
            members.prop_map(move |members| {
                let mut fact: BTreeMap<String, Value> = members.into_iter().collect();
                fact.insert("id".into(), Value::Text(format!("f{number}")));
                fact.insert("category".into(), Value::Text(category.clone()));
                Value::Record(fact)
            })
        })
        .boxed()
}

fn question(m: M) -> BoxedStrategy<Value> {
    (
        1u32..100,
        option::of(one_of(m, "data_category")),
        option::of(of_kind(m, &Kind::Text)),
    )
        .prop_map(|(number, category, note)| {
            let members = [
                ("id", Some(Value::Text(format!("q{number}")))),
                ("category", category),
                ("note", note),
            ];
            Value::Record(
                members
                    .into_iter()
                    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                    .collect(),
            )
        })
        .boxed()
}

fn cell(m: M) -> BoxedStrategy<Value> {
    let dimensions: Vec<String> = m.dimensions.iter().map(|row| row.id.clone()).collect();
    (select(dimensions), line(), 0i64..1000, any::<bool>())
        .prop_map(|(dimension, value, count, hidden)| {
            let shown = if hidden {
                ("suppressed", Value::Bool(true))
            } else {
                ("count", Value::Number(count))
            };
            Value::Record(BTreeMap::from([
                (dimension, Value::Text(value)),
                (shown.0.to_owned(), shown.1),
            ]))
        })
        .boxed()
}

/// An act of any kind with any of its slots, each of its type, filled or not.
fn act_under(under: &'static Under) -> BoxedStrategy<(&'static Under, Act)> {
    let m = &under.memorandum;
    let kinds: Vec<String> = m.acts.iter().map(|line| line.id.clone()).collect();
    let organs: Vec<String> = m.organs.iter().map(|organ| organ.id.clone()).collect();
    (
        select(kinds),
        select(organs.clone()),
        option::of(select(organs)),
    )
        .prop_flat_map(move |(kind, from, to)| {
            let own = slots::of_act(m, &kind, &Slots::new());
            let own = own
                .into_iter()
                .filter(|slot| slot != "sender" && slot != "recipient");
            let slot = |id: String| {
                let value = of_kind(m, &Kind::of(m, &id).unwrap());
                (
                    Just(id),
                    option::of(prop_oneof![8 => value, 1 => Just(Value::Empty)]),
                )
            };
            let slots: Vec<_> = own.map(slot).collect();
            slots.prop_map(move |slots| {
                let slots = slots
                    .into_iter()
                    .filter_map(|(id, value)| Some((id, value?)))
                    .collect();
                (
                    under,
                    Act {
                        kind: kind.clone(),
                        from: from.clone(),
                        to: to.clone(),
                        slots,
                    },
                )
            })
        })
        .boxed()
}

fn act() -> BoxedStrategy<(&'static Under, Act)> {
    prop_oneof![2 => act_under(&BOTH[0]), 1 => act_under(&BOTH[1])].boxed()
}

fn envelope(m: M, act: &Act, chance: [u8; 16], released_at: jiff::Timestamp) -> Envelope {
    let party = |organ: &str| m.organs.get(organ).unwrap().party.clone();
    Envelope {
        act_id: ActId::from_bytes(chance),
        link: m.head.id.clone(),
        from_party: party(&act.from),
        to_party: act.to.as_deref().map_or_else(|| party(&act.from), party),
        released_at,
        memorandum: Digest::of(&chance),
        supersedes: chance[0].is_multiple_of(2).then(|| MessageId::of(&chance)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_generated_act_is_read_as_it_was_written((under, act) in act(), chance in any::<[u8; 16]>(), at in instant()) {
        let m = &under.memorandum;
        let body = Body::new(m, envelope(m, &act, chance, at), &act, Vec::new());
        let body = body.map_err(|fault| TestCaseError::fail(format!("{fault}: {act:?}")))?;
        let bytes = body.write().unwrap();
        prop_assert!(bytes.len().is_power_of_two());
        prop_assert_eq!(&Body::read(m, &bytes), &Ok(body.clone()));
        let json: serde_json::Value = serde_json::from_slice(size_class::unpad(&bytes).unwrap()).unwrap();
        let error = under.schema.iter_errors(&json).next().map(|error| format!("{error} at {}", error.instance_path()));
        prop_assert_eq!(error, None);
        let draft = Draft::of(act.clone(), Vec::new());
        let read = Draft::parse(&draft.write(m, "ar"), m);
        let read = read.map_err(|faults| TestCaseError::fail(format!("{faults:?}")))?;
        prop_assert_eq!(&slots::travelling(m, &read.act().slots), &body.act().slots);
        for language in ["fr", "ar", "xx"] {
            Printer { memorandum: m, language }.act(body.act());
        }
    }

    #[test]
    fn a_damaged_body_is_read_or_refused((under, act) in act(), places in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let m = &under.memorandum;
        let body = Body::new(m, envelope(m, &act, [1; 16], jiff::Timestamp::UNIX_EPOCH), &act, Vec::new()).unwrap();
        let mut bytes = body.write().unwrap();
        for (place, byte) in places {
            let length = bytes.len();
            bytes[place.index(length)] = byte;
        }
        if let Ok(read) = Body::read(m, &bytes) {
            // Whatever is read can be written and read again: nothing is half understood.
            let again = Body::new(m, read.envelope().clone(), read.act(), read.attachments().to_vec());
            prop_assert_eq!(again, Ok(read));
        }
    }

    #[test]
    fn any_draft_text_is_read_or_refused(text in "(act|from|to|\\[slots\\]|\\[\\[slots.facts\\]\\]|case|=|\"x\"|\\n|[0-9-]|\\{|\\}){0,40}") {
        let _ = Draft::parse(&text, &BOTH[0].memorandum);
    }
}
