//! What is to be learned from a changed file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use tokio::runtime::Runtime;

use super::changed::{ChangedFolder, ChangedOutput};
use crate::learn::{ChangedFile, ReadBack, SegmentEdit, matched, read_back};
use crate::model::{
    Alignment, ArticleId, HumanPair, Neighbours, PairKind, PairPlace, ParallelDocument, Rendition, SpanPairs,
    Timestamp, Unit,
};
use crate::pipeline::{Input, normalise};
use crate::write::{
    self, Ledger as _, Manifest, OutputFormat, WrittenFile, output_path, segment_hash, segment_texts,
};

use super::super::failure::Failure;
use super::super::offline::{Offline, OfflineArticles};
use super::super::project::Project;
use super::super::survey::quoted;

/// A file of which more than this part was changed is probably another text.
const REFUSED_FROM: usize = 5;
/// Of short files a part says little: so many lines may always be changed.
const ALWAYS: usize = 2;

/// Who teaches.
pub(super) struct Teacher {
    pub(super) by: String,
    pub(super) at: Timestamp,
    /// Whether files are learned that were changed in large part.
    pub(super) yes: bool,
}

/// What a changed file teaches.
pub(super) struct Lesson {
    /// The file as it is shown.
    pub(super) path: PathBuf,
    pub(super) entry: WrittenFile,
    pub(super) hash: blake3::Hash,
    pub(super) manifest: Arc<Manifest>,
    /// Its output folder as it is shown.
    pub(super) folder: PathBuf,
    /// The article, if it is known where it is.
    pub(super) input: Option<Input>,
    /// The corrections, with what stood there before.
    pub(super) corrections: Vec<LearnedCorrection>,
    /// What is in the file and not learned, in words.
    pub(super) problems: Vec<String>,
    /// Whether the memory has what wortlaut wrote: only then the files of the article can be written again.
    pub(super) is_current: bool,
}

/// A correction and what stood in its place.
pub(super) struct LearnedCorrection {
    pub(super) pair: HumanPair,
    pub(super) old: String,
    /// Whether a person approved it as wortlaut had written it.
    pub(super) is_approval: bool,
}

impl LearnedCorrection {
    /// The segment, counted from 1.
    pub(super) fn segment(&self) -> usize {
        self.pair.place.as_ref().map_or(0, |place| place.segment)
    }
}

impl Lesson {
    /// Whether all that was changed in the file is learned.
    pub(super) fn is_complete(&self) -> bool {
        self.problems.is_empty()
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = HumanPair> {
        self.corrections.iter().map(|correction| correction.pair.clone())
    }

    fn of(file: &ChangedOutput, folder: &ChangedFolder) -> Self {
        Self {
            path: file.path.clone(),
            entry: file.entry.clone(),
            hash: blake3::hash(&file.bytes),
            manifest: Arc::clone(&folder.manifest),
            folder: folder.shown.clone(),
            input: folder.input(&file.entry).map(Input::File),
            corrections: Vec::new(),
            problems: Vec::new(),
            is_current: false,
        }
    }
}

/// What changed files teach. What two of them say differently of one segment is learned from neither.
pub(super) fn lessons(
    changed: &[ChangedFolder],
    project: &Project,
    offline: &Offline,
    runtime: &Runtime,
    teacher: &Teacher,
) -> Result<Vec<Lesson>, Failure> {
    let mut lessons = Vec::new();
    for folder in changed {
        let mut inputs: BTreeMap<&ArticleId, Input> = BTreeMap::new();
        for file in &folder.files {
            if let Some(input) = folder.input(&file.entry) {
                inputs.insert(&file.entry.article, Input::File(input));
            }
        }
        let articles = offline.articles(inputs.into_values().collect(), runtime)?;
        let own = lessons.len();
        for file in &folder.files {
            let mut lesson = Lesson::of(file, folder);
            match document(&articles, &lesson) {
                Ok(document) => lesson.read(&file.bytes, document, project, teacher),
                Err(reason) => lesson.problems.push(reason),
            }
            lessons.push(lesson);
        }
        settle_conflicts(&mut lessons[own..]);
    }
    Ok(lessons)
}

/// The document of the article of a file.
fn document<'a>(articles: &'a OfflineArticles, lesson: &Lesson) -> Result<&'a ParallelDocument, String> {
    let article = &lesson.entry.article;
    if lesson.entry.segments.is_none() {
        let import = match lesson.entry.format {
            OutputFormat::Tmx
            | OutputFormat::Xliff
            | OutputFormat::Xliff12
            | OutputFormat::Tsv
            | OutputFormat::TsvBom
            | OutputFormat::Xlsx => {
                let path = quoted(&lesson.path);
                format!(
                    "; `wortlaut memory import {path} --as correction` takes its pairs, all of them, as corrections"
                )
            }
            _ => String::new(),
        };
        return Err(format!(
            "it holds many articles ({article}), and what was changed in such a file is not told apart; correct the \
             sentence in `wortlaut review`{import}"
        ));
    }
    if lesson.input.is_none() {
        return Err(format!("it is not known where the article {article} is"));
    }
    articles.documents.get(article).ok_or_else(|| match articles.skipped.get(article) {
        Some(reason) => format!("the article {article} cannot be read: {reason}"),
        None => format!("the article {article} cannot be read"),
    })
}

