//! Whether what the German quotes is quoted in the English.

use super::pair::Pair;
use crate::model::{Finding, FindingKind, Severity};

/// Quotation marks of a text.
#[derive(Debug, Default, PartialEq, Eq)]
struct QuoteMarks {
    /// Double ones, angled ones among them.
    double: usize,
    /// Single ones that open: those that close look like apostrophes.
    single: usize,
}

impl QuoteMarks {
    fn of(text: &str) -> Self {
        let mut marks = Self::default();
        let mut before = ' ';
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            let opens = !before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric());
            match c {
                // Of inches and seconds.
                '"' | '″' if before.is_ascii_digit() && text.matches('"').count() == 1 => {}
                '"' | '„' | '“' | '”' | '‟' | '«' | '»' => marks.double += 1,
                '‚' | '‘' | '‹' | '›' => marks.single += usize::from(opens || matches!(c, '‹' | '›')),
                '\'' | '’' if opens => marks.single += 1,
                _ => {}
            }
            before = c;
        }
        marks
    }

    fn is_none(&self) -> bool {
        self.double == 0 && self.single == 0
    }
}

/// Reports quotation marks that were dropped, and quotations that are opened and not closed, or closed and not opened,
/// where the German does not leave them so.
pub(super) fn findings(pair: Pair<'_>) -> Vec<Finding> {
    let (german, english) = (QuoteMarks::of(pair.source.text()), QuoteMarks::of(pair.target.text()));
    let say = |message: &str| vec![Finding::new(FindingKind::Quotes, Severity::Warning, message)];
    let is_open = |marks: &QuoteMarks| marks.double % 2 == 1;
    if german.double > 0 && english.is_none() {
        return say("the quotation marks of the German are missing in the English");
    }
    match (is_open(&german), is_open(&english)) {
        (false, true) => say("a quotation is opened and not closed, or closed and not opened"),
        // A quotation in single marks cannot be told from one with apostrophes.
        (true, false) if english.single == 0 => say("a quotation mark is missing or was added"),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::looked;
    use super::*;

    fn says(source: &str, target: &str) -> bool {
        !looked(source, target, &[], findings).is_empty()
    }

    #[test]
    fn quotations_stay_quotations() {
        let german = "Der „Hafenmeister“ schwieg.";
        for good in [
            "The “harbour master” said nothing.",
            "The 'harbour master' said nothing.",
            "The \"harbour master\" said nothing.",
        ] {
            assert!(!says(german, good), "{good}");
        }
        for bad in [
            "The harbour master said nothing.",
            "The “harbour master said nothing.",
            "The harbour master” said nothing.",
        ] {
            assert!(says(german, bad), "{bad}");
        }
        assert!(says("Der Hafenmeister schwieg.", "The “harbour master said nothing."));
    }

    #[test]
    fn a_quotation_over_several_segments_stays_open() {
        let german = "„Der Hafen ist leer.";
        assert!(!says(german, "“The harbour is empty."));
        assert!(says(german, "“The harbour is empty.”"));
        assert!(says(german, "The harbour is empty."));
        assert!(!says(german, "'The harbour is empty."));
    }
}
