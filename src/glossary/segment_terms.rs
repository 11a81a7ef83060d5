//! Terms of single segments and articles: a glossary in lines of JSON.
//!
//! Each line is an object with `terms`, a list of `{"source": …, "target": …}` (a target may be a list, the house form
//! first), and what they apply to: `"source"`, a German text, whose segments get the terms, or `"article"`, the name of
//! an article. `de` and `en` may stand for `source` and `target`, as in the data of the WMT terminology tasks; other
//! fields are left alone.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::bounds;
use super::error::{GlossaryError, LineError, LineFault};
use super::line_ends::{line_end, without_mark};
use crate::model::{Entry, Origin};
use crate::text::one_line;

/// Entries that apply to some segments only, line by line.
#[derive(Debug, Clone, Default)]
pub(super) struct SegmentTerms {
    lines: Vec<TermsLine>,
    /// The lines for an article.
    articles: HashMap<String, Vec<LineId>>,
    /// The lines with a text in which these words follow one another.
    words: HashMap<[Box<str>; WORDS], Vec<LineId>>,
}

/// How many words the texts that hold a segment are looked up by. One word such as `Die` would lead to a great many texts;
/// two lead to few, and most segments have as many.
const WORDS: usize = 2;

/// A line of the file: its index in [`SegmentTerms::lines`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LineId(u32);

#[derive(Debug, Clone)]
struct TermsLine {
    /// The text on one line; `None` if the line is for an article.
    text: Option<String>,
    entries: Vec<Arc<Entry>>,
}

impl SegmentTerms {
    /// Writes all of it down; see [`Glossary::write_all`](super::Glossary::write_all).
    pub(super) fn write_all(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        // The words follow from the texts of the lines.
        let Self { lines, articles, words: _ } = self;
        write!(out, "{lines:?}{:?}", articles.iter().collect::<BTreeMap<_, _>>())
    }
}

/// A line as it stands in the file.
#[derive(Deserialize)]
struct RawTermsLine {
    #[serde(alias = "de")]
    source: Option<String>,
    article: Option<String>,
    terms: Vec<RawTerm>,
}

#[derive(Deserialize)]
struct RawTerm {
    #[serde(alias = "de")]
    source: String,
    #[serde(alias = "en")]
    target: Targets,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Targets {
    One(String),
    Several(Vec<String>),
}

impl Targets {
    fn list(&self) -> Vec<String> {
        let trimmed = |all: &mut dyn Iterator<Item = &str>| -> Vec<String> {
            all.map(str::trim).filter(|target| !target.is_empty()).map(str::to_owned).collect()
        };
        match self {
            Self::One(target) => trimmed(&mut target.split('|')),
            Self::Several(targets) => trimmed(&mut targets.iter().map(String::as_str)),
        }
    }
}

impl SegmentTerms {
    /// Whether a path is that of such a glossary.
    pub(super) fn is_file(path: &Path) -> bool {
        path.extension().is_some_and(|e| e.eq_ignore_ascii_case("jsonl"))
    }

    /// Reads a file; lines that are broken are left out and reported.
    pub(super) fn read(path: &Path) -> Result<(Self, Vec<GlossaryError>), GlossaryError> {
        let bytes = bounds::read(path, bounds::BYTES)
            .map_err(|source| GlossaryError::Read { path: path.to_owned(), source })?;
        let bytes = without_mark(&bytes);
        let (mut terms, mut faults) = (Self::default(), Vec::new());
        let end = line_end(bytes);
        for (number, raw) in (1..).zip(bytes.split(|byte| *byte == end)) {
            let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
            let origin = Origin { path: path.to_owned(), line: number };
            match parse(raw) {
                Ok(Some(line)) => match line.entries(&origin) {
                    Ok(entries) => terms.add(line, entries),
                    Err(fault) => faults.push(LineError::of_line(origin, raw, fault).into()),
                },
                Ok(None) => {}
                Err(fault) => faults.push(LineError::of_line(origin, raw, fault).into()),
            }
        }
        Ok((terms, faults))
    }

    fn add(&mut self, line: RawTermsLine, entries: Vec<Arc<Entry>>) {
        let id = LineId(u32::try_from(self.lines.len()).unwrap_or(u32::MAX));
        // A line that names an article is for all of it, whatever text it gives besides.
        let text = line.source.filter(|_| line.article.is_none()).map(|text| one_line(&text));
        if let Some(article) = line.article {
            self.articles.entry(article).or_default().push(id);
        }
        if let Some(text) = &text {
            let words: Vec<&str> = text.split(' ').collect();
            for pair in words.windows(WORDS) {
                let lines = self.words.entry([pair[0].into(), pair[1].into()]).or_default();
                if lines.last() != Some(&id) {
                    lines.push(id);
                }
            }
            if words.len() < WORDS {
                self.words.entry([text.as_str().into(), "".into()]).or_default().push(id);
            }
        }
        self.lines.push(TermsLine { text, entries });
    }

