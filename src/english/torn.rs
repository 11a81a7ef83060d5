//! Numbers whose groups of digits were torn apart: `20, 000` for `20,000`.

use std::collections::HashSet;
use std::ops::Range;

/// Digits of a group behind the first one.
const GROUP: usize = 3;

/// Whether what stands between two groups of digits tears their number apart.
pub(crate) fn is_torn(gap: &str) -> bool {
    matches!(gap, ", " | " ," | " , " | " " | ". " | ",\u{a0}")
}

/// Whether a German number has this between its groups.
fn is_german(gap: &str) -> bool {
    matches!(gap, "." | " " | "\u{a0}" | "\u{202f}" | "\u{2009}" | "’" | "'")
}

/// The places of an English text at which a number is torn apart, each with the number as it should be. Only what the
/// German has as one number is one: `in 2020, 300 people` is none.
pub(super) fn torn(german: &str, english: &str) -> Vec<(Range<usize>, String)> {
    let all = digits(english);
    let mut found = Vec::new();
    if all.len() < 2 {
        return found;
    }
    let (known, whole) = (numbers(german, is_german), numbers(english, |gap| gap == ","));
    let mut rest = &all[..];
    while !rest.is_empty() {
        let groups = groups(english, rest, |gap| gap == "," || is_torn(gap));
        // The longest number that the German has: `Article 5, 120, 000 cases`.
        let number = (2..=groups.len()).rev().map(|length| &groups[..length]).find(|groups| {
            let mut gaps = groups.windows(2).map(|two| &english[two[0].end..two[1].start]);
            let joined = join(english, groups, "");
            gaps.any(is_torn) && known.contains(&joined) && !whole.contains(&joined)
        });
        if let Some(groups) = number {
            let span = groups[0].start..groups[groups.len() - 1].end;
            found.push((span, join(english, groups, ",")));
        }
        rest = &rest[number.map_or(1, <[_]>::len)..];
    }
    found
}

/// The digits that may be a number together, from the first ones on.
fn groups<'a>(text: &str, digits: &'a [Range<usize>], may_part: impl Fn(&str) -> bool) -> &'a [Range<usize>] {
    let Some(first) = digits.first() else { return digits };
    let before = text[..first.start].chars().next_back();
    if first.len() > GROUP || before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | ',')) {
        return &digits[..1];
    }
    let follows = |two: &&[Range<usize>]| two[1].len() == GROUP && may_part(&text[two[0].end..two[1].start]);
    &digits[..=digits.windows(2).take_while(follows).count()]
}

/// The digits of each number, and of the numbers that it begins with.
fn numbers(text: &str, may_part: impl Fn(&str) -> bool) -> HashSet<String> {
    let all = digits(text);
    let from = |at: usize| groups(text, &all[at..], &may_part);
    (0..all.len())
        .flat_map(|at| (1..=from(at).len()).map(move |length| &from(at)[..length]))
        .map(|groups| join(text, groups, ""))
        .collect()
}

fn digits(text: &str) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()) {
        match all.last_mut() {
            Some(last) if last.end == at => last.end = at + 1,
            _ => all.push(at..at + 1),
        }
    }
    all
}

fn join(text: &str, groups: &[Range<usize>], mark: &str) -> String {
    groups.iter().map(|group| &text[group.clone()]).collect::<Vec<_>>().join(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(german: &str, english: &str) -> String {
        let mut text = english.to_owned();
        for (span, number) in torn(german, english).into_iter().rev() {
            text.replace_range(span, &number);
        }
        text
    }

    #[test]
    fn numbers_are_put_together_where_the_german_has_them() {
        for (german, english, expected) in [
            ("Rund 20.000 kamen.", "Some 20, 000 came.", "Some 20,000 came."),
            ("Rund 20 000 kamen.", "Some 20 ,000 came.", "Some 20,000 came."),
            ("Genau 1.200.000 Euro.", "Exactly 1, 200, 000 euros.", "Exactly 1,200,000 euros."),
            ("Genau 1200000 Euro.", "Exactly 1,200, 000 euros.", "Exactly 1,200,000 euros."),
            ("Artikel 5, 120.000 Fälle.", "Article 5, 120, 000 cases.", "Article 5, 120,000 cases."),
            ("Von 7.000 auf 8.000.", "From 7, 000 to 8. 000.", "From 7,000 to 8,000."),
        ] {
            assert_eq!(mended(german, english), expected);
        }
    }

    #[test]
    fn other_numbers_side_by_side_stay() {
        for (german, english) in [
            ("Im Jahr 2020 kamen 300.", "In 2020, 300 came."),
            ("Die Seiten 20, 100 und 200.", "Pages 20, 100 and 200."),
            ("Nur 1,200 Liter.", "Only 1, 200 litres."),
            ("Rund 20.000 kamen.", "Some 20,000 came; on page 20, 000 stands."),
            ("Version 3.20.000", "Version 3.20, 000"),
        ] {
            assert_eq!(mended(german, english), english);
        }
    }
}