impl Lesson {
    /// Reads the file.
    fn read(&mut self, bytes: &[u8], document: &ParallelDocument, project: &Project, teacher: &Teacher) {
        let written = WrittenSegments::of(self, document);
        self.is_current = written.is_current;
        let stem = output_path(Path::new(""), &self.entry.article, "");
        let stem = stem.map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let ending = self.entry.path.strip_prefix(&stem).unwrap_or(&self.entry.path);
        let file = ChangedFile { format: self.entry.format, ending, bytes };
        let mut back = match read_back(&written.document, file, &project.read_options()) {
            Ok(back) => back,
            Err(error) => return self.problems.push(error.to_string()),
        };
        // What reads as wortlaut wrote it, whatever the memory has by now, was not changed; it may have been approved.
        let (same, edits): (Vec<_>, Vec<_>) =
            back.edits.drain(..).partition(|edit| edit.old == edit.new || written.is_as_written(edit));
        let approvals = same.into_iter().filter(|edit| edit.is_approved);
        let (known, unknown): (Vec<_>, Vec<_>) =
            edits.into_iter().partition(|edit| written.is_known[edit.segment]);
        back.edits = known;
        let (changed, lines) = (back.changed_lines(), back.lines);
        if changed > ALWAYS && changed * REFUSED_FROM > lines && !teacher.yes {
            return self.problems.push(format!(
                "{changed} of {lines} lines were changed or cannot be told apart; --yes learns them all the same"
            ));
        }
        self.tell(&back, &unknown);
        let edits = back.edits.into_iter().map(|edit| (edit, false));
        for (edit, is_approval) in edits.chain(approvals.map(|edit| (edit, true))) {
            let pair = pair(&edit, document, self, teacher);
            self.corrections.push(LearnedCorrection { pair, old: edit.old, is_approval });
        }
    }

    /// Says what is not learned.
    fn tell(&mut self, back: &ReadBack, unknown: &[SegmentEdit]) {
        let numbers = |segments: &mut dyn Iterator<Item = usize>| {
            segments.map(|segment| (segment + 1).to_string()).collect::<Vec<_>>().join(", ")
        };
        if back.is_german {
            let article = &self.entry.article;
            self.problems.push(format!(
                "the German was changed in it, which is not learned; change the article {article} instead"
            ));
        }
        if back.has_more {
            self.problems.push(
                "it has remarks or columns of its own, which would be lost; it is left as it is".to_owned(),
            );
        }
        if !back.gone.is_empty() {
            let gone = numbers(&mut back.gone.iter().copied());
            self.problems.push(format!("nothing is left of segment {gone}; that is not learned"));
        }
        if back.strays > 0 {
            let lines =
                if back.strays == 1 { "1 line belongs" } else { &format!("{} lines belong", back.strays) };
            self.problems.push(format!("{lines} to no segment of the article; that is not learned"));
        }
        if !unknown.is_empty() {
            let unknown = numbers(&mut unknown.iter().map(|edit| edit.segment));
            self.problems.push(format!("what wortlaut wrote for segment {unknown} is not known any more; name the engine with --engine"));
        }
    }
}

/// The pair of a segment that was edited.
fn pair(edit: &SegmentEdit, document: &ParallelDocument, lesson: &Lesson, teacher: &Teacher) -> HumanPair {
    let source = document.source();
    let segments = source.segments();
    let german = |at: Option<usize>| {
        at.and_then(|at| segments.get(at)).map(|segment| normalise(source.source(segment)).into_owned())
    };
    HumanPair {
        kind: PairKind::Correction,
        source: german(Some(edit.segment)).unwrap_or_default(),
        target: edit.new.clone(),
        inlines: edit.inlines.clone().or_else(|| standing_inlines(edit, document)),
        by: teacher.by.clone(),
        at: teacher.at,
        place: Some(PairPlace { article: lesson.entry.article.clone(), segment: edit.segment + 1 }),
        context: Neighbours {
            before: german(edit.segment.checked_sub(1)),
            after: german(Some(edit.segment + 1)),
        },
        origin: Some(lesson.entry.path.clone()),
    }
}

/// Where the markup of a segment stands in the English that it has: not every format shows that.
fn standing_inlines(edit: &SegmentEdit, document: &ParallelDocument) -> Option<SpanPairs> {
    let source = document.source();
    let german = source.source(source.segments().get(edit.segment)?);
    let rendition = document.units().get(edit.segment)?.rendition()?;
    // The places are those of the text on one line.
    let is_it = rendition.target == edit.new && normalise(german) == german;
    rendition.alignment.as_ref().filter(|_| is_it).and_then(Alignment::inlines).cloned()
}

