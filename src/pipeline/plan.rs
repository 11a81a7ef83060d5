//! The plan of an article: what each of its segments needs. Pure.

use std::borrow::Cow;

use crate::engine::Engine;
use crate::glossary::Matcher;
use crate::model::{BlockKind, SegmentedArticle, TermMatch};
use crate::text::characters::visible;
use crate::text::unwrapped;

use super::Options;
use super::event::Extent;
use super::makers::Makers;
use super::requests::{self, RequestPart};

/// What a segment needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Need {
    /// No translation; this stands in the English.
    Keep(String),
    /// The answers to these requests, joined. More than one only for a segment that is longer than what the
    /// engine takes.
    Ask(Vec<RequestPart>),
}

/// A segment with its terms and its need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlannedSegment {
    /// The glossary terms in it.
    pub(super) terms: Vec<TermMatch>,
    /// What it needs.
    pub(super) need: Need,
    /// Whether it is sent although the memory has an answer.
    pub(super) afresh: bool,
}

/// What each segment of an article needs, in source order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// One for each segment.
    pub(super) segments: Vec<PlannedSegment>,
}

impl Plan {
    /// Plans an article.
    pub(super) fn new(
        article: &SegmentedArticle,
        matcher: &Matcher,
        engine: &dyn Engine,
        makers: &Makers,
        options: &Options,
    ) -> Self {
        let id = &article.article().id;
        let segments = article.segments().iter().zip(1..).map(|(segment, number)| {
            let source = article.source(segment);
            if let Some(kept) = kept(article.kind(segment), source, options.furniture) {
                return PlannedSegment { terms: Vec::new(), need: Need::Keep(kept), afresh: false };
            }
            let terms = matcher.find_in(id.as_str(), source);
            let styles = if engine.info().abilities.markup { article.styles(segment) } else { Vec::new() };
            let need = Need::Ask(requests::of_source(source, &terms, &styles, engine, makers));
            PlannedSegment { terms, need, afresh: options.again.includes(id, number, source) }
        });
        Self { segments: segments.collect() }
    }

    /// The segments of its article that need no translation.
    pub(super) fn kept(&self, article: &SegmentedArticle) -> Extent {
        let segments = article.segments().iter().zip(&self.segments);
        let kept = segments.filter(|(_, planned)| matches!(planned.need, Need::Keep(_)));
        kept.map(|(segment, _)| Extent::of(article.source(segment))).sum()
    }
}

/// What stands in the English of a segment that needs no translation; `None` if it needs one.
fn kept(kind: BlockKind, source: &str, furniture: bool) -> Option<String> {
    match kind {
        BlockKind::Furniture if !furniture => Some(String::new()),
        BlockKind::Metadata => Some(String::new()),
        BlockKind::Verbatim => Some(source.to_owned()),
        _ if source.chars().any(char::is_alphabetic) => None,
        _ => Some(source.to_owned()),
    }
}

/// The text on one line, as it was before it was wrapped: white space that holds a line break, a tab or several blanks becomes one blank.
///
/// A single no-break space stays what it is: it belongs to numbers and abbreviations. Soft hyphens and zero-width spaces go.
#[must_use]
pub fn normalise(text: &str) -> Cow<'_, str> {
    let odd = |c: char| c.is_ascii_whitespace() && c != ' ' || c.is_control();
    // A soft hyphen at the end of a line is what divides its word.
    let text = match unwrapped(text) {
        Cow::Borrowed(text) => visible(text),
        Cow::Owned(text) => Cow::Owned(visible(&text).into_owned()),
    };
    if !text.contains(odd) && !text.contains("  ") {
        return text;
    }
    let mut line = String::with_capacity(text.len());
    for word in text.split(|c: char| c == ' ' || odd(c)).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    Cow::Owned(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_put_on_one_line() {
        assert_eq!(normalise("ein\r\n  Satz\tmit\u{0}Rest"), "ein Satz mit Rest");
        assert_eq!(normalise("Das Minis-\n> terium tagt"), "Das Ministerium tagt");
        assert_eq!(normalise("Unter\u{ad}nehmen"), "Unternehmen");
        assert_eq!(normalise("Unter\u{ad}\nnehmen"), "Unternehmen");
        assert_eq!(normalise("13\u{a0}000 Mann"), "13\u{a0}000 Mann");
        assert!(matches!(normalise("ein Satz"), Cow::Borrowed(_)));
    }

    #[test]
    fn only_text_with_letters_is_sent() {
        assert_eq!(kept(BlockKind::Paragraph, "* * *", false), Some("* * *".into()));
        assert_eq!(kept(BlockKind::Paragraph, "Er kam.", false), None);
        assert_eq!(kept(BlockKind::Furniture, "Teilen", false), Some(String::new()));
        assert_eq!(kept(BlockKind::Furniture, "Teilen", true), None);
    }
}
