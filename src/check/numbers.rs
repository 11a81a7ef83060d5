//! Whether the numbers of the German stand in the English.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::overlap::overlap;
use super::pair::Pair;
use crate::model::{Finding, FindingKind, MatchKind, Severity};
use crate::tables::{self, Kinds, TableError, must};

/// The tables of `data/numbers.tsv`.
struct NumberTables {
    de_scale: HashMap<&'static str, f64>,
    en_scale: HashMap<&'static str, f64>,
    english: HashMap<&'static str, f64>,
    parts: Vec<&'static str>,
}

static TABLES: LazyLock<NumberTables> = LazyLock::new(|| must(NumberTables::read()));

impl NumberTables {
    fn read() -> Result<Self, TableError> {
        let kinds = ["de_scale", "en_scale", "en", "de_part"];
        let table = Kinds::read("check/data/numbers.tsv", include_str!("data/numbers.tsv"), &kinds)?;
        let numbers = |kind| {
            let mut numbers = HashMap::new();
            for row in table.rows::<2>(kind)? {
                let value = row.parsed::<f64>(1)?;
                numbers.extend(tables::values(row.cells[0]).map(|word| (word, value)));
            }
            Ok(numbers)
        };
        Ok(Self {
            de_scale: numbers("de_scale")?,
            en_scale: numbers("en_scale")?,
            english: numbers("en")?,
            parts: table.values("de_part")?,
        })
    }
}

/// Which marks group and which divide.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NumeralStyle {
    German,
    English,
}

/// A number in figures.
#[derive(Debug, Clone, PartialEq)]
struct Number {
    span: Range<usize>,
    /// The values it may have: as written, and times the word behind it.
    values: Vec<f64>,
}

/// Reports numbers in figures that the English lacks or that only the English has.
///
/// Digit grouping, decimal marks, `Mio.` and *million*, ordinals, small numbers in words and the two ways to
/// tell the time are taken for what they mean. Numbers in a term are those of its rendering. Where the German has numbers in words, added figures are not
/// reported.
pub(super) fn findings(pair: Pair<'_>) -> Vec<Finding> {
    let german = read(pair.source.text(), NumeralStyle::German);
    let english = read(pair.target.text(), NumeralStyle::English);
    let mut known: Vec<f64> = english.iter().flat_map(|n| n.values.clone()).collect();
    known.extend(in_words(pair.target.text()));
    // What stands for a term the glossary says: `HIV-1` may be the English of a word without a number.
    let terms =
        || pair.outcomes.iter().map(|outcome| &outcome.term).filter(|term| term.kind != MatchKind::Part);
    let in_term = |n: &Number| terms().any(|term| overlap(&term.span, &n.span));
    let missing = german.iter().filter(|n| !in_term(n) && !n.values.iter().any(|v| has(&known, *v)));
    let missing: Vec<&Number> = missing.collect();
    let of_terms = terms().flat_map(|term| &term.entry.targets).flat_map(|t| read(t, NumeralStyle::English));
    let known: Vec<f64> = german.iter().cloned().chain(of_terms).flat_map(|n| n.values).collect();
    let added = english.iter().filter(|n| !n.values.iter().any(|v| has(&known, *v)));
    let added: Vec<&Number> = added.filter(|_| !has_number_words(pair.source.text())).collect();
    let mut found: Vec<Finding> = match (&missing[..], &added[..]) {
        // One for one, it stands in its place.
        ([missing], [added]) => vec![finding(pair, Some(missing), Some(added))],
        ([], added) => added.iter().map(|added| finding(pair, None, Some(added))).collect(),
        (missing, _) => missing.iter().map(|missing| finding(pair, Some(missing), None)).collect(),
    };
    found.extend(german_marks(pair, &german, &english));
    found
}

/// Numbers that have the German marks in the English: `7,5 percent`. Their value is understood, but the marks are wrong.
fn german_marks(pair: Pair<'_>, german: &[Number], english: &[Number]) -> Vec<Finding> {
    let text = |pair: &str, number: &Number| pair[number.span.clone()].to_owned();
    let left = english.iter().filter_map(|number| {
        let numeral = text(pair.target.text(), number);
        let own = german.iter().find(|own| text(pair.source.text(), own) == numeral)?;
        let (at, mark) = numeral.char_indices().rfind(|(_, c)| !c.is_ascii_digit())?;
        // Three digits behind a comma are a group in English, and of another value.
        let is_decimal = mark == ',' && numeral.len() - at - mark.len_utf8() != 3;
        is_decimal.then(|| {
            let should = with_english_marks(&numeral);
            Finding {
                source: Some(own.span.clone()),
                target: Some(number.span.clone()),
                ..mistake(format!("“{numeral}” should read “{should}”"), Some(should))
            }
        })
    });
    left.collect()
}

