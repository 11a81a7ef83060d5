//! The files of articles are written again after their corrections have changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::runtime::Runtime;

use super::lesson::Lesson;
use crate::memory::Memory;
use crate::model::{ArticleId, ParallelDocument, Unit};
use crate::pipeline::Input;
use crate::write::{Ledger as _, LeftFile, Manifest, OutputFormat, Outputs, WrittenFile, segment_hash};

use super::super::failure::{Exit, Failure};
use super::super::offline::Offline;

/// How often an article is made anew if others correct it at the same time.
const TRIES: usize = 8;

/// What articles are written with.
pub(super) struct Workshop<'a> {
    pub(super) offline: &'a Offline,
    pub(super) memory: &'a Arc<dyn Memory>,
    pub(super) runtime: &'a Runtime,
}

/// The files of an article in an output folder.
pub(super) struct ArticleFiles {
    /// The folder as it is shown.
    pub(super) folder: PathBuf,
    pub(super) input: Input,
    pub(super) formats: BTreeSet<OutputFormat>,
    /// Changed files that are to be taken over, with the segments that have to read so.
    pub(super) taken: Vec<(WrittenFile, Vec<(usize, String)>)>,
}

/// What was written again.
#[derive(Default)]
pub(super) struct RewrittenFiles {
    pub(super) files: BTreeSet<PathBuf>,
    pub(super) left: Vec<LeftFile>,
    /// Articles whose files are written by the next run.
    pub(super) waiting: BTreeSet<ArticleId>,
}

/// The formats that the files of an article have.
pub(super) fn formats(manifest: &Manifest, article: &ArticleId) -> BTreeSet<OutputFormat> {
    // What cannot be listed is not written again; the next run does it.
    manifest
        .files()
        .unwrap_or_default()
        .into_iter()
        .filter(|file| file.article == *article)
        .map(|file| file.format)
        .collect()
}

/// Writes the files of the articles that were learned from.
pub(super) fn after_lessons(lessons: &[Lesson], workshop: &Workshop<'_>) -> Result<RewrittenFiles, Failure> {
    let mut all: BTreeMap<(PathBuf, ArticleId), ArticleFiles> = BTreeMap::new();
    let mut rewritten = RewrittenFiles::default();
    for lesson in lessons {
        let article = &lesson.entry.article;
        let Some(input) = lesson.input.clone() else { continue };
        if lesson.corrections.is_empty() && !lesson.is_complete() {
            continue;
        }
        if !lesson.is_current {
            rewritten.waiting.insert(article.clone());
        }
        let files = all.entry((lesson.folder.clone(), article.clone())).or_insert_with(|| ArticleFiles {
            folder: lesson.folder.clone(),
            input,
            formats: if lesson.is_current { formats(&lesson.manifest, article) } else { BTreeSet::new() },
            taken: Vec::new(),
        });
        if lesson.is_complete() {
            files.taken.push(taken(lesson));
        }
    }
    rewrite(all.into_values().collect(), workshop, &mut rewritten)?;
    Ok(rewritten)
}

/// What is remembered of a file of which all that a person wrote is learned.
fn taken(lesson: &Lesson) -> (WrittenFile, Vec<(usize, String)>) {
    let says: Vec<(usize, String)> = lesson
        .corrections
        .iter()
        .filter_map(|correction| Some((correction.segment().checked_sub(1)?, correction.pair.target.clone())))
        .collect();
    let mut hashes: Vec<String> = lesson.entry.segment_hashes().map(str::to_owned).collect();
    for (segment, text) in &says {
        if let Some(hash) = hashes.get_mut(*segment) {
            *hash = segment_hash(text);
        }
    }
    let segments = Some(Arc::from(hashes.concat()));
    (WrittenFile { hash: lesson.hash, segments, ..lesson.entry.clone() }, says)
}

/// Writes the files of articles as the memory has them now.
pub(super) fn rewrite(
    articles: Vec<ArticleFiles>,
    workshop: &Workshop<'_>,
    rewritten: &mut RewrittenFiles,
) -> Result<(), Failure> {
    let Workshop { offline, memory, runtime } = workshop;
    let mut folders: BTreeMap<PathBuf, Outputs> = BTreeMap::new();
    let mut open = articles;
    for _ in 0..TRIES {
        if open.is_empty() {
            break;
        }
        let revision = runtime.block_on(memory.revision())?;
        let is_current = || runtime.block_on(memory.revision()).is_ok_and(|now| now == revision);
        let made = offline.articles(open.iter().map(|files| files.input.clone()).collect(), runtime)?;
        let mut outdated = Vec::new();
        for files in open {
            let Some(document) = made.documents.get(files.input.id()) else { continue };
            let outputs = match folders.entry(files.folder.clone()) {
                std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
                std::collections::btree_map::Entry::Vacant(free) => {
                    free.insert(Outputs::folder(&files.folder, false)?)
                }
            };
            // A file is taken over only if the memory now gives back what the person wrote.
            let taken = files.taken.iter().filter(|(_, says)| says_so(document, says));
            outputs.take_over(&taken.map(|(entry, _)| entry.clone()).collect::<Vec<_>>())?;
            let formats: Vec<_> = files.formats.iter().copied().collect();
            let written = outputs.write_current(document, &formats, &is_current);
            match written.map_err(|error| Failure::new(Exit::Partial, error))? {
                Some(paths) => rewritten.files.extend(paths),
                None => outdated.push(files),
            }
        }
        open = outdated;
    }
    rewritten.waiting.extend(open.iter().map(|files| files.input.id().clone()));
    for outputs in folders.into_values() {
        rewritten.left.extend(outputs.finish().map_err(|error| Failure::new(Exit::Partial, error))?);
    }
    Ok(())
}

/// Whether segments read so in a document.
fn says_so(document: &ParallelDocument, says: &[(usize, String)]) -> bool {
    says.iter().all(|(segment, text)| document.units().get(*segment).and_then(Unit::target) == Some(text))
}
