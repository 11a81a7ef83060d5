//! Which sentences of an article a run changes, old beside new.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::format::OutputFormat;
use super::ledger::{WrittenFile, segment_hashes};
use super::outputs::{OutputRoot, Outputs, Target};
use crate::disk::open_plain;
use crate::model::{ArticleId, HeldTerm, ParallelDocument, Rendition, Unit};
use crate::text::characters::visible;
use crate::text::{one_line, unwrapped};

/// The English that the files of an article have so far.
#[derive(Debug, Clone, Default)]
pub struct EarlierEnglish {
    pub(super) rows: Vec<EarlierSentence>,
}

/// A segment as a file has it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct EarlierSentence {
    de: String,
    en: Option<String>,
    engine: Option<String>,
    by: Option<String>,
    /// Absent where the file does not say.
    terms: Option<Vec<EarlierTerm>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct EarlierTerm {
    source: String,
    target: String,
}

/// A sentence whose English is another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangedSentence {
    pub article: ArticleId,
    /// Counted from 1.
    pub segment: usize,
    pub de: String,
    /// What the files have; `None` if they have no English of it.
    pub old: Option<String>,
    /// What is written; `None` if there is no English of it any more.
    pub new: Option<String>,
    pub why: ChangeCause,
}

/// Why the English of a sentence changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum ChangeCause {
    /// The glossary, or how its terms are made to hold.
    Glossary,
    /// A person corrected it, or took a correction back.
    Correction,
    /// Another engine wrote it, or the same one another time.
    Engine,
    /// The article has another sentence here.
    Source,
}

impl Outputs {
    /// What the files have of the article of a document: by its `jsonl`, which knows most, or its `lines`. `None` if they
    /// have nothing, or nothing else than the document.
    #[must_use]
    pub fn english_before(&self, document: &ParallelDocument) -> Option<EarlierEnglish> {
        let article = &document.source().article().id;
        if let Some(rows) = self.rows_place(article) {
            let known = self.ledger.known(&rows.key).unwrap_or_default();
            let hashes = segment_hashes(document);
            if known.last().is_some_and(|known| known.segments.as_ref() == Some(&hashes)) {
                return None;
            }
            if let Some(lines) = lines(&rows.path) {
                let row = |line: std::io::Result<String>| serde_json::from_str(&line.ok()?).ok();
                // The one line of an article without segments is no row.
                return Some(EarlierEnglish { rows: lines.map_while(row).collect() });
            }
        }
        if !matches!(self.root, OutputRoot::Folder(_)) {
            return None;
        }
        let side = |ending| {
            let target = self.target(article, ending).ok()?;
            Some(lines(&target.path)?.map_while(Result::ok))
        };
        let pairs = side(".de.txt")?.zip(side(".en.txt")?);
        let row = |(de, en): (String, String)| {
            let en = Some(en).filter(|en| !en.is_empty());
            EarlierSentence { de, en, engine: None, by: None, terms: None }
        };
        Some(EarlierEnglish { rows: pairs.map(row).filter(|row| !row.de.is_empty()).collect() })
    }

    /// Where the `jsonl` of an article or corpus is, if it can be here: a file by itself may be of another format.
    pub(super) fn rows_place(&self, article: &ArticleId) -> Option<Target> {
        let place = self.target(article, ".jsonl").ok()?;
        let is_jsonl = |known: Vec<WrittenFile>| known.last()?.format.eq(&OutputFormat::Jsonl).then_some(());
        match self.root {
            OutputRoot::Folder(_) => Some(place),
            OutputRoot::File(_) => is_jsonl(self.ledger.known(&place.key).ok()?).map(|()| place),
        }
    }
}

impl EarlierEnglish {
    /// The sentences of a document whose English is another one. A sentence is known by its German: at the same place
    /// first, else wherever it stood.
    #[must_use]
    pub fn changed(&self, document: &ParallelDocument) -> Vec<ChangedSentence> {
        let source = document.source();
        let old: Vec<String> = self.german().collect();
        let new: Vec<String> =
            source.segments().iter().map(|segment| german(source.source(segment))).collect();
        let mut free: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, text) in old.iter().enumerate().rev().filter(|(at, text)| new.get(*at) != Some(text)) {
            free.entry(text).or_default().push(index);
        }
        let units = document.units().iter().zip(&new).enumerate();
        let changed = units.filter_map(|(index, (unit, text))| {
            let at = if old.get(index) == Some(text) {
                Some(index)
            } else {
                free.get_mut(text.as_str()).and_then(Vec::pop)
            };
            let row = at.map(|at| &self.rows[at]);
            let before = row.and_then(|row| row.en.as_deref()).filter(|en| is_english(en));
            let after = unit.target().filter(|target| !target.is_empty());
            if row.is_some() && before.map(one_line) == after.map(one_line) {
                return None;
            }
            Some(ChangedSentence {
                article: source.article().id.clone(),
                segment: index + 1,
                de: text.clone(),
                old: before.map(str::to_owned),
                new: after.map(str::to_owned),
                why: row.map_or(ChangeCause::Source, |row| cause(row, unit)),
            })
        });
        changed.collect()
    }

    /// The German sentences, as they are compared.
    pub(super) fn german(&self) -> impl Iterator<Item = String> {
        self.rows.iter().map(|row| german(&row.de))
    }
}