/// What there is to say of a number that is missing, one that was added, or one that stands for another.
fn finding(pair: Pair<'_>, missing: Option<&Number>, added: Option<&Number>) -> Finding {
    let source = missing.map(|number| number.span.clone());
    let target = added.map(|number| number.span.clone());
    let german = source.clone().map(|span| &pair.source.text()[span]);
    let english = target.clone().map(|span| &pair.target.text()[span]);
    let message = match (german, english) {
        (Some(german), Some(english)) => format!("“{german}” reads “{english}” in the English"),
        (Some(german), None) => format!("“{german}” is missing in the English"),
        (None, english) => format!("“{}” is not in the German", english.unwrap_or_default()),
    };
    Finding { source, target, ..mistake(message, german.and_then(in_english)) }
}

/// A finding without its places.
fn mistake(message: String, should: Option<String>) -> Finding {
    Finding { should, ..Finding::new(FindingKind::Numbers, Severity::Warning, message) }
}

/// A German numeral as it is written in English; `None` if its marks may be those of a time or a date.
fn in_english(numeral: &str) -> Option<String> {
    let has_points = numeral.contains('.');
    let is_plain = numeral.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
    (is_plain && (!has_points || is_grouped(numeral))).then(|| with_english_marks(numeral))
}

/// A numeral with points for its commas, and the other way round.
fn with_english_marks(numeral: &str) -> String {
    let turned = numeral.chars().map(|c| match c {
        ',' => '.',
        '.' => ',',
        c => c,
    });
    turned.collect()
}

fn has(known: &[f64], value: f64) -> bool {
    known.iter().any(|k| (k - value).abs() <= value.abs() * 1e-9)
}

fn has_number_words(text: &str) -> bool {
    let text = text.to_lowercase();
    TABLES.parts.iter().any(|part| text.contains(part))
}

/// The values of English number words; of `forty-five` also the sum.
fn in_words(text: &str) -> Vec<f64> {
    let text = text.to_lowercase();
    let mut out = Vec::new();
    let mut tens = 0.0;
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        let value = TABLES.english.get(word).copied();
        out.extend(value);
        match value {
            Some(value) if tens > 0.0 && value < 10.0 => out.push(tens + value),
            _ => {}
        }
        tens = value.filter(|v| (20.0..100.0).contains(v)).unwrap_or(0.0);
    }
    out
}

/// Reads all the numbers in figures.
fn read(text: &str, style: NumeralStyle) -> Vec<Number> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(|c: char| c.is_ascii_digit()).map(|i| at + i) {
        let end = numeral_end(text, start, style);
        let numeral = &text[start..end];
        // Days, months and versions (3.10.2024) are numbers of their own.
        if numeral.split(['.', ',']).count() > 2 && !is_grouped(numeral) {
            date(text, start..end, style, &mut out);
        } else if let Some(value) = value(numeral, style) {
            out.push(Number { span: start..end, values: values(text, end, value, style) });
        }
        at = end;
    }
    out
}

/// The end of the run of digits and marks between digits that starts at `start`.
fn numeral_end(text: &str, start: usize, style: NumeralStyle) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = start + digits(start);
    // Blanks and apostrophes group only by threes, after no more than three digits.
    let grouping = end - start <= 3 && bytes[start] != b'0';
    while let Some(mark) = text[end..].chars().next() {
        let next = end + mark.len_utf8();
        let run = digits(next);
        let group = grouping && run == 3;
        let joins = match mark {
            '.' | ',' => run > 0,
            '\u{a0}' | '\u{202f}' | '\u{2009}' | '’' | '\'' => group,
            ' ' => group && style == NumeralStyle::German,
            _ => false,
        };
        if !joins {
            break;
        }
        end = next + run;
    }
    end
}

/// Whether all the groups behind the first have three digits.
fn is_grouped(numeral: &str) -> bool {
    let whole = numeral.rsplit_once([',', '.']).map_or(numeral, |(whole, _)| whole);
    let mut groups = whole.split(|c: char| !c.is_ascii_digit());
    let last_mark = numeral.rfind([',', '.']).and_then(|i| numeral[i..].chars().next());
    let first_mark = numeral.find([',', '.']).and_then(|i| numeral[i..].chars().next());
    let tail = numeral.rsplit([',', '.']).next().unwrap_or_default();
    groups.next().is_some_and(|g| g.len() <= 3)
        && groups.all(|g| g.len() == 3)
        && (tail.len() == 3 || first_mark != last_mark)
}

/// The value of one numeral.
fn value(numeral: &str, style: NumeralStyle) -> Option<f64> {
    let marks: Vec<(usize, char)> = numeral.char_indices().filter(|(_, c)| !c.is_ascii_digit()).collect();
    let decimal = if style == NumeralStyle::German { ',' } else { '.' };
    let divides = marks.last().filter(|(at, c)| {
        let behind = numeral.len() - at - c.len_utf8();
        // A foreign mark divides when what is behind it can be no group: 1.5 in German.
        *c == decimal || (matches!(c, '.' | ',') && behind != 3)
    });
    let cut = divides.map_or(numeral.len(), |(at, _)| *at);
    let mut plain: String = numeral[..cut].chars().filter(char::is_ascii_digit).collect();
    if cut < numeral.len() {
        plain.push('.');
        plain.extend(numeral[cut..].chars().filter(char::is_ascii_digit));
    }
    plain.parse().ok()
}

