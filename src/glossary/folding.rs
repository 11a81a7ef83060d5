//! Folding: what makes two spellings of a word the same.
//!
//! Lower case, `ä` = `ae`, `ß` = `ss`, other diacritics dropped, every Unicode normal form alike, soft hyphens
//! and other invisible characters gone. Capitals are compared apart from this.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::text::characters::{is_apostrophe, is_hyphen, is_invisible_in_word};

/// A run of letters and digits in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// Bytes of the text.
    pub(super) span: Range<usize>,
    /// Bytes of [`Folded::bytes`].
    pub(super) folded: Range<usize>,
    /// Whether each character is as long as its folded letters (`ä` and `ae`), so that places are the same in both.
    even: bool,
}

/// A text cut into tokens, and their folded letters.
#[derive(Debug, Default)]
pub(super) struct Folded {
    /// The folded tokens one after another.
    pub(super) bytes: Vec<u8>,
    pub(super) tokens: Vec<Token>,
}

/// How two tokens are joined in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap<'a> {
    /// White space, no paragraph break.
    Space,
    /// A hyphen without white space, or with a line break after it.
    Hyphen,
    Apostrophe,
    /// Anything else, as it stands.
    Other(&'a str),
}

impl<'a> Gap<'a> {
    /// Reads what stands between two tokens.
    pub(super) fn read(between: &'a str) -> Self {
        if between == " " {
            return Self::Space;
        }
        let mut seen = between.chars().filter(|c| !is_invisible_in_word(*c));
        let Some(first) = seen.next() else { return Self::Other(between) };
        if is_hyphen(first) {
            let mut broken = false;
            let blank = seen.all(|c| {
                broken |= matches!(c, '\n' | '\r');
                c.is_whitespace()
            });
            let alone = between.chars().filter(|c| !is_invisible_in_word(*c)).count() == 1;
            return if alone || (blank && broken) { Self::Hyphen } else { Self::Other(between) };
        }
        if is_apostrophe(first) && seen.next().is_none() {
            return Self::Apostrophe;
        }
        let breaks = between.bytes().filter(|b| *b == b'\n').count();
        // The marker of a wrapped quotation stands before each of its lines.
        let marker = |c: char| c == '>' && breaks == 1;
        let white = between.chars().all(|c| c.is_whitespace() || is_invisible_in_word(c) || marker(c));
        if white && breaks < 2 { Self::Space } else { Self::Other(between) }
    }
}

/// Appends the folded letters of one character; a combining diaeresis makes the letter before it an
/// umlaut.
fn fold_char(c: char, out: &mut Vec<u8>) {
    let two: Option<&[u8]> = match c {
        'ä' | 'Ä' | 'æ' | 'Æ' => Some(b"ae"),
        'ö' | 'Ö' | 'ø' | 'Ø' | 'œ' | 'Œ' => Some(b"oe"),
        'ü' | 'Ü' => Some(b"ue"),
        'ß' | 'ẞ' => Some(b"ss"),
        'ł' | 'Ł' => Some(b"l"),
        'đ' | 'Đ' | 'ð' | 'Ð' => Some(b"d"),
        'ı' => Some(b"i"),
        '\u{308}' if matches!(out.last(), Some(b'a' | b'o' | b'u')) => Some(b"e"),
        _ => None,
    };
    if let Some(bytes) = two {
        out.extend_from_slice(bytes);
        return;
    }
    let mut utf8 = [0; 4];
    for d in std::iter::once(c).nfkd().filter(|d| !is_combining_mark(*d)) {
        for l in d.to_lowercase().filter(|l| !is_combining_mark(*l)) {
            out.extend_from_slice(l.encode_utf8(&mut utf8).as_bytes());
        }
    }
}

/// The folded letters of `text`, everything that is not a letter or digit left out.
pub(super) fn fold(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase() as u8);
        } else if belongs(c) && !is_invisible_in_word(c) {
            fold_char(c, &mut out);
        }
    }
    out
}

/// Whether `c` continues a token.
fn belongs(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    c.is_alphanumeric() || is_combining_mark(c) || is_invisible_in_word(c)
}

/// If a word is broken at the hyphen that starts `rest`, the bytes up to its second half.
fn broken_word(rest: &str, joins: impl Fn(&str) -> bool) -> Option<usize> {
    let first = rest.chars().next().filter(|c| matches!(c, '-' | '\u{2010}' | '\u{ad}'))?;
    let after = &rest[first.len_utf8()..];
    let blank = after.len() - after.trim_start().len();
    let white = &after[..blank];
    if white.bytes().filter(|b| *b == b'\n').count() != 1 {
        return None;
    }
    let next = &after[blank..];
    let word_end = next.find(|c: char| !c.is_alphanumeric()).unwrap_or(next.len());
    let lower = next.chars().next().is_some_and(char::is_lowercase);
    (lower && !joins(&next[..word_end])).then_some(first.len_utf8() + blank)
}

impl Folded {
    /// Cuts and folds a text; `conjunction` recognises words such as `und`, before which a hyphen at the end of a
    /// line is an elision and not a broken word.
    pub(super) fn new(text: &str, conjunction: impl Fn(&str) -> bool) -> Self {
        let mut this = Self { bytes: Vec::with_capacity(text.len()), tokens: Vec::new() };
        this.tokens.reserve(text.len() / 6);
        let raw = text.as_bytes();
        let mut at = 0;
        while at < raw.len() {
            match starts(text, at) {
                TokenStart::Token => at = this.token(text, at, &conjunction),
                TokenStart::Skip(bytes) => at += bytes,
            }
        }
        this
    }