/// The segments of an article as wortlaut wrote them to a file.
struct WrittenSegments {
    document: ParallelDocument,
    /// The hashes of what was written, as far as it is known which segment they are of.
    hashes: Vec<Option<String>>,
    /// Whether it is known what was written.
    is_known: Vec<bool>,
    /// Whether the memory has all of it.
    is_current: bool,
}

impl WrittenSegments {
    /// What the memory has, and what other files of the article have where the memory has something else by now.
    fn of(lesson: &Lesson, document: &ParallelDocument) -> Self {
        let texts = segment_texts(OutputFormat::Jsonl, document);
        let now: Vec<String> = texts.iter().map(|text| segment_hash(text)).collect();
        let then: Vec<&str> = lesson.entry.segment_hashes().collect();
        let places: Vec<Option<usize>> = if then.len() == now.len() {
            (0..now.len()).map(Some).collect()
        } else {
            // The German was changed since: the segments that stayed are found by their English.
            matched(&then, &now.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let hashes: Vec<Option<String>> = places
            .iter()
            .map(|place| place.and_then(|place| then.get(place)).map(|hash| (*hash).to_owned()))
            .collect();
        let mut is_known: Vec<bool> =
            hashes.iter().zip(&now).map(|(hash, now)| hash.as_ref() == Some(now)).collect();
        let is_current = is_known.iter().all(|known| *known);
        let mut units = document.units().to_vec();
        if !is_current {
            let rows = rows(lesson);
            for (at, unit) in units.iter_mut().enumerate() {
                if is_known[at] {
                    continue;
                }
                let text = places[at].and_then(|place| rows.get(&(place + 1)));
                if let Some(text) = text.filter(|text| Some(segment_hash(text)) == hashes[at]) {
                    *unit = Unit::Translated(Rendition::new(text.clone(), ""));
                    is_known[at] = true;
                }
            }
        }
        let whole = ParallelDocument::new(document.source().clone(), units);
        Self { document: whole.unwrap_or_else(|| document.clone()), hashes, is_known, is_current }
    }

    /// Whether an edit is what wortlaut had written.
    fn is_as_written(&self, edit: &SegmentEdit) -> bool {
        self.hashes[edit.segment].as_deref() == Some(&segment_hash(&edit.new))
    }
}

/// Whether the memory has what was written for each segment.
pub(super) fn is_current(entry: &WrittenFile, document: &ParallelDocument) -> bool {
    let texts = segment_texts(OutputFormat::Jsonl, document);
    entry.segment_hashes().eq(texts.iter().map(|text| segment_hash(text)))
}

/// A row of `jsonl`, as far as it is needed.
#[derive(Deserialize)]
struct LearnedRow {
    segment: usize,
    en: Option<String>,
}

/// The English of the segments that stands in the `jsonl` of the article, by their numbers; none if that was changed, too.
fn rows(lesson: &Lesson) -> HashMap<usize, String> {
    let stem = output_path(Path::new(""), &lesson.entry.article, ".jsonl");
    let Ok(key) = stem.map(|path| path.to_string_lossy().into_owned()) else { return HashMap::new() };
    let path = lesson.manifest.folder().join(&key);
    let known = lesson.manifest.known(&key).unwrap_or_default();
    let is_ours =
        write::hash_of(&path).ok().flatten().is_some_and(|hash| known.iter().any(|known| known.hash == hash));
    let text = if is_ours { fs::read_to_string(path).unwrap_or_default() } else { String::new() };
    let rows = text.lines().filter_map(|line| serde_json::from_str::<LearnedRow>(line).ok());
    rows.filter_map(|row| Some((row.segment, row.en?))).collect()
}

/// Takes out what two files say differently of one segment.
fn settle_conflicts(lessons: &mut [Lesson]) {
    let mut said: BTreeMap<(ArticleId, usize), BTreeSet<String>> = BTreeMap::new();
    for lesson in lessons.iter() {
        for correction in &lesson.corrections {
            let place = (lesson.entry.article.clone(), correction.segment());
            said.entry(place).or_default().insert(correction.pair.target.clone());
        }
    }
    for lesson in lessons {
        let article = lesson.entry.article.clone();
        let is_one = |correction: &LearnedCorrection| {
            said.get(&(article.clone(), correction.segment())).is_none_or(|said| said.len() == 1)
        };
        let (agreed, other): (Vec<_>, Vec<_>) = lesson.corrections.drain(..).partition(is_one);
        lesson.corrections = agreed;
        for correction in other {
            lesson.problems.push(format!(
                "another file of {article} says otherwise of segment {}; name the file to learn from",
                correction.segment()
            ));
        }
    }
}
