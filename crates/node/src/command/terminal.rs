//! What somebody wrote, as a terminal may show it: signs that move the cursor, turn the line round or begin a new one are named, not obeyed.
//!
//! A partner chooses the words of its acts, problems and objections. Each is printed in its place and in no other: a cell stays on its
//! line, and the further lines of a text stand deeper than any label of ours.

/// How deep the further lines of a text stand.
const DEEPER: &str = "\n      ";

/// A text on one line: a line feed too is named.
pub fn cell(text: &str) -> String {
    text.chars().fold(String::new(), |mut shown, sign| {
        match sign {
            '\t' => shown.push(' '),
            '\n' => shown.push_str("\\n"),
            sign => show(sign, &mut shown),
        }
        shown
    })
}

/// A text on as many lines as it has; all but the first stand deeper than any line of ours.
pub fn block(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(cell).collect();
    lines.join(DEEPER)
}

/// A whole answer as it is printed: its lines and its isolates are ours, everything else is named as in a cell.
pub fn whole(text: &str) -> String {
    text.chars().fold(String::new(), |mut shown, sign| {
        match sign {
            '\n' | '\t' | '\u{2068}' | '\u{2069}' => shown.push(sign),
            sign => show(sign, &mut shown),
        }
        shown
    })
}

fn show(sign: char, shown: &mut String) {
    if obeyed(sign) {
        shown.extend(sign.escape_unicode());
    } else {
        shown.push(sign);
    }
}

/// Whether a terminal does something with a sign instead of showing it: controls, bidirectional controls (Unicode Standard Annex 9),
/// separators of lines and of paragraphs.
fn obeyed(sign: char) -> bool {
    sign.is_control()
        || matches!(sign, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sign_of_a_text_moves_the_cursor_or_turns_the_line_round() {
        let words = "\u{1b}[2K\rBE/1  received\u{202e}\u{9b}31m\u{2028}x\u{2067}";
        let shown = cell(words);
        assert_eq!(
            shown,
            "\\u{1b}[2K\\u{d}BE/1  received\\u{202e}\\u{9b}31m\\u{2028}x\\u{2067}"
        );
        assert!(!shown.chars().any(obeyed));
        assert!(
            !whole(words)
                .chars()
                .any(|sign| obeyed(sign) && sign != '\u{2067}')
        );
        assert_eq!(cell(&shown), shown);
    }

    #[test]
    fn a_text_with_line_feeds_forges_no_line_of_ours() {
        assert_eq!(cell("yes\noutcome: filed"), "yes\\noutcome: filed");
        assert_eq!(
            block("yes\n  outcome: filed\n\nend"),
            "yes\n        outcome: filed\n      \n      end"
        );
    }

    #[test]
    fn what_is_ours_stays_and_so_do_letters_of_every_script() {
        let ours = "état\t\u{2068}رفض\u{2069}\n";
        assert_eq!(whole(ours), ours);
        assert_eq!(cell("État de رفض – 6 °C"), "État de رفض – 6 °C");
    }
}
