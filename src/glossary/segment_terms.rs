//! Terms of single segments and articles: a glossary in lines of JSON.
//!
//! Each line is an object with `terms`, a list of `{"source": …, "target": …}` (a target may be a list, the house form
//! first), and what they apply to: `"source"`, a German text, whose segments get the terms, or `"article"`, the name of
//! an article. `de` and `en` may stand for `source` and `target`, as in the data of the WMT terminology tasks; other
//! fields are left alone.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::bounds;
use super::error::{GlossaryError, LineError, LineFault};
use crate::model::{Entry, Origin};

/// Entries that apply to some segments only.
#[derive(Debug, Clone, Default)]
pub(super) struct Local {
    scopes: Vec<Scope>,
    /// The scopes of an article.
    articles: HashMap<String, Vec<u32>>,
    /// The scopes with a text in which these words follow one another.
    words: HashMap<[Box<str>; WORDS], Vec<u32>>,
}

/// Words by which the texts that hold a segment are found.
const WORDS: usize = 2;

/// The entries of one line.
#[derive(Debug, Clone)]
struct Scope {
    /// The text on one line; empty for an article.
    text: String,
    entries: Vec<Arc<Entry>>,
}

/// A line and its entries.
type Line = (Row, Vec<Arc<Entry>>);

#[derive(Deserialize)]
struct Row {
    #[serde(alias = "de")]
    source: Option<String>,
    article: Option<String>,
    terms: Vec<Term>,
}

#[derive(Deserialize)]
struct Term {
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
    fn into_list(self) -> Vec<String> {
        let all = match self {
            Self::One(target) => target.split('|').map(str::to_owned).collect(),
            Self::Several(targets) => targets,
        };
        all.into_iter().map(|target| target.trim().to_owned()).filter(|target| !target.is_empty()).collect()
    }
}

impl Local {
    /// Whether a path is that of such a glossary.
    pub(super) fn is_one(path: &Path) -> bool {
        path.extension().is_some_and(|e| e.eq_ignore_ascii_case("jsonl"))
    }

    /// Reads a file; lines that are broken are left out and told.
    pub(super) fn read(path: &Path) -> Result<(Self, Vec<GlossaryError>), GlossaryError> {
        let bytes = bounds::read(path, bounds::BYTES)
            .map_err(|source| GlossaryError::Read { path: path.to_owned(), source })?;
        let (mut local, mut faults) = (Self::default(), Vec::new());
        for (line, raw) in bytes.split(|b| *b == b'\n').enumerate() {
            let origin = Origin { path: path.to_owned(), line: line + 1 };
            match parse(raw, &origin) {
                Ok(Some((row, entries))) => local.add(row, entries),
                Ok(None) => {}
                Err(fault) => {
                    let text = String::from_utf8_lossy(raw).trim_end_matches('\r').to_owned();
                    let span = 0..text.len();
                    faults.push(Box::new(LineError { origin, text, span, fault }).into());
                }
            }
        }
        Ok((local, faults))
    }

    fn add(&mut self, row: Row, entries: Vec<Arc<Entry>>) {
        let id = u32::try_from(self.scopes.len()).unwrap_or(u32::MAX);
        let text = row.source.map(|text| one_line(&text)).unwrap_or_default();
        if let Some(article) = row.article {
            self.articles.entry(article).or_default().push(id);
        } else {
            let words: Vec<&str> = text.split(' ').collect();
            for pair in words.windows(WORDS) {
                let scopes = self.words.entry([pair[0].into(), pair[1].into()]).or_default();
                if scopes.last() != Some(&id) {
                    scopes.push(id);
                }
            }
            if words.len() < WORDS {
                self.words.entry([text.as_str().into(), "".into()]).or_default().push(id);
            }
        }
        self.scopes.push(Scope { text, entries });
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.scopes.is_empty()
    }

