//! The plan of an article: what each of its segments needs. Pure.

use std::borrow::Cow;
use std::ops::Range;

use crate::engine::{Engine, EngineInfo};
use crate::glossary::Matcher;
use crate::memory::Key;
use crate::model::{BlockKind, MatchKind, Request, SegmentedArticle, TermHint, TermMatch, Translation};
use crate::text::{Joint, clauses, join};

/// What a segment needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// No translation; this stands in the English.
    Keep(String),
    /// The answers of the engine to these requests, joined. More than one only for a segment that is longer than
    /// what the engine takes.
    Ask(Vec<Part>),
}

/// A segment, or what fits into a request of one that is too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What is sent.
    pub request: Request,
    /// Where the answer is in the memory.
    pub key: Key,
    /// Whether white space stands before it in its segment.
    pub spaced: bool,
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
    pub fn new(article: &SegmentedArticle, matcher: &Matcher, engine: &dyn Engine, furniture: bool) -> Self {
        let segments = article.segments().iter().map(|segment| {
            let source = article.source(segment);
            if let Some(kept) = kept(article.kind(segment), source, furniture) {
                return PlannedSegment { terms: Vec::new(), need: Need::Keep(kept) };
            }
            let terms = matcher.find(source);
            let need = Need::Ask(parts(source, &terms, engine));
            PlannedSegment { terms, need }
        });
        Self { segments: segments.collect() }
    }

    /// How many segments need no translation.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.segments.iter().filter(|segment| matches!(segment.need, Need::Keep(_))).count()
    }
}

/// The requests for a text: one, or one for each part if it is longer than the engine takes. `terms` are those
/// in the text; none is cut in two.
pub(super) fn parts(text: &str, terms: &[TermMatch], engine: &dyn Engine) -> Vec<Part> {
    let info = engine.info();
    let fits = |part: &str| {
        let request = Request { text: normalise(part).into_owned(), terms: Vec::new() };
        let characters = request.text.len() <= info.limits.characters
            || request.text.chars().count() <= info.limits.characters;
        characters && engine.encoded_len(&request) <= info.limits.bytes
    };
    let mut whole: Vec<Range<usize>> = terms.iter().map(|term| term.span.clone()).collect();
    whole.sort_by_key(|span| span.start);
    let mut spans = clauses(text, &whole, &fits);
    if spans.is_empty() {
        spans.push(0..text.len());
    }
    spans.into_iter().map(|span| part(text, span, terms, info)).collect()
}

/// The request for a stretch of a text.
fn part(text: &str, span: Range<usize>, terms: &[TermMatch], engine: &EngineInfo) -> Part {
    let source = &text[span.clone()];
    let inside = terms.iter().filter(|term| span.start <= term.span.start && term.span.end <= span.end);
    let hints = if engine.abilities.terms { hints(text, inside) } else { Vec::new() };
    let request = Request { text: normalise(source).into_owned(), terms: hints };
    let key = Key::new(&engine.fingerprint, &request);
    Part { key, request, spaced: text[..span.start].ends_with(char::is_whitespace) }
}

/// Puts the answers to the parts of a text together, in their order. Where one is empty all are: a part that is
/// missing must not go unnoticed.
pub(super) fn joined(parts: &[Part], answers: Vec<Translation>) -> Translation {
    if let [_] = parts
        && let Some(answer) = answers.first()
    {
        return answer.clone();
    }
    if answers.iter().any(|answer| answer.text.trim().is_empty()) {
        return Translation::plain("");
    }
    let joints: Vec<Joint<'_>> = parts
        .iter()
        .zip(&answers)
        .map(|(part, answer)| Joint {
            source: &part.request.text,
            target: answer.text.trim(),
            spaced: part.spaced,
        })
        .collect();
    let (text, _) = join(&joints);
    let billed = answers.iter().map(|answer| answer.billed).sum();
    let cuts = answers.into_iter().flat_map(|answer| answer.cuts).collect();
    Translation { text, alignment: None, billed, cuts }
}

/// The terms as an engine is told them: each pair once, in order of appearance.
fn hints<'a>(source: &str, terms: impl Iterator<Item = &'a TermMatch>) -> Vec<TermHint> {
    let mut hints: Vec<TermHint> = Vec::new();
    for term in terms.filter(|term| term.kind != MatchKind::Part) {
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
