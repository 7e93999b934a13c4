//! A fault of a memorandum: where it stands, what is wrong, what would mend it.

use std::fmt;

/// One fault, at a file and line. Prints as `annex/03_acts.toml:212: act x: no slot “fact”; did you mean “facts”?`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file, within the folder of the memorandum or with the folder before it.
    pub file: String,
    /// The line, from 1; 0 when the file or folder as a whole is meant.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What would mend it, where that can be said.
    pub remedy: Option<String>,
}

impl Fault {
    /// A fault at a line.
    pub fn new(file: impl Into<String>, line: usize, what: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line,
            what: what.into(),
            remedy: None,
        }
    }

    /// The same fault with a remedy.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// The same fault, its file seen from outside the folder.
    #[must_use]
    pub fn under(mut self, folder: &str) -> Self {
        self.file = format!("{}/{}", folder.trim_end_matches('/'), self.file);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.what)?,
            line => write!(f, "{}:{line}: {}", self.file, self.what)?,
        }
        match &self.remedy {
            Some(remedy) => write!(f, "; {remedy}"),
            None => Ok(()),
        }
    }
}

/// The known word nearest to a misspelt one, as a question: `did you mean “facts”?`
///
/// Nearest by edit distance, at most a third of the word's length; `None` when nothing is near.
pub fn did_you_mean<'k>(
    misspelt: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<String> {
    let most = (misspelt.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|word| (distance(misspelt, word), word))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, word)| format!("did you mean “{word}”?"))
}

/// Levenshtein's distance, in characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_prints_where_what_and_remedy() {
        let fault = Fault::new("annex/03_acts.toml", 212, "act x: no slot “fact”")
            .with_remedy("did you mean “facts”?");
        assert_eq!(
            fault.under("memorandum/").to_string(),
            "memorandum/annex/03_acts.toml:212: act x: no slot “fact”; did you mean “facts”?"
        );
        assert_eq!(
            Fault::new("annex", 0, "no table [memorandum]").to_string(),
            "annex: no table [memorandum]"
        );
    }

    #[test]
    fn the_nearest_word_is_proposed_and_a_far_one_is_not() {
        assert_eq!(
            did_you_mean("fact", ["facts", "purpose"]).as_deref(),
            Some("did you mean “facts”?")
        );
        assert_eq!(did_you_mean("fact", ["purpose", "area"]), None);
    }
}
