//! Rows for a terminal: aligned columns, the last one free, foreign scripts isolated.

use super::terminal::cell;

/// Columns with a heading each; a row has one cell a column.
#[derive(Clone, Debug, Default)]
pub struct Table {
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings.
    pub fn new<'a>(headings: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            headings: headings.into_iter().map(str::to_owned).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds one row.
    pub fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        let cells = cells.into_iter().map(|text| cell(&text.into()));
        self.rows.push(cells.collect());
    }

    /// The table as lines. Cells of one column start at the same place; nothing follows the last cell of a row.
    pub fn lines(&self) -> String {
        let mut text = String::new();
        for row in std::iter::once(&self.headings).chain(&self.rows) {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                line.push_str(&isolated(cell));
                if column + 1 < row.len() {
                    let gap = self.width(column) - width(cell) + 2;
                    line.extend(std::iter::repeat_n(' ', gap));
                }
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    fn width(&self, column: usize) -> usize {
        std::iter::once(&self.headings)
            .chain(&self.rows)
            .filter_map(|row| row.get(column))
            .map(|cell| width(cell))
            .max()
            .unwrap_or(0)
    }
}

/// How many places a text takes on a terminal: marks that sit on a letter and direction controls take none.
fn width(text: &str) -> usize {
    text.chars().filter(|&c| !is_mark(c)).count()
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{200b}'..='\u{200f}' | '\u{2066}'..='\u{2069}')
}

/// A text set apart from its surroundings if it holds letters that run from right to left; any other text unchanged, so that
/// what someone copies holds no hidden sign.
///
/// Source: Unicode Standard Annex 9, FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE.
pub fn isolated(text: &str) -> String {
    if text.chars().any(runs_from_the_right) {
        format!("\u{2068}{text}\u{2069}")
    } else {
        text.to_owned()
    }
}

fn runs_from_the_right(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_start_at_the_same_place() {
        let mut table = Table::new(["act", "state"]);
        table.row(["x", "queued"]);
        table.row(["longer", "received"]);
        assert_eq!(
            table.lines(),
            "act     state\nx       queued\nlonger  received\n"
        );
    }

    #[test]
    fn a_cell_with_line_feeds_stays_one_row() {
        let mut table = Table::new(["act", "because"]);
        table.row(["x", "no\nBE-2026-000417/3  received\r"]);
        assert_eq!(table.lines().lines().count(), 2);
        assert!(!table.lines().contains('\r'));
    }

    #[test]
    fn arabic_is_isolated_and_counted_by_its_letters() {
        assert_eq!(isolated("رفض"), "\u{2068}رفض\u{2069}");
        assert_eq!(isolated("BE-2026-000417/1"), "BE-2026-000417/1");
        assert_eq!(width("رَفَضَ"), 3);
    }
}
