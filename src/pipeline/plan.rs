//! The plan of an article: what each of its segments needs. Pure.

use std::borrow::Cow;
use std::ops::Range;

use crate::engine::EngineInfo;
use crate::glossary::Matcher;
use crate::memory::Key;
use crate::model::{BlockKind, MatchKind, Request, SegmentedArticle, TermHint, TermMatch};

/// What a segment needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// No translation; this stands in the English.
    Keep(String),
    /// The answer of the engine to this request.
    Ask(Request, Key),
}

/// A segment with its terms and its need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedSegment {
    /// The glossary terms in it.
    pub terms: Vec<TermMatch>,
    /// What it needs.
    pub need: Need,
}

/// What each segment of an article needs, in source order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// One for each segment.
    pub segments: Vec<PlannedSegment>,
}

impl Plan {
    /// Plans an article. `furniture` says whether furniture is sent.
    #[must_use]
    pub fn new(article: &SegmentedArticle, matcher: &Matcher, engine: &EngineInfo, furniture: bool) -> Self {
        let segments = article.segments().iter().map(|segment| {
            let source = article.source(segment);
            if let Some(kept) = kept(article.kind(segment), source, furniture) {
                return PlannedSegment { terms: Vec::new(), need: Need::Keep(kept) };
            }
            let terms = matcher.find(source);
            let styles = if engine.abilities.markup { article.styles(segment) } else { Vec::new() };
            let (request, key) = ask(source, source, &terms, styles, engine);
            PlannedSegment { terms, need: Need::Ask(request, key) }
        });
        Self { segments: segments.collect() }
    }

    /// How many segments need no translation.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.segments.iter().filter(|segment| matches!(segment.need, Need::Keep(_))).count()
    }
}

/// The request for a text and its key. `source` is what the terms were found in; `text` is what is sent,
/// which differs where terms were put into it. `styles` are those of the text.
pub(super) fn ask(
    source: &str,
    text: &str,
    terms: &[TermMatch],
    styles: Vec<Range<usize>>,
    engine: &EngineInfo,
) -> (Request, Key) {
    let hints = if engine.abilities.terms { hints(source, terms) } else { Vec::new() };
    let line = normalise(text).into_owned();
    // Where white space went, the places are those of another text.
    let styles = if line.len() == text.len() { styles } else { Vec::new() };
    let request = Request { text: line, terms: hints, styles };
    let key = Key::new(&engine.fingerprint, &request);
    (request, key)
}

/// The terms as an engine is told them: each pair once, in order of appearance.
fn hints(source: &str, terms: &[TermMatch]) -> Vec<TermHint> {
    let mut hints: Vec<TermHint> = Vec::new();
    for term in terms.iter().filter(|term| term.kind != MatchKind::Part) {
        let surface = normalise(term.surface(source)).into_owned();
        let hint = TermHint { source: surface, target: term.entry.target().to_owned() };
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    hints
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

/// The text on one line: white space that holds a line break, a tab or several blanks becomes one blank.
///
/// A single no-break space stays what it is: it belongs to numbers and abbreviations.
#[must_use]
pub fn normalise(text: &str) -> Cow<'_, str> {
    let odd = |c: char| c.is_ascii_whitespace() && c != ' ' || c.is_control();
    if !text.contains(odd) && !text.contains("  ") {
        return Cow::Borrowed(text);
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
