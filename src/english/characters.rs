//! Characters that are no text: they drive a terminal, turn text around, or cannot be seen.

/// Whether a character can drive a terminal or show text in another order than it stands in: control characters,
/// the marks, embeddings, overrides and isolates of bidirectional text.
#[must_use]
pub fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}')
}

/// Whether a character takes no room on paper and is no letter's mark: zero-width spaces and joiners, soft hyphens, byte
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

/// Whether a character ends a line or moves to another column, for any program: the separators U+001C to U+001F are no
/// white space to Unicode, but some programs break lines there.
#[must_use]
pub fn breaks_line(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\u{1c}'..='\u{1f}' | '\u{85}' | '\u{2028}' | '\u{2029}')
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
}
