//! Whether a segment of several sentences lost one, or got one more.

use super::pair::Pair;
use crate::model::{Finding, FindingKind, Severity};

/// Reports sentences that were lost or added.
///
/// Translators join sentences and divide them, so their number alone says nothing: the English must be shorter or longer
/// by about a sentence, too.
pub(super) fn findings(pair: Pair<'_>) -> Vec<Finding> {
    /// Shorter texts vary in length more than by a sentence.
    const SHORTEST: usize = 40;
    let (german, english) = (pair.source.text(), pair.target.text());
    let (sent, came) = (german.chars().count(), english.chars().count());
    if sent.max(came) < SHORTEST || came == 0 {
        return Vec::new();
    }
    let (asked, got) = (sentences(german), sentences(english));
    let message = if got < asked && came * 100 < sent * 78 {
        format!("{asked} sentences in the German, {got} in the English, which is much shorter")
    } else if got > asked && came * 100 > sent * 120 {
        format!("{got} sentences in the English, {asked} in the German, which is much shorter")
    } else {
        return Vec::new();
    };
    vec![Finding::new(FindingKind::Sentences, Severity::Warning, message)]
}

/// Marks that end a sentence with another one behind, and one for the last.
fn sentences(text: &str) -> usize {
    let mut count = 1;
    let mut word = 0;
    let mut is_ended = false;
    let mut letter = ' ';
    for c in text.chars() {
        match c {
            '.' | '!' | '?' | '…' if word > 2 || !letter.is_alphabetic() && !letter.is_ascii_digit() => {
                is_ended = true;
            }
            c if c.is_whitespace() => word = 0,
            '"' | '“' | '”' | '„' | '«' | '»' | '’' | '‘' | '\'' | ')' | '(' => {}
            c => {
                // A capital behind a blank begins the next sentence.
                count += usize::from(is_ended && word == 0 && c.is_uppercase());
                is_ended = false;
                word += usize::from(c.is_alphabetic());
            }
        }
        letter = c;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::super::testing::looked;
    use super::*;

    fn says(source: &str, target: &str) -> bool {
        !looked(source, target, &[], findings).is_empty()
    }

    #[test]
    fn a_sentence_that_was_lost_or_added_is_reported() {
        let german = "Der Hafen ist seit Montag leer. Niemand weiß, wann die Schiffe wiederkommen.";
        let english = "The port has been empty since Monday. Nobody knows when the ships will be back.";
        assert!(!says(german, english));
        assert!(!says(
            german,
            "The port has been empty since Monday, and nobody knows when the ships will be back."
        ));
        assert!(says(german, "The port has been empty since Monday."));
        assert!(says("Der Hafen ist seit Montag leer, und keiner kommt.", english));
    }

    #[test]
    fn abbreviations_end_no_sentence() {
        assert_eq!(sentences("Dr. Meyer kam am 3. Mai. Er blieb."), 2);
        assert_eq!(sentences("“Come!” He came."), 2);
        assert_eq!(sentences("Es kam z. B. Meyer"), 1);
    }
}