    /// Reads the token that starts at `start`; returns its end.
    fn token(&mut self, text: &str, start: usize, conjunction: impl Fn(&str) -> bool) -> usize {
        let from = self.bytes.len();
        let raw = text.as_bytes();
        let mut at = start;
        let mut even = true;
        loop {
            // Most letters are ASCII: a run of them is copied at once.
            let letters = raw[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            self.bytes.extend(raw[at..at + letters].iter().map(u8::to_ascii_lowercase));
            at += letters;
            if raw.get(at).is_none_or(|byte| byte.is_ascii() && *byte != b'-') {
                break;
            }
            let Some(c) = text[at..].chars().next() else { break };
            if let Some(jump) = broken_word(&text[at..], &conjunction) {
                at += jump;
                even = false;
            } else if belongs(c) {
                if !is_invisible_in_word(c) {
                    fold_char(c, &mut self.bytes);
                }
                at += c.len_utf8();
                even &= self.bytes.len() - from == at - start;
            } else {
                break;
            }
        }
        let end = start + text[start..at].trim_end_matches(is_invisible_in_word).len();
        self.tokens.push(Token { span: start..end, folded: from..self.bytes.len(), even });
        at.max(end)
    }

    /// The folded letters of a token.
    #[inline]
    pub(super) fn word(&self, token: usize) -> &[u8] {
        self.tokens.get(token).map_or(&[], |t| &self.bytes[t.folded.clone()])
    }

    /// The byte of the text that comes after the first `letters` folded bytes of a token.
    pub(super) fn unfold(&self, text: &str, token: usize, letters: usize) -> usize {
        let Some(token) = self.tokens.get(token) else { return text.len() };
        if token.even {
            return text.ceil_char_boundary(token.span.start + letters).min(token.span.end);
        }
        token.span.start + unfold(text.get(token.span.clone()).unwrap_or_default(), letters)
    }

    /// What stands between a token and the next.
    pub(super) fn gap<'a>(&self, text: &'a str, token: usize) -> Option<Gap<'a>> {
        let (left, right) = (self.tokens.get(token)?, self.tokens.get(token + 1)?);
        Some(Gap::read(text.get(left.span.end..right.span.start)?))
    }
}

/// The byte offset in `text`, a token, that comes after `letters` folded bytes.
pub(super) fn unfold(text: &str, letters: usize) -> usize {
    let mut out = Vec::new();
    for (at, c) in text.char_indices() {
        if out.len() >= letters && !is_invisible_in_word(c) && !is_combining_mark(c) {
            return at;
        }
        if belongs(c) && !is_invisible_in_word(c) {
            fold_char(c, &mut out);
        }
    }
    text.len()
}

/// What stands at a place outside tokens.
enum TokenStart {
    Token,
    Skip(usize),
}

fn starts(text: &str, at: usize) -> TokenStart {
    let byte = text.as_bytes()[at];
    if byte.is_ascii() {
        return if byte.is_ascii_alphanumeric() { TokenStart::Token } else { TokenStart::Skip(1) };
    }
    match text[at..].chars().next() {
        Some(c) if c.is_alphanumeric() => TokenStart::Token,
        Some(c) => TokenStart::Skip(c.len_utf8()),
        None => TokenStart::Skip(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let folded = Folded::new(text, |w| w == "und");
        (0..folded.tokens.len()).map(|i| String::from_utf8(folded.word(i).to_vec()).unwrap()).collect()
    }

    #[test]
    fn spellings_of_one_word_fold_alike() {
        for spelling in ["Größe", "GRÖSSE", "Gro\u{308}ße", "Groesse", "Grö\u{ad}ße", "groe\u{200b}sse"]
        {
            assert_eq!(fold(spelling), b"groesse", "{spelling}");
        }
        assert_eq!(fold("Uğur Şahin"), b"ugursahin");
    }

    #[test]
    fn words_broken_at_the_line_end_are_one_token() {
        assert_eq!(words("das Minis-\nterium"), ["das", "ministerium"]);
        assert_eq!(words("Lang-\nund Kurzstrecke"), ["lang", "und", "kurzstrecke"]);
        assert_eq!(words("EU-\nGipfel"), ["eu", "gipfel"]);
    }

    #[test]
    fn gaps_are_told_apart() {
        assert_eq!(Gap::read(" \n "), Gap::Space);
        assert_eq!(Gap::read("\u{a0}"), Gap::Space);
        assert_eq!(Gap::read("\n\n"), Gap::Other("\n\n"));
        assert_eq!(Gap::read("\u{2011}"), Gap::Hyphen);
        assert_eq!(Gap::read("-\u{ad}"), Gap::Hyphen);
        assert_eq!(Gap::read("-\n"), Gap::Hyphen);
        assert_eq!(Gap::read("- "), Gap::Other("- "));
        assert_eq!(Gap::read("’"), Gap::Apostrophe);
    }

    #[test]
    fn unfolding_finds_the_byte_behind_the_letters() {
        assert_eq!(unfold("Größe", 4), "Grö".len());
        assert_eq!(unfold("Gro\u{308}ße", 4), "Gro\u{308}".len());
        assert_eq!(unfold("Kim", 3), 3);
    }
}
