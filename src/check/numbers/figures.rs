//! Numbers in figures: which characters belong to one, and its value.

use std::ops::Range;

/// Whether two values are one, but for what a computer makes of them.
pub(super) fn is_same(a: f64, b: f64) -> bool {
    (a - b).abs() <= a.abs().max(b.abs()) * 1e-9
}

/// Which marks group and which divide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumeralStyle {
    German,
    English,
}

impl NumeralStyle {
    fn decimal(self) -> char {
        if self == Self::German { ',' } else { '.' }
    }
}

/// The run of digits, and of marks between digits, that starts at a place.
pub(super) fn numeral(text: &str, start: usize, style: NumeralStyle) -> Range<usize> {
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
    start..end
}

/// Whether several marks divide a numeral that are no groups: a date or a version (3.10.2024).
pub(super) fn is_divided(numeral: &str) -> bool {
    numeral.split(['.', ',']).count() > 2 && !is_grouped(numeral)
}

/// Whether all the groups behind the first have three digits.
pub(super) fn is_grouped(numeral: &str) -> bool {
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
pub(super) fn value(numeral: &str, style: NumeralStyle) -> Option<f64> {
    let marks: Vec<(usize, char)> = numeral.char_indices().filter(|(_, c)| !c.is_ascii_digit()).collect();
    let divides = marks.last().filter(|(at, c)| {
        let behind = numeral.len() - at - c.len_utf8();
        // A foreign mark divides when what is behind it can be no group: 1.5 in German.
        *c == style.decimal() || (matches!(c, '.' | ',') && behind != 3)
    });
    let cut = divides.map_or(numeral.len(), |(at, _)| *at);
    let mut plain: String = numeral[..cut].chars().filter(char::is_ascii_digit).collect();
    if cut < numeral.len() {
        plain.push('.');
        plain.extend(numeral[cut..].chars().filter(char::is_ascii_digit));
    }
    plain.parse().ok()
}

/// A German numeral as it is written in English; `None` if its marks may be those of a time or a date.
pub(super) fn in_english(numeral: &str) -> Option<String> {
    let has_points = numeral.contains('.');
    let is_plain = numeral.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
    (is_plain && (!has_points || is_grouped(numeral))).then(|| with_english_marks(numeral))
}

/// A numeral with points for its commas, and the other way round.
pub(super) fn with_english_marks(numeral: &str) -> String {
    let turned = numeral.chars().map(|c| match c {
        ',' => '.',
        '.' => ',',
        c => c,
    });
    turned.collect()
}

/// The value of a Roman number in capitals.
pub(super) fn roman(text: &str) -> Option<f64> {
    let digit = |c| {
        Some(match c {
            'I' => 1,
            'V' => 5,
            'X' => 10,
            'L' => 50,
            'C' => 100,
            'D' => 500,
            'M' => 1000,
            _ => return None,
        })
    };
    let digits: Vec<u16> = text.chars().map(digit).collect::<Option<_>>()?;
    let mut total = 0;
    for (at, value) in digits.iter().enumerate() {
        let is_taken_off = digits.get(at + 1).is_some_and(|next| next > value);
        total += if is_taken_off { -i32::from(*value) } else { i32::from(*value) };
    }
    (spelt(total) == text).then(|| f64::from(total))
}

/// A number in Roman letters, as it is written.
fn spelt(mut number: i32) -> String {
    const STEPS: [(i32, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let mut out = String::new();
    for (value, letters) in STEPS {
        while number >= value {
            out.push_str(letters);
            number -= value;
        }
    }
    out
}