/// The pieces of a date: the day and the year; a month may be a word in the other language.
fn date(text: &str, span: Range<usize>, style: NumeralStyle, out: &mut Vec<Number>) {
    let mut start = span.start;
    let pieces = text[span.clone()].split(['.', ',']).collect::<Vec<_>>();
    for (at, piece) in pieces.iter().enumerate() {
        let number = start..start + piece.len();
        start = number.end + 1;
        let month = at == 1 && pieces.len() == 3 && style == NumeralStyle::German;
        if let Some(value) = piece.parse().ok().filter(|_| !month) {
            out.push(Number { span: number, values: vec![value] });
        }
    }
}

/// What a number may mean: as written, times a scale word, as an hour of the afternoon.
fn values(text: &str, end: usize, value: f64, style: NumeralStyle) -> Vec<f64> {
    let rest = text[end..].trim_start_matches([' ', '\u{a0}', '\u{202f}', '-']);
    let word: String = rest.chars().take_while(|c| c.is_alphabetic()).collect::<String>().to_lowercase();
    let scales = if style == NumeralStyle::German { &TABLES.de_scale } else { &TABLES.en_scale };
    let mut out = vec![value];
    out.extend(scales.get(word.as_str()).map(|scale| value * scale));
    let clock = word == "uhr" || rest.starts_with(':') || (rest.starts_with('.') && rest.contains("Uhr"));
    if style == NumeralStyle::German && clock {
        if (13.0..25.0).contains(&value) {
            out.push(value - 12.0);
        }
        if value == 0.0 || value.fract() > 0.0 {
            let minutes = (value.fract() * 100.0).round();
            out.extend([12.0, value.trunc(), value.trunc() - 12.0, minutes]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::{looked, term};
    use super::*;

    #[test]
    fn the_tables_can_be_read() {
        assert_eq!(NumberTables::read().err(), None);
    }

    fn findings(source: &str, target: &str) -> Vec<String> {
        looked(source, target, &[], super::findings).into_iter().map(|f| f.message).collect()
    }

    #[test]
    fn the_two_ways_of_writing_a_number_are_one() {
        for (source, target) in [
            ("Es kostet 1,3 Millionen.", "It costs 1.3 million."),
            ("Es kostet 2,5 Mrd. Euro.", "It costs €2.5bn."),
            ("Rund 13 000 kamen, 20.000 gingen.", "Some 13,000 came, 20,000 left."),
            ("Am 8. Oktober um 15 Uhr", "On October 8th at 3 p.m."),
            ("Am 3.10.1990", "On 3 October 1990"),
            ("Genau 1.234,56 Meter", "Exactly 1,234.56 metres"),
            ("Nur 4 von 45 kamen.", "Only four of forty-five came."),
            ("Der 2. Platz", "Second place"),
            ("Zum Preis von 1 Million", "At the price of 1,000,000"),
            ("zweihundert Leute", "200 people"),
        ] {
            assert_eq!(findings(source, target), Vec::<String>::new(), "{source}");
        }
    }

    #[test]
    fn numbers_in_terms_are_those_of_their_renderings() {
        let terms = [term("Erreger", "HIV-1", 4), term("die 50-Kilo-Säcke", "all sacks", 23)];
        let source = "Der Erreger kam durch die 50-Kilo-Säcke, 7 Stück.";
        let found = |target| looked(source, target, &terms, super::findings).len();
        assert_eq!(found("HIV-1 came by all sacks, 7 of them."), 0);
        assert_eq!(found("HIV-2 came by all sacks, 7 of them."), 1);
        assert_eq!(found("HIV-1 came by all sacks."), 1);
    }

    #[test]
    fn german_marks_left_in_the_english_are_reported() {
        for (source, target, expected) in [
            ("Um 3,4 Grad wärmer", "Warmer by 3,4 degrees", &["“3,4” should read “3.4”"][..]),
            ("Genau 1.234,56 Meter", "Exactly 1.234,56 metres", &["“1.234,56” should read “1,234.56”"]),
            ("Um 3,4 Grad wärmer", "Warmer by 3.4 degrees", &[]),
            ("Genau 12.000 Meter", "Exactly 12,000 metres", &[]),
        ] {
            assert_eq!(findings(source, target), expected, "{source} {target}");
        }
    }

    #[test]
    fn lost_and_added_numbers_are_reported() {
        for (source, target, expected) in [
            ("Es waren 27 Schafe.", "There were 72 sheep.", &["“27” reads “72” in the English"][..]),
            ("Es sind 1,3 Liter.", "It is 13 litres.", &["“1,3” reads “13” in the English"]),
            ("Es waren 27 Schafe.", "There were sheep.", &["“27” is missing in the English"]),
            ("Es waren Schafe.", "There were 72 sheep.", &["“72” is not in the German"]),
            // Which of the two it stands for cannot be known.
            (
                "Es waren 27 Schafe und 14 Ziegen.",
                "There were 72 sheep and goats.",
                &["“27” is missing in the English", "“14” is missing in the English"],
            ),
        ] {
            assert_eq!(findings(source, target), expected, "{source} {target}");
        }
    }
}