    /// The entries that apply to a segment of an article.
    pub(super) fn entries(&self, article: &str, segment: &str) -> Vec<Arc<Entry>> {
        let segment = one_line(segment);
        let mut words = segment.split(' ');
        let key = [words.next().unwrap_or_default().into(), words.next().unwrap_or_default().into()];
        let texts = self.words.get(&key).map_or(&[][..], Vec::as_slice);
        let holds = |id: &&u32| self.scopes[**id as usize].text.contains(&*segment);
        let articles = self.articles.get(article).map_or(&[][..], Vec::as_slice);
        let mut out: Vec<Arc<Entry>> = Vec::new();
        for scope in texts.iter().filter(holds).chain(articles) {
            for entry in &self.scopes[*scope as usize].entries {
                let known = out.iter().any(|e| e.source == entry.source && e.targets == entry.targets);
                if !known {
                    out.push(Arc::clone(entry));
                }
            }
        }
        out
    }
}

/// A line with its entries; `None` if it is blank.
fn parse(raw: &[u8], origin: &Origin) -> Result<Option<Line>, LineFault> {
    let line =
        std::str::from_utf8(raw).map_err(|_| LineFault::NotUtf8)?.trim_start_matches('\u{feff}').trim();
    if line.is_empty() {
        return Ok(None);
    }
    let mut row: Row = serde_json::from_str(line).map_err(|error| LineFault::Json(error.to_string()))?;
    if row.source.is_none() && row.article.is_none() {
        return Err(LineFault::Empty("source"));
    }
    let entry = |term: Term| {
        let (source, targets) = (term.source.trim().to_owned(), term.target.into_list());
        if source.is_empty() {
            return Err(LineFault::Empty("source"));
        }
        if targets.is_empty() {
            return Err(LineFault::Empty("target"));
        }
        Ok(Arc::new(Entry { targets, ..Entry::new(&source, "", origin.clone()) }))
    };
    let entries = std::mem::take(&mut row.terms).into_iter().map(entry).collect::<Result<_, _>>()?;
    Ok(Some((row, entries)))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> (Local, Vec<GlossaryError>) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("terms.jsonl");
        std::fs::write(&path, text).expect("written");
        Local::read(&path).expect("readable")
    }

    fn targets(local: &Local, article: &str, segment: &str) -> Vec<String> {
        local.entries(article, segment).iter().map(|e| e.targets.join("|")).collect()
    }

    #[test]
    fn terms_apply_to_the_segments_of_their_text_and_article() {
        let (local, faults) = local(concat!(
            "{\"source\": \"Der Fluss steigt. Die  Brücke hält.\", \"terms\": [{\"source\": \"Fluss\", \"target\": \"stream\"}]}\n",
            "\n",
            "{\"de\": \"Ja.\", \"terms\": [{\"de\": \"Ja\", \"en\": [\"yes\", \"aye\"]}], \"id\": 7}\n",
            "{\"article\": \"a.txt\", \"terms\": [{\"source\": \"Fluss\", \"target\": \"river|stream\"}]}\n",
        ));
        assert_eq!(faults.len(), 0);
        assert_eq!(targets(&local, "b.txt", "Der Fluss steigt."), ["stream"]);
        assert_eq!(targets(&local, "b.txt", "Die Brücke\nhält."), ["stream"]);
        assert_eq!(targets(&local, "a.txt", "Der Fluss steigt."), ["stream", "river|stream"]);
        assert_eq!(targets(&local, "b.txt", "Ja."), ["yes|aye"]);
        assert!(targets(&local, "b.txt", "Der Fluss fällt.").is_empty());
    }

    #[test]
    fn broken_lines_are_named() {
        let (_, faults) = local("{\"article\": \"a\", \"terms\": []}\n{\"terms\": []}\nnonsense\n");
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert!(
            told[0].contains(":2: the source is empty") && told[1].contains(":3: no line of JSON"),
            "{told:?}"
        );
    }
}
