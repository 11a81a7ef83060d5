//! Text from outside, made fit for people at a terminal.

use std::borrow::Cow;

use super::os_error::without_codes;
use crate::text::characters::is_control;

/// Replaces characters that drive a terminal or turn text around, so that no file name, message or translation can, and
/// takes the numbers off errors of the operating system.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    replaced(text, |c| is_control(c) || is_separator(c))
}

/// The same for a text of several lines, which keeps them and its tabs. Lines that end in CR LF end in LF.
#[must_use]
pub fn clean_lines(text: &str) -> Cow<'_, str> {
    let goes = |c| !matches!(c, '\n' | '\t') && (is_control(c) || is_separator(c));
    if text.contains("\r\n") {
        return Cow::Owned(replaced(&text.replace("\r\n", "\n"), goes).into_owned());
    }
    replaced(text, goes)
}

/// The separators of lines and paragraphs, which some terminals follow.
fn is_separator(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// A character in a text of one line.
pub(super) fn shown(c: char) -> char {
    if is_control(c) || is_separator(c) { '\u{fffd}' } else { c }
}

fn replaced(text: &str, goes: impl Fn(char) -> bool) -> Cow<'_, str> {
    let text = without_codes(text);
    if text.contains(&goes) {
        Cow::Owned(text.chars().map(|c| if goes(c) { '\u{fffd}' } else { c }).collect())
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_escape() {
        assert_eq!(clean("a\u{1b}[2Jb\n"), "a\u{fffd}[2Jb\u{fffd}");
        assert!(matches!(clean("Übung – ok"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_turns_text_around_is_shown() {
        assert_eq!(clean("gnp\u{202e}exe.\u{2066}x\u{2028}"), "gnp\u{fffd}exe.\u{fffd}x\u{fffd}");
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(clean_lines("a\tb\n\u{9b}c\r"), "a\tb\n\u{fffd}c\u{fffd}");
        assert_eq!(clean_lines("a\r\nb\r\n"), "a\nb\n");
    }
}
