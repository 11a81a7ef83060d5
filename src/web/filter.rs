//! Which articles and segments are shown.

use std::ops::Range;

use serde::Deserialize;

use super::card::{ArticleCard, SegmentCard};
use super::link::encoded;
use crate::model::Severity;

/// What the list of articles is narrowed down to, as the form sends it; an empty value narrows nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct CardFilter {
    /// Words of the German or the English.
    pub(super) q: String,
    /// A kind of finding, `error`, `warning` or `any`.
    pub(super) finding: String,
    pub(super) rung: String,
    pub(super) engine: String,
    pub(super) status: String,
    /// `unread`, or nothing.
    pub(super) read: String,
}

impl CardFilter {
    /// Whether everything is shown.
    pub(super) fn is_empty(&self) -> bool {
        self.fields().iter().all(|(_, value)| value.is_empty())
    }

    fn fields(&self) -> [(&'static str, &str); 6] {
        [
            ("q", self.q.trim()),
            ("finding", &self.finding),
            ("rung", &self.rung),
            ("engine", &self.engine),
            ("status", &self.status),
            ("read", &self.read),
        ]
    }

    /// The filter as it stands in an address.
    pub(super) fn query(&self) -> String {
        let set = self.fields().into_iter().filter(|(_, value)| !value.is_empty());
        set.map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&")
    }

    /// The numbers of the segments of an article that are shown, counted from 1.
    pub(super) fn hits<'a>(&'a self, card: &'a ArticleCard) -> impl Iterator<Item = usize> + 'a {
        let words = SearchedWords::new(&self.q);
        let numbered = (1..).zip(&card.segments);
        numbered.filter(move |(_, segment)| self.takes(segment, &words)).map(|(number, _)| number)
    }

    fn takes(&self, segment: &SegmentCard, words: &SearchedWords) -> bool {
        let has_finding = |is: &dyn Fn(&(crate::model::FindingKind, Severity)) -> bool| {
            self.finding.is_empty() || segment.findings.iter().any(is)
        };
        let is_maker = |wanted: &str, of: Option<&str>| wanted.is_empty() || of == Some(wanted);
        let maker = segment.maker.as_ref();
        has_finding(&|(kind, severity)| match self.finding.as_str() {
            "any" => true,
            "error" => *severity == Severity::Error,
            "warning" => *severity == Severity::Warning,
            name => kind.as_str() == name,
        }) && is_maker(&self.rung, maker.map(|maker| maker.rung))
            && is_maker(&self.engine, maker.and_then(|maker| maker.engine.as_deref()))
            && is_maker(&self.status, Some(segment.status.as_str()))
            && (self.read.is_empty() || !segment.is_read)
            && words.stand_in(segment)
    }
}

/// A text that is looked for in both languages, whatever its capitals.
pub(super) struct SearchedWords(Vec<char>);

impl SearchedWords {
    pub(super) fn new(text: &str) -> Self {
        Self(
            text.split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .chars()
                .flat_map(char::to_lowercase)
                .collect(),
        )
    }

    fn stand_in(&self, segment: &SegmentCard) -> bool {
        self.0.is_empty() || self.find(&segment.source).is_some() || self.find(&segment.target).is_some()
    }

    /// Where the text first stands in another one, in bytes.
    pub(super) fn find(&self, text: &str) -> Option<Range<usize>> {
        let first = *self.0.first()?;
        text.char_indices().filter(|(_, c)| c.to_lowercase().next() == Some(first)).find_map(|(at, _)| {
            let end = self.end(&text[at..])?;
            Some(at..at + end)
        })
    }

    /// The end of the text if another one begins with it.
    fn end(&self, text: &str) -> Option<usize> {
        let mut wanted = self.0.iter().peekable();
        for (at, c) in text.char_indices() {
            if wanted.peek().is_none() {
                return Some(at);
            }
            for small in c.to_lowercase() {
                // The last character may be one of several that a capital becomes.
                match wanted.next() {
                    Some(other) if *other == small => {}
                    Some(_) => return None,
                    None => break,
                }
            }
        }
        wanted.peek().is_none().then_some(text.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_found_whatever_their_capitals() {
        let find =
            |words: &str, text: &str| SearchedWords::new(words).find(text).map(|at| text[at].to_owned());
        assert_eq!(find("HAFEN", "Der Hafen ist leer.").as_deref(), Some("Hafen"));
        assert_eq!(find("  der   hafen ", "Der Hafen").as_deref(), Some("Der Hafen"));
        assert_eq!(find("straße", "STRASSE Straße").as_deref(), Some("Straße"));
        assert_eq!(find("i̇", "İstanbul").as_deref(), Some("İ"));
        assert_eq!(find("aab", "aaab").as_deref(), Some("aab"));
        assert_eq!(find("x", "Hafen"), None);
        assert_eq!(find("", "Hafen"), None);
    }

    proptest! {
        #[test]
        fn what_stands_in_a_text_is_found_in_it(before in "[a-cäÄßİ]{0,6}", word in "[a-cäÄßİ]{1,4}", after in ".{0,4}") {
            let text = format!("{before}{word}{after}");
            let at = SearchedWords::new(&word).find(&text);
            let at = at.expect("found");
            prop_assert!(text.is_char_boundary(at.start) && text.is_char_boundary(at.end));
            prop_assert!(at.start <= before.len());
        }
    }
}
