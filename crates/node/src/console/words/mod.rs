//! The words of the pages, in each language, from Fluent catalogues.
//!
//! What the memorandum names (acts, clocks, organs, grounds …) is not here: its annexes hold those words.

use std::collections::BTreeMap;

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

/// The languages that the pages speak, with their catalogue.
const CATALOGUES: [(&str, &str); 4] = [
    ("fr", include_str!("fr.ftl")),
    ("nl", include_str!("nl.ftl")),
    ("ar", include_str!("ar.ftl")),
    ("en", include_str!("en.ftl")),
];

/// The catalogue of one language.
pub struct Words {
    language: &'static str,
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    /// Every catalogue, by language code.
    pub fn all() -> BTreeMap<&'static str, Words> {
        CATALOGUES
            .iter()
            .map(|&(language, source)| (language, Words::of(language, source)))
            .collect()
    }

    fn of(language: &'static str, source: &str) -> Words {
        let tag: LanguageIdentifier = language.parse().expect("a language tag of the list above");
        let resource =
            FluentResource::try_new(source.to_owned()).expect("a catalogue that a test has read");
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Pages isolate foreign runs with <bdi>; Fluent's own marks would end up inside attributes.
        bundle.set_use_isolating(false);
        bundle
            .add_resource(resource)
            .expect("identifiers that stand once");
        Words { language, bundle }
    }

    /// The language code.
    pub fn language(&self) -> &'static str {
        self.language
    }

    /// `rtl` for Arabic, `ltr` otherwise.
    pub fn direction(&self) -> &'static str {
        if self.language == "ar" { "rtl" } else { "ltr" }
    }

    /// The phrase with this identifier.
    pub fn say(&self, id: &str) -> String {
        self.with(id, &[])
    }

    /// The phrase with this identifier, its places filled.
    pub fn with(&self, id: &str, places: &[(&str, &str)]) -> String {
        let mut filled = FluentArgs::new();
        for (name, text) in places {
            filled.set(*name, *text);
        }
        let pattern = self
            .bundle
            .get_message(id)
            .and_then(|message| message.value());
        let pattern =
            pattern.unwrap_or_else(|| panic!("the catalogue of {} lacks {id}", self.language));
        let mut faults = Vec::new();
        self.bundle
            .format_pattern(pattern, Some(&filled), &mut faults)
            .into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identifiers(source: &str) -> Vec<&str> {
        source
            .lines()
            .filter_map(|line| line.split_once(" = ").map(|(id, _)| id))
            .collect()
    }

    #[test]
    fn every_catalogue_says_the_same_things() {
        for (language, source) in CATALOGUES {
            assert_eq!(
                identifiers(source),
                identifiers(CATALOGUES[3].1),
                "{language}"
            );
        }
    }

    #[test]
    fn every_phrase_that_a_page_asks_for_is_in_the_catalogue() {
        let known = identifiers(CATALOGUES[3].1);
        let pages = [
            include_str!("../layout.html"),
            include_str!("../day.html"),
            include_str!("../ledgers.html"),
            include_str!("../act.html"),
            include_str!("../unshown.html"),
            include_str!("../../demo/side/unshown.rs"),
            include_str!("../view.rs"),
        ];
        for page in pages {
            for call in page
                .split("say(\"")
                .skip(1)
                .chain(page.split("with(\"").skip(1))
            {
                let id = call.split('"').next().unwrap();
                assert!(known.contains(&id), "no phrase {id}");
            }
        }
    }

    #[test]
    fn places_are_filled_without_marks_of_their_own() {
        let words = Words::all();
        assert_eq!(
            words["en"].with("sees", &[("city", "Brussels")]),
            "What Brussels sees"
        );
        assert_eq!(words["ar"].direction(), "rtl");
    }
}
