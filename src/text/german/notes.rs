//! Footnote marks behind the end of a sentence: `[3]`, `¹`, and the bare digit that is left of a raised one when text is
//! copied out of a page: `prägen.3 Hingegen`.

use super::lists::LISTS;

/// The most digits of a footnote mark.
const DIGITS: usize = 3;
/// The fewest letters of a word behind whose stop a bare digit is a footnote: shorter ones are abbreviations (`Nr.3`).
const WORD: usize = 3;

/// The bytes of the footnote marks that `rest` begins with, which follows a mark and what closes with it; `before` ends in
/// front of the mark, `quoted` says whether a quote closes in between.
#[inline]
pub(super) fn length(before: &str, rest: &str, quoted: bool) -> usize {
    // Nearly every mark has a blank behind it.
    if !matches!(rest.as_bytes().first(), Some(b'[' | b'0'..=b'9' | 0xc2 | 0xe2)) {
        return 0;
    }
    let mut end = 0;
    while let Some(length) = bracketed(&rest[end..]).or_else(|| raised(&rest[end..])) {
        end += length;
    }
    if end > 0 { end } else { bare(before, rest, quoted).unwrap_or(0) }
}

/// `[3]`, `[3, 4]`, `[3–5]`, `[Anm. 3]`, `[a]`.
fn bracketed(rest: &str) -> Option<usize> {
    let (inner, _) = rest.strip_prefix('[')?.split_once(']')?;
    let number = inner.strip_prefix("Anm. ").or_else(|| inner.strip_prefix("Fn. ")).unwrap_or(inner);
    let letter = inner.len() == 1 && inner.bytes().all(|b| b.is_ascii_lowercase());
    let parts = || number.split([',', '-', '–']).map(str::trim);
    let digits = |part: &str| (1..=DIGITS).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    (letter || (inner.len() < 24 && parts().all(digits))).then_some(inner.len() + 2)
}

/// Digits that are raised as characters of their own.
fn raised(rest: &str) -> Option<usize> {
    let digit = |c: char| matches!(c, '¹' | '²' | '³' | '⁰' | '⁴'..='⁹');
    let behind = rest.trim_start_matches(digit);
    (behind.len() < rest.len()).then_some(rest.len() - behind.len())
}

/// Digits right behind the stop of a word, or of a quotation, before a capital.
fn bare(before: &str, rest: &str, quoted: bool) -> Option<usize> {
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let behind = &rest[digits..];
    let opens = behind.trim_start().starts_with(|c: char| c.is_uppercase() || matches!(c, '„' | '»' | '«'));
    if !(1..=DIGITS).contains(&digits)
        || rest.starts_with('0')
        || !opens
        || !behind.starts_with(char::is_whitespace)
    {
        return None;
    }
    (quoted || ends_in_word(before)).then_some(digits)
}

/// Whether the text ends in a word of small letters that is no abbreviation.
fn ends_in_word(text: &str) -> bool {
    let tail = text.char_indices().rev().take_while(|(_, c)| c.is_alphabetic());
    let Some(start) = tail.take(40).last().map(|(at, _)| at) else { return false };
    let word = &text[start..];
    let small = word.chars().rev().take(WORD).filter(|c| c.is_lowercase()).count() == WORD;
    small && LISTS.abbreviation(word).is_none() && !text[..start].ends_with(['.', '/', '@', '-'])
}
