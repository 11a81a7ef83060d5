//! Marks, quotes and brackets: what a character can be at the border of two sentences.
//!
//! A quote is judged only by what stands right beside it. `“` closes in German and opens in English, `»`
//! and `«` go both ways, so no partner is ever searched: directly after a mark a quote closes, directly
//! before a word it opens.

/// Ends a sentence, alone or in a run: `.`, `?!`, `…`.
pub(super) fn is_mark(c: char) -> bool {
    matches!(c, '.' | '?' | '!' | '…')
}

/// Any quote, apostrophe or grave accent used as one.
pub(super) fn is_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '`'
            | '´'
            | '„'
            | '“'
            | '”'
            | '‟'
            | '‚'
            | '‘'
            | '’'
            | '‛'
            | '«'
            | '»'
            | '‹'
            | '›'
            | '″'
    )
}

/// A quote that never opens a German or English quotation.
pub(super) fn only_closes(c: char) -> bool {
    matches!(c, '”' | '’')
}

/// A quote that never closes one.
pub(super) fn only_opens(c: char) -> bool {
    matches!(c, '„' | '‚')
}

/// A closing bracket.
pub(super) fn closes_bracket(c: char) -> bool {
    matches!(c, ')' | ']' | '}')
}

/// An opening bracket.
pub(super) fn opens_bracket(c: char) -> bool {
    matches!(c, '(' | '[' | '{')
}

/// A dash, bullet, ellipsis or invisible character that may stand before the first word of a sentence.
pub(super) fn is_lead(c: char) -> bool {
    matches!(
        c,
        '-' | '–' | '—' | '―' | '−' | '…' | '•' | '·' | '*' | '>' | '<' | '¿' | '¡' | '\u{200B}' | '\u{FEFF}'
    )
}

/// A symbol that stands for a word or begins one: `§ 5`, `#MeToo`, `@name`, `€ 20`.
pub(super) fn is_word_sign(c: char) -> bool {
    matches!(c, '§' | '#' | '@' | '€' | '$' | '£' | '+' | '~' | '&')
}

/// A pictograph; one that follows a mark belongs to the sentence before it.
pub(super) fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27BF}' | '\u{1F000}'..='\u{1FAFF}' | '\u{FE0F}' | '\u{200D}')
}