    /// Puts the lines of another file behind those of this one.
    pub(super) fn extend(&mut self, other: Self) {
        let before = u32::try_from(self.lines.len()).unwrap_or(u32::MAX);
        let moved = |ids: Vec<LineId>| ids.into_iter().map(move |id| LineId(id.0.saturating_add(before)));
        for (article, ids) in other.articles {
            self.articles.entry(article).or_default().extend(moved(ids));
        }
        for (words, ids) in other.words {
            self.words.entry(words).or_default().extend(moved(ids));
        }
        self.lines.extend(other.lines);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The lines with terms that apply to a segment of an article: those of its text before those of its article.
    pub(super) fn lines(&self, article: &str, segment: &str) -> Vec<LineId> {
        if self.is_empty() {
            return Vec::new();
        }
        let segment = one_line(segment);
        let mut words = segment.split(' ');
        let key = [words.next().unwrap_or_default().into(), words.next().unwrap_or_default().into()];
        let texts = self.words.get(&key).map_or(&[][..], Vec::as_slice);
        let articles = self.articles.get(article).map_or(&[][..], Vec::as_slice);
        let holds = |id: &&LineId| self.line(**id).text.as_ref().is_some_and(|text| text.contains(&*segment));
        let lines = texts.iter().filter(holds).chain(articles).copied();
        lines.filter(|id| !self.line(*id).entries.is_empty()).collect()
    }

    /// The entries of lines, each once, in their order.
    pub(super) fn entries(&self, lines: &[LineId]) -> Vec<Arc<Entry>> {
        let mut out: Vec<Arc<Entry>> = Vec::new();
        for entry in lines.iter().flat_map(|id| &self.line(*id).entries) {
            if !out.iter().any(|known| known.source == entry.source && known.targets == entry.targets) {
                out.push(Arc::clone(entry));
            }
        }
        out
    }

    fn line(&self, id: LineId) -> &TermsLine {
        &self.lines[id.0 as usize]
    }
}

impl RawTermsLine {
    /// The entries of the line's terms.
    fn entries(&self, origin: &Origin) -> Result<Vec<Arc<Entry>>, LineFault> {
        let entry = |term: &RawTerm| {
            let (source, targets) = (term.source.trim(), term.target.list());
            if source.is_empty() {
                return Err(LineFault::Empty("source"));
            }
            if targets.is_empty() {
                return Err(LineFault::Empty("target"));
            }
            Ok(Arc::new(Entry { targets, ..Entry::new(source, "", origin.clone()) }))
        };
        self.terms.iter().map(entry).collect()
    }
}

/// A line; `None` if it is blank.
fn parse(raw: &[u8]) -> Result<Option<RawTermsLine>, LineFault> {
    let text = std::str::from_utf8(raw).map_err(|_| LineFault::NotUtf8)?.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let line: RawTermsLine = serde_json::from_str(text).map_err(LineFault::Json)?;
    if line.source.is_none() && line.article.is_none() {
        return Err(LineFault::Empty("source"));
    }
    Ok(Some(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (SegmentTerms, Vec<GlossaryError>) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("terms.jsonl");
        std::fs::write(&path, text).expect("written");
        SegmentTerms::read(&path).expect("readable")
    }

    fn targets(terms: &SegmentTerms, article: &str, segment: &str) -> Vec<String> {
        terms.entries(&terms.lines(article, segment)).iter().map(|e| e.targets.join("|")).collect()
    }

    #[test]
    fn terms_apply_to_the_segments_of_their_text_and_article() {
        let (terms, faults) = read(concat!(
            "{\"source\": \"Der Fluss steigt. Die  Brücke hält.\", \"terms\": [{\"source\": \"Fluss\", \"target\": \"stream\"}]}\n",
            "\n",
            "{\"de\": \"Ja.\", \"terms\": [{\"de\": \"Ja\", \"en\": [\"yes\", \"aye\"]}], \"id\": 7}\n",
            "{\"article\": \"a.txt\", \"terms\": [{\"source\": \"Fluss\", \"target\": \"river|stream\"}]}\n",
        ));
        assert_eq!(faults.len(), 0);
        assert_eq!(targets(&terms, "b.txt", "Der Fluss steigt."), ["stream"]);
        assert_eq!(targets(&terms, "b.txt", "Die Brücke\nhält."), ["stream"]);
        assert_eq!(targets(&terms, "a.txt", "Der Fluss steigt."), ["stream", "river|stream"]);
        assert_eq!(targets(&terms, "b.txt", "Ja."), ["yes|aye"]);
        assert!(targets(&terms, "b.txt", "Der Fluss fällt.").is_empty());
    }

    #[test]
    fn broken_lines_are_named() {
        let (_, faults) = read("{\"article\": \"a\", \"terms\": []}\n{\"terms\": []}\nnonsense\n");
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert!(
            shown[0].contains(":2: the source is empty") && shown[1].contains(":3: not a line of JSON"),
            "{shown:?}"
        );
    }
}