/// A German sentence as it is compared: however it was wrapped.
pub(super) fn german(text: &str) -> String {
    one_line(&visible(&unwrapped(text)))
}

/// The lines of a file, if it is there.
fn lines(path: &Path) -> Option<Lines<BufReader<File>>> {
    Some(BufReader::new(open_plain(path).ok()??).lines())
}

/// Whether what a file has for a segment is its English: not where nothing is shown, or that it failed.
fn is_english(text: &str) -> bool {
    !text.is_empty() && !text.starts_with("⟦not translated")
}

fn cause(row: &EarlierSentence, unit: &Unit) -> ChangeCause {
    let approval = unit.rendition().and_then(|rendition| rendition.translator.approval());
    if approval.is_some() || row.by.is_some() {
        return ChangeCause::Correction;
    }
    let Some(rendition) = unit.rendition() else { return ChangeCause::Engine };
    let is_same_engine = row.engine.is_none() || row.engine.as_deref() == rendition.translator.engine();
    let has_same_terms = row.terms.as_ref().is_none_or(|terms| *terms == terms_of(rendition));
    if !is_same_engine || has_same_terms && rendition.is_sent {
        ChangeCause::Engine
    } else {
        ChangeCause::Glossary
    }
}

fn terms_of(rendition: &Rendition) -> Vec<EarlierTerm> {
    let term = |held: &HeldTerm| EarlierTerm {
        source: held.term.entry.source.clone(),
        target: held.term.entry.target().to_owned(),
    };
    rendition.terms.iter().map(term).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Translator;
    use crate::write::testing::{Sample, document, documents, term, translated};

    /// What changes from one document to the next, in a format.
    fn changed(old: &ParallelDocument, new: &ParallelDocument, format: OutputFormat) -> Vec<ChangedSentence> {
        let folder = tempfile::tempdir().expect("a folder");
        let outputs = Outputs::folder(folder.path(), false).expect("a folder");
        outputs.write(old, &[format]).expect("written");
        outputs.english_before(new).map(|before| before.changed(new)).unwrap_or_default()
    }

    fn brief(changes: &[ChangedSentence]) -> Vec<(usize, Option<&str>, Option<&str>, ChangeCause)> {
        changes.iter().map(|c| (c.segment, c.old.as_deref(), c.new.as_deref(), c.why)).collect()
    }

    fn three() -> Sample {
        Sample::paragraph("Eins gilt. ").then("Zwei gilt. ").then("Drei gilt.")
    }

    #[test]
    fn what_changed_is_told_with_its_cause() {
        let mut new = three();
        translated(&mut new.segments[0]).terms = vec![term("Eins", "one", 0..4, None)];
        translated(&mut new.segments[0]).target = "One holds.".to_owned();
        translated(&mut new.segments[1]).translator = Translator::Engine("other".to_owned());
        translated(&mut new.segments[1]).target = "Two holds.".to_owned();
        let found = changed(&document(&[three()]), &document(&[new.clone()]), OutputFormat::Jsonl);
        assert_eq!(
            brief(&found),
            [
                (1, Some("EN(Eins gilt.)"), Some("One holds."), ChangeCause::Glossary),
                (2, Some("EN(Zwei gilt.)"), Some("Two holds."), ChangeCause::Engine),
            ]
        );
        let found = changed(&document(&[three()]), &document(&[new]), OutputFormat::Lines);
        assert_eq!(found.iter().map(|change| change.segment).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn sentences_are_known_again_where_others_came_and_went() {
        let new =
            Sample::paragraph("Neu ist das. ").then("Eins gilt. ").then("Drei gilt. ").then("Zwei gilt.");
        let found = changed(&document(&[three()]), &document(&[new]), OutputFormat::Jsonl);
        assert_eq!(brief(&found), [(1, None, Some("EN(Neu ist das.)"), ChangeCause::Source)]);
    }

    proptest! {
        #[test]
        fn nothing_changes_from_a_document_to_itself_and_all_is_found_that_does(document in documents(), at in 0_usize..20) {
            prop_assert!(changed(&document, &document, OutputFormat::Jsonl).is_empty());
            let mut other = document.clone();
            let mut changes = 0;
            if let Some(Unit::Translated(rendition)) = other.units_mut().get_mut(at) {
                rendition.target = "Something else.".to_owned();
                changes = 1;
            }
            let found = changed(&document, &other, OutputFormat::Jsonl);
            prop_assert_eq!(found.len(), changes);
            prop_assert!(found.iter().all(|change| change.segment == at + 1));
        }
    }
}
