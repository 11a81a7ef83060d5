//! Numbers in words.

use super::figures::is_same;
use super::table::{NumberWords, TABLE};

/// The value of a German word that is a number as a whole: `zweihundertfünfzig`.
pub(super) fn german(word: &str) -> Option<f64> {
    match number_at(word) {
        Some((value, length)) if length == word.len() => Some(value),
        _ => None,
    }
}

/// The number with which some letters begin, and the bytes it takes: `dreißig` of `dreißigjährig`.
fn number_at(word: &str) -> Option<(f64, usize)> {
    let (mut total, mut at) = (0.0, 0);
    if let Some((thousands, length)) = below_thousand(word)
        && let Some(rest) = word[length..].strip_prefix("tausend")
    {
        total = thousands * 1000.0;
        at = word.len() - rest.len();
    }
    let joint = if at > 0 && word[at..].starts_with("und") { 3 } else { 0 };
    match below_thousand(&word[at + joint..]) {
        Some((value, length)) => Some((total + value, at + joint + length)),
        None => (at > 0).then_some((total, at)),
    }
}

/// The same for numbers with hundreds at most.
fn below_thousand(word: &str) -> Option<(f64, usize)> {
    let (value, length) = below_hundred(word)?;
    let Some(rest) = word[length..].strip_prefix("hundert") else { return Some((value, length)) };
    let at = word.len() - rest.len();
    let joint = if rest.starts_with("und") { 3 } else { 0 };
    Some(match below_hundred(&rest[joint..]) {
        Some((more, length)) => (value * 100.0 + more, at + joint + length),
        None => (value * 100.0, at),
    })
}

/// The same for numbers below a hundred: `fünfundzwanzig`, `elf`, and the `ein` of `einhundert`.
fn below_hundred(word: &str) -> Option<(f64, usize)> {
    let (value, length) = longest(&TABLE.german, word)?;
    if value < 10.0
        && let Some(rest) = word[length..].strip_prefix("und")
        && let Some((tens, more)) = longest(&TABLE.german, rest)
        && (20.0..100.0).contains(&tens)
    {
        return Some((value + tens, length + 3 + more));
    }
    let rest = &word[length..];
    // `ein` is an article, unless it begins a number.
    let is_article =
        is_same(value, 1.0) && word != "eins" && !rest.starts_with("hundert") && !rest.starts_with("tausend");
    (!is_article).then_some((value, length))
}

/// The longest cardinal with which some letters begin, and its bytes; `ein` stands in compounds only.
fn longest(words: &NumberWords, text: &str) -> Option<(f64, usize)> {
    let found = words.longest(text).map(|(word, value)| (value, word.len()));
    found.or_else(|| text.starts_with("ein").then_some((1.0, 3)))
}

/// The place that a German word counts: `dritten` of `der dritten Reihe`.
pub(super) fn german_ordinal(word: &str) -> Option<f64> {
    let stem = word.trim_end_matches(['r', 's', 'n', 'm']);
    if let Some(value) = TABLE.german.ordinals.get(stem) {
        return Some(*value);
    }
    let number = stem.strip_suffix("ste").or_else(|| stem.strip_suffix("te"))?;
    german(number).filter(|value| *value > 12.0)
}

/// All values that a German word may speak of, whatever it is: `zwei` and `drei` of `Zweidrittelmehrheit`.
pub(super) fn loose(word: &str) -> Vec<f64> {
    /// Shorter ones stand in many a word by chance: `acht` in `gemacht`.
    const TELLING: usize = 5;
    let mut out = Vec::new();
    let mut skip = 0;
    for (at, _) in word.char_indices() {
        let rest = &word[at..];
        let parts = TABLE.german.loose_at(rest).filter(|(part, _)| at == 0 || part.len() >= TELLING);
        out.extend(parts.flat_map(|(_, values)| values));
        if at < skip {
            continue;
        }
        if let Some((value, length)) = number_at(rest).filter(|(_, length)| at == 0 || *length >= TELLING) {
            out.push(value);
            skip = at + length;
        }
    }
    out
}

/// How much a German word counts: seven a week.
pub(super) fn times(word: &str) -> impl Iterator<Item = f64> {
    TABLE.times.iter().filter(|(part, _)| word.starts_with(part)).map(|(_, value)| *value)
}
