//! The numbers of references: each Party of a memorandum has its own, by turns, so that two nodes never give one reference twice.

use crate::memorandum::Memorandum;

/// The next number of a Party after `last`: the first Party of the memorandum has 1, 3, 5 …, the second 2, 4, 6 ….
///
/// None once `last` is so high that no number follows. Source: decision 65.
pub fn next_number(memorandum: &Memorandum, party: &str, last: u64) -> Option<u64> {
    let (turn, step) = turn(memorandum, party);
    if last < turn {
        return Some(turn);
    }
    let past = (last - turn) / step;
    past.checked_add(1)?.checked_mul(step)?.checked_add(turn)
}

/// Whether a Party may give this reference: the number behind its last `/` is of its turn, or there is no number.
///
/// A number beyond 64 bits is of nobody's turn. Source: decisions 65 and 114.
pub fn is_of(memorandum: &Memorandum, party: &str, reference: &str) -> bool {
    let Some((_, number)) = reference.rsplit_once('/') else {
        return true;
    };
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    let (turn, step) = turn(memorandum, party);
    let number: Option<u64> = number.parse().ok();
    number.is_some_and(|number| number > 0 && number % step == turn % step)
}

/// Whether a text is the number of a case: a Party in capitals, a year of four digits and a number, as `AA-2026-000417`.
///
/// Lists show it to people who may not read the acts of the case, so no word of anybody has room in it. Source: decision 134.
pub fn is_case_number(memorandum: &Memorandum, text: &str) -> bool {
    let mut parts = text.split('-');
    let (party, year, number) = (parts.next(), parts.next(), parts.next());
    let of_a_party = |party: &str| {
        let parties = &memorandum.head.parties;
        parties.iter().any(|known| known.to_uppercase() == party)
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    parts.next().is_none()
        && party.is_some_and(of_a_party)
        && year.is_some_and(|year| year.len() == 4 && digits(year))
        && number.is_some_and(|number| (1..=9).contains(&number.len()) && digits(number))
}

/// The first number of a Party, and from one to the next.
fn turn(memorandum: &Memorandum, party: &str) -> (u64, u64) {
    let parties = &memorandum.head.parties;
    let place = parties.iter().position(|own| own == party).unwrap_or(0);
    (place as u64 + 1, parties.len().max(1) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memorandum::shipped;

    #[test]
    fn the_numbers_of_one_party_are_never_those_of_the_other() {
        let memorandum = shipped();
        let parties = &memorandum.head.parties;
        let (first, second) = (&parties[0], &parties[1]);
        let after = |party: &str, last| next_number(&memorandum, party, last);
        assert_eq!([after(first, 0), after(second, 0)], [Some(1), Some(2)]);
        assert_eq!([after(first, 1), after(second, 2)], [Some(3), Some(4)]);
        assert_eq!([after(first, 6), after(second, 7)], [Some(7), Some(8)]);
        assert_eq!(after(second, u64::MAX), None);
        for number in 1..40 {
            let reference = format!("AA-2026-000417/{number}");
            let (one, other) = (
                is_of(&memorandum, first, &reference),
                is_of(&memorandum, second, &reference),
            );
            assert_eq!((one, other), (number % 2 == 1, number % 2 == 0));
        }
    }

    #[test]
    fn a_number_written_otherwise_stays_in_its_turn_and_one_that_is_none_binds_nobody() {
        let memorandum = shipped();
        let second = &memorandum.head.parties[1];
        let may = |reference: &str| is_of(&memorandum, second, reference);
        assert!(may("AA-2026-000417/02") && may("AA/2026/000417/2"));
        assert!(!may("AA-2026-000417/01") && !may("AA/2026/000417/1"));
        assert!(!may("AA-2026-000417/0") && !may("AA/99999999999999999999998"));
        assert!(may("AA-2026-000417") && may("AA-2026-000417/") && may("AA-2026-000417/+1"));
    }

    #[test]
    fn a_case_number_has_no_room_for_words() {
        let memorandum = shipped();
        let party = memorandum.head.parties[0].to_uppercase();
        let is = |text: &str| is_case_number(&memorandum, text);
        assert!(is(&format!("{party}-2026-000417")) && is(&format!("{party}-2026-7")));
        let never = [
            "12",
            "A. Person, born 1980",
            "../../etc",
            "ZZ-2026-000001",
            "",
        ];
        assert!(never.iter().all(|text| !is(text)));
        let tails = [
            "26-1",
            "2026-",
            "2026-1/1",
            "2026-1-x",
            "2026-1234567890",
            "2026-٣",
        ];
        assert!(tails.iter().all(|tail| !is(&format!("{party}-{tail}"))));
    }
}
