//! The words of the command line itself, in each language. What the memorandum names, its annexes name.
//!
//! A catalogue is a Fluent file of its simplest kind: `identifier = phrase`, with places `{ $name }`.

use std::collections::BTreeMap;

const CATALOGUES: [(&str, &str); 4] = [
    ("en", include_str!("en.ftl")),
    ("fr", include_str!("fr.ftl")),
    ("nl", include_str!("nl.ftl")),
    ("ar", include_str!("ar.ftl")),
];

/// The languages of the command line.
pub const SPOKEN: [&str; 4] = [
    CATALOGUES[0].0,
    CATALOGUES[1].0,
    CATALOGUES[2].0,
    CATALOGUES[3].0,
];

/// The catalogue of one language.
#[derive(Clone, Debug)]
pub struct Words {
    language: &'static str,
    phrases: BTreeMap<&'static str, &'static str>,
}

impl Words {
    /// The catalogue of this language; English where the command line does not speak it.
    pub fn of(language: &str) -> Self {
        let found = CATALOGUES.into_iter().find(|(code, _)| *code == language);
        let (language, source) = found.unwrap_or(CATALOGUES[0]);
        Self {
            language,
            phrases: phrases(source),
        }
    }

    /// The language that is spoken.
    pub fn language(&self) -> &'static str {
        self.language
    }

    /// The phrase with this identifier.
    pub fn say(&self, id: &str) -> String {
        self.with(id, &[])
    }

    /// The phrase with this identifier, its places filled. An identifier that is in no catalogue says itself.
    pub fn with(&self, id: &str, places: &[(&str, &str)]) -> String {
        let mut phrase = (*self.phrases.get(id).unwrap_or(&id)).to_owned();
        for (name, text) in places {
            phrase = phrase.replace(&format!("{{ ${name} }}"), text);
        }
        phrase
    }

    /// The words of the memorandum in this language, else in English, else in any.
    pub fn label<'l>(&self, labels: &'l BTreeMap<String, String>) -> &'l str {
        labels
            .get(self.language)
            .or_else(|| labels.get("en"))
            .or_else(|| labels.values().next())
            .map_or("", String::as_str)
    }
}

fn phrases(source: &'static str) -> BTreeMap<&'static str, &'static str> {
    source
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_catalogue_says_the_same_things_with_the_same_places() {
        let places = |phrase: &str| phrase.matches("{ $").count();
        let english = phrases(CATALOGUES[0].1);
        for (language, source) in CATALOGUES {
            let other = phrases(source);
            assert!(other.keys().eq(english.keys()), "{language}");
            for (id, phrase) in &english {
                assert_eq!(places(phrase), places(other[id]), "{language} {id}");
            }
        }
    }

    #[test]
    fn a_language_that_is_not_spoken_falls_back_to_english() {
        assert_eq!(Words::of("sw").language(), "en");
        assert_eq!(Words::of("nl").say("yes"), "ja");
    }
}
