//! The articles in one language, read from their Markdown: chapters, articles, numbered paragraphs, lettered points.

use std::collections::BTreeMap;

use super::fault::Fault;

/// The text of the articles in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The title of the whole.
    pub title: String,
    /// Chapters in order.
    pub chapters: Vec<ChapterText>,
    /// Articles by number.
    pub articles: BTreeMap<u32, ArticleText>,
}

/// The heading of a chapter and the articles under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChapterText {
    /// Its title.
    pub title: String,
    /// The line of its heading, from 1.
    pub line: usize,
    /// The numbers of its articles, in order.
    pub articles: Vec<u32>,
}

/// One article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleText {
    /// Its title.
    pub title: String,
    /// The line of its heading, from 1.
    pub line: usize,
    /// Its paragraphs; the first is paragraph 1.
    pub paragraphs: Vec<Passage>,
}

/// One numbered paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Its line, from 1.
    pub line: usize,
    /// Its words, without the number.
    pub text: String,
}

impl Text {
    /// Reads `# title`, `# chapter — title`, `## article 7 — title`, `1. paragraph`; other lines explain and are passed over.
    ///
    /// Fails with every article and paragraph that is out of order.
    pub fn parse(file: &str, markdown: &str) -> Result<Self, Vec<Fault>> {
        let (mut text, mut faults) = (Self::default(), Vec::new());
        for (line, words) in (1..).zip(markdown.lines()) {
            if let Err(what) = text.take(line, words) {
                faults.push(Fault::new(file, line, what));
            }
        }
        if faults.is_empty() {
            Ok(text)
        } else {
            Err(faults)
        }
    }

    /// The words of a paragraph: `10.3`.
    pub fn paragraph(&self, number: &str) -> Option<&Passage> {
        let (article, paragraph) = number.split_once('.')?;
        let index = paragraph.parse::<usize>().ok()?.checked_sub(1)?;
        self.articles
            .get(&article.parse().ok()?)?
            .paragraphs
            .get(index)
    }

    /// The paragraph `10.3`, or all paragraphs of the article `10`; none if there is no such.
    pub fn passages(&self, number: &str) -> &[Passage] {
        match self.paragraph(number) {
            Some(passage) => std::slice::from_ref(passage),
            None => number
                .parse()
                .ok()
                .and_then(|number: u32| self.articles.get(&number))
                .map_or(&[], |article| &article.paragraphs),
        }
    }

    /// Whether there is such an article (`10`) or paragraph (`10.3`).
    pub fn has(&self, number: &str) -> bool {
        match number.split_once('.') {
            Some(_) => self.paragraph(number).is_some(),
            None => number
                .parse()
                .is_ok_and(|number: u32| self.articles.contains_key(&number)),
        }
    }

    /// Takes one line in. Fails with what is out of order.
    fn take(&mut self, line: usize, words: &str) -> Result<(), String> {
        if let Some(heading) = words.strip_prefix("## ") {
            return self.take_article(line, heading);
        }
        if let Some(heading) = words.strip_prefix("# ") {
            self.take_heading(line, heading);
            return Ok(());
        }
        match words.split_once(". ") {
            Some((number, words)) if number.chars().all(|c| c.is_ascii_digit()) => {
                self.take_paragraph(line, number, words)
            }
            _ => Ok(()),
        }
    }

    /// The first heading is the title; a later one opens a chapter.
    fn take_heading(&mut self, line: usize, heading: &str) {
        if self.title.is_empty() {
            heading.trim().clone_into(&mut self.title);
            return;
        }
        let title = heading
            .split_once('—')
            .map_or(heading, |(_, title)| title)
            .trim()
            .to_owned();
        self.chapters.push(ChapterText {
            title,
            line,
            articles: Vec::new(),
        });
    }

    fn take_article(&mut self, line: usize, heading: &str) -> Result<(), String> {
        let number = |name: &str| name.split_whitespace().last()?.parse::<u32>().ok();
        let (Some(number), Some(title)) = heading
            .split_once('—')
            .map_or((None, None), |(name, title)| {
                (number(name), Some(title.trim().to_owned()))
            })
        else {
            return Err(format!("no article heading: “{heading}”"));
        };
        let next = self.articles.len() as u32 + 1;
        if number != next {
            return Err(format!("article {number} where article {next} is expected"));
        }
        let Some(chapter) = self.chapters.last_mut() else {
            return Err(format!("article {number} stands in no chapter"));
        };
        chapter.articles.push(number);
        self.articles.insert(
            number,
            ArticleText {
                title,
                line,
                paragraphs: Vec::new(),
            },
        );
        Ok(())
    }

    fn take_paragraph(&mut self, line: usize, number: &str, words: &str) -> Result<(), String> {
        let Some((article, text)) = self.articles.iter_mut().next_back() else {
            return Err(format!("paragraph {number} stands in no article"));
        };
        let next = text.paragraphs.len() + 1;
        text.paragraphs.push(Passage {
            line,
            text: words.trim().to_owned(),
        });
        if number == next.to_string() {
            Ok(())
        } else {
            Err(format!(
                "article {article}: paragraph {number} where paragraph {next} is expected"
            ))
        }
    }
}

impl Passage {
    /// How many lettered points follow its first colon: `(a)` or `a)`, in any script.
    ///
    /// A point is one letter (two signs in some scripts) between spaces, closed by a parenthesis. Without a colon there is
    /// no list: such letters are references.
    pub fn points(&self) -> usize {
        let opened = |word: &str| {
            let letter = word
                .strip_prefix('(')
                .unwrap_or(word)
                .strip_suffix(')')
                .unwrap_or_default();
            (1..=2).contains(&letter.chars().count()) && letter.chars().all(char::is_alphabetic)
        };
        let list = self
            .text
            .split_once([':', '：'])
            .map_or("", |(_, list)| list);
        list.split_whitespace().filter(|word| opened(word)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "# Treaty\n\n# Part I — Aims\n\n## Article 1 — Purpose\n1. Three aims: (a) peace; (b) bread; (c) rest.\n2. Nothing else.\n";

    #[test]
    fn a_text_has_chapters_articles_paragraphs_and_points() {
        let text = Text::parse("text/x.md", SMALL).unwrap();
        assert_eq!(
            (text.title.as_str(), text.chapters[0].title.as_str()),
            ("Treaty", "Aims")
        );
        assert_eq!(text.chapters[0].articles, [1]);
        assert_eq!(text.paragraph("1.1").unwrap().points(), 3);
        assert_eq!(text.paragraph("1.2").unwrap().line, 7);
        assert!(
            text.has("1")
                && text.has("1.2")
                && !text.has("1.3")
                && !text.has("2")
                && !text.has("1.0")
        );
    }

    #[test]
    fn points_are_counted_in_arabic_too() {
        let passage = Passage {
            line: 1,
            text: "ما يلي: أ) الأول؛ ب) الثاني؛ هـ) الخامس.".to_owned(),
        };
        assert_eq!(passage.points(), 3);
    }

    #[test]
    fn what_is_out_of_order_is_named_with_its_line() {
        let faults = Text::parse("text/x.md", "# T\n# C — A\n## Article 2 — B\n").unwrap_err();
        assert_eq!(
            faults[0].to_string(),
            "text/x.md:3: article 2 where article 1 is expected"
        );
        let faults = Text::parse("text/x.md", &SMALL.replace("2. N", "3. N")).unwrap_err();
        assert_eq!(
            faults[0].to_string(),
            "text/x.md:7: article 1: paragraph 3 where paragraph 2 is expected"
        );
    }
}
