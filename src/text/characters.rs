//! Classes of characters, each in one place: what drives a terminal, what cannot be seen, what joins words, what ends lines.

use std::borrow::Cow;

/// Whether a character can drive a terminal or show text in another order than it stands in: control characters,
/// the marks, embeddings, overrides and isolates of bidirectional text.
#[must_use]
pub fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}')
}

/// Whether a character takes no room on paper and is not a letter's mark: zero-width spaces and joiners, soft hyphens, byte
/// order marks, interlinear and tag characters. What looks right would not be found by a search.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200d}'
            | '\u{2060}'..='\u{2065}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Whether a character may stand inside a word without being seen, so that words with and without it are the same word: a
/// soft hyphen, a zero-width space or joiner, a byte order mark. Of [`is_invisible`] only these: the others stand in no
/// word that anybody wrote, and are taken out of answers instead of being read over.
#[must_use]
pub fn is_invisible_in_word(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// A text without the characters that only say where a line may be broken or a file begins. They stand inside German words; no engine and
/// no reader is to see them. Joiners stay: emoji and other scripts need them.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    const BREAKS: [char; 4] = ['\u{ad}', '\u{200b}', '\u{2060}', '\u{feff}'];
    if text.contains(BREAKS) { Cow::Owned(text.replace(BREAKS, "")) } else { Cow::Borrowed(text) }
}

/// Hyphens of every kind, and what is typed for one between words: the en dash and the minus sign.
#[must_use]
pub fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2013}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}')
}

/// Apostrophes and what is typed for one: single quotation marks, accents, the prime.
#[must_use]
pub fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{b4}' | '`' | '\u{2032}')
}

/// Whether a character ends a line or moves to another column, for any program: the separators U+001C to U+001F are not
/// white space to Unicode, but some programs break lines there.
#[must_use]
pub fn breaks_line(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\u{1c}'..='\u{1f}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// A text up to the quotation marks, brackets and blanks that close it, behind which its end mark may stand.
#[must_use]
pub fn inside(text: &str) -> &str {
    let closes = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '"' | '„'
                    | '“'
                    | '”'
                    | '‟'
                    | '«'
                    | '»'
                    | '\''
                    | '‘'
                    | '’'
                    | '‚'
                    | '‹'
                    | '›'
                    | ')'
                    | ']'
            )
    };
    text.trim_end_matches(closes)
}

/// The last character of it.
#[must_use]
pub fn last_inside(text: &str) -> Option<char> {
    inside(text).chars().next_back()
}

/// White space as Python has it: the separators U+001C to U+001F count, though not to Unicode, since some programs break lines
/// there.
#[must_use]
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || breaks_line(c)
}

/// What stands between white space.
pub fn chunks(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|chunk| !chunk.is_empty())
}

/// A text in one line: every run of white space is one space, none at the ends.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in chunks(text) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_any_script_is_text() {
        for c in "Ä é ł Ж ع ह 漢 e\u{301} 🚀\u{fe0f} – „“ 13\u{a0}000 5\u{202f}%".chars() {
            assert!(!is_control(c) && !is_invisible(c) && !breaks_line(c), "{c:?}");
        }
    }

    #[test]
    fn what_only_breaks_lines_is_not_visible() {
        assert_eq!(
            visible("Unter\u{ad}nehmen Tempe\u{200b}ratur\u{2060} \u{feff}a"),
            "Unternehmen Temperatur a"
        );
        assert!(matches!(visible("Familie 👨\u{200d}👩"), Cow::Borrowed("Familie 👨\u{200d}👩")));
    }

    #[test]
    fn every_kind_of_white_space_becomes_one_space() {
        assert_eq!(one_line(" a\r\n\tb\u{a0}\u{2028}c\u{85}d\u{1e}e\u{c}\u{b} "), "a b c d e");
        assert_eq!(one_line(" \n "), "");
    }
}
