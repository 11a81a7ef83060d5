//! The files of an evaluation, read side by side.

use std::path::{Path, PathBuf};

use strum::{EnumString, IntoStaticStr, VariantArray};

use super::super::failure::{Exit, Failure};
use crate::model::{ArticleId, BlockKind};
use crate::read::{self, FileSegment, FileSegments, LineLanguage};
use crate::report::counted;
use crate::score::{EvaluatedSegment, SegmentTermSource};
use crate::text::characters::chunks;

/// Segments that are read before they are scored on all cores. They are all that is held of the files.
const BATCH: usize = 1 << 13;

/// What a corpus is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub(super) enum CorpusPart {
    Article,
    Kind,
    Length,
}

/// Which terms count.
pub(super) struct TermPolicy {
    pub(super) has_matcher: bool,
    /// The command line names a glossary: it counts even where a file says its terms itself.
    pub(super) is_asked_for: bool,
}

/// A file of which the next segment is read with those of the others.
struct SegmentFile {
    path: PathBuf,
    segments: FileSegments,
    /// How many were read.
    count: u64,
}

impl SegmentFile {
    fn open(path: &Path, lines: LineLanguage) -> Result<Self, Failure> {
        let segments = read::segments(path, lines).map_err(unreadable)?;
        Ok(Self { path: path.to_owned(), segments, count: 0 })
    }

    fn next(&mut self) -> Result<Option<FileSegment>, Failure> {
        let segment = self.segments.next().transpose().map_err(unreadable)?;
        self.count += u64::from(segment.is_some());
        Ok(segment)
    }

    /// Its name and its length, once it is read to its end.
    fn length(&mut self) -> Result<String, Failure> {
        while self.next()?.is_some() {}
        let thing = if read::has_lines(&self.path) { "line" } else { "segment" };
        Ok(format!("{} has {}", self.path.display(), counted(self.count, thing)))
    }
}

pub(super) fn unreadable(error: read::ReadError) -> Failure {
    Failure::new(Exit::Usage, error)
}

/// The files of an evaluation, read side by side.
pub(super) struct AlignedSegments {
    english: Vec<SegmentFile>,
    references: Vec<SegmentFile>,
    source: Option<SegmentFile>,
}

impl AlignedSegments {
    pub(super) fn open(
        english: &[PathBuf],
        references: &[PathBuf],
        source: Option<&Path>,
    ) -> Result<Self, Failure> {
        let open = |path: &PathBuf| SegmentFile::open(path, LineLanguage::English);
        Ok(Self {
            english: english.iter().map(open).collect::<Result<_, _>>()?,
            references: references.iter().map(open).collect::<Result<_, _>>()?,
            source: source.map(|path| SegmentFile::open(path, LineLanguage::German)).transpose()?,
        })
    }

    fn files(&mut self) -> impl Iterator<Item = &mut SegmentFile> {
        self.english.iter_mut().chain(&mut self.references).chain(&mut self.source)
    }

    /// The next segments; none at the end.
    pub(super) fn batch(
        &mut self,
        terms: &TermPolicy,
        part: Option<CorpusPart>,
    ) -> Result<Vec<EvaluatedSegment>, Failure> {
        let mut batch = Vec::new();
        while batch.len() < BATCH {
            let Some(row) = self.row()? else { break };
            batch.push(self.segment(row, terms, part)?);
        }
        Ok(batch)
    }

    /// The next segment of each file; `None` at the end of all.
    fn row(&mut self) -> Result<Option<Vec<FileSegment>>, Failure> {
        let row: Vec<Option<FileSegment>> = self.files().map(SegmentFile::next).collect::<Result<_, _>>()?;
        if row.iter().all(Option::is_some) {
            return Ok(row.into_iter().collect());
        }
        if let Some(empty) = self.files().find(|file| file.count == 0) {
            let message = format!("{} is empty", empty.path.display());
            return Err(Failure::new(Exit::Usage, message).hint("there is nothing to score"));
        }
        if row.iter().all(Option::is_none) {
            return Ok(None);
        }
        let first = self.files().next().map(SegmentFile::length).transpose()?.unwrap_or_default();
        let count = self.files().next().map_or(0, |file| file.count);
        for file in self.files() {
            let other = file.length()?;
            if file.count != count {
                return Err(Failure::new(Exit::Usage, format!("{first}, but {other}")).hint(
                    "segments are compared one by one: each has to stand at the same place in all files, an empty \
                     line for one that is missing",
                ));
            }
        }
        Ok(None)
    }

    fn segment(
        &self,
        mut row: Vec<FileSegment>,
        terms: &TermPolicy,
        part: Option<CorpusPart>,
    ) -> Result<EvaluatedSegment, Failure> {
        let group = part.map(|part| self.group(&row, part)).transpose()?;
        let says_terms = |segment: &&FileSegment| segment.german.is_some() || segment.terms.is_some();
        let german = if self.source.is_some() { row.last() } else { row.iter().find(says_terms) };
        let terms = terms.of(german);
        let references = self.references(row.split_off(self.english.len()))?;
        let english = row.into_iter().map(|segment| segment.english.unwrap_or_default()).collect();
        Ok(EvaluatedSegment { english, references, terms, group })
    }

    /// The English of the references.
    fn references(&self, row: Vec<FileSegment>) -> Result<Vec<String>, Failure> {
        let reference = |(segment, file): (FileSegment, &SegmentFile)| {
            segment.english.ok_or_else(|| {
                let message = format!("{} has no English for segment {}", file.path.display(), file.count);
                Failure::new(Exit::Usage, message)
                    .hint("references must be complete; a translation may have gaps")
            })
        };
        row.into_iter().zip(&self.references).map(reference).collect()
    }

    /// The next German with its references; `None` at the end.
    pub(super) fn german(&mut self, terms: &TermPolicy) -> Result<Option<GermanSegment>, Failure> {
        let Some(row) = self.row()? else { return Ok(None) };
        let found =
            if self.source.is_some() { row.last() } else { row.iter().find(|it| it.german.is_some()) };
        let found = found.cloned().unwrap_or_default();
        let references = self.references(row)?;
        let number = self.files().next().map_or(0, |file| file.count);
        let german = GermanSegment::new(found, references, terms).ok_or_else(|| {
            Failure::new(Exit::Usage, format!("no file has the German of segment {number}"))
                .hint("--source FILE says where it is")
        })?;
        Ok(Some(german))
    }

    /// The part of the corpus that a segment belongs to.
    fn group(&self, row: &[FileSegment], part: CorpusPart) -> Result<String, Failure> {
        let name = match part {
            CorpusPart::Article => row.iter().find_map(|segment| Some(segment.article.as_ref()?.to_string())),
            CorpusPart::Kind => row.iter().find_map(|segment| Some(segment.kind?.as_str().to_owned())),
            CorpusPart::Length => {
                let reference = row.get(self.english.len()).and_then(|segment| segment.english.as_deref());
                Some(length_group(chunks(reference.unwrap_or_default()).count()).to_owned())
            }
        };
        name.ok_or_else(|| {
            let what = if part == CorpusPart::Article { "article" } else { "kind of block" };
            let message = format!("no file says of which {what} segment {} is", self.english[0].count);
            Failure::new(Exit::Usage, message)
                .hint("the .jsonl, .tmx, .xlf and .tsv files that wortlaut writes say it; --by length works for all")
        })
    }
}

/// What engines are to translate, and how others did.
#[derive(Debug, Clone)]
pub(super) struct GermanSegment {
    pub(super) article: ArticleId,
    pub(super) kind: BlockKind,
    pub(super) german: String,
    pub(super) references: Vec<String>,
    pub(super) terms: SegmentTermSource,
}

impl GermanSegment {
    /// What a file says of a segment; `None` if it has no German.
    pub(super) fn new(segment: FileSegment, references: Vec<String>, terms: &TermPolicy) -> Option<Self> {
        let terms = terms.of(Some(&segment));
        let FileSegment { article, kind, german, .. } = segment;
        Some(Self {
            article: article.unwrap_or_else(|| ArticleId::new("")),
            kind: kind.unwrap_or(BlockKind::Paragraph),
            german: german?,
            references,
            terms,
        })
    }
}

/// The group that a segment with this many words belongs to. The names sort from short to long.
fn length_group(words: usize) -> &'static str {
    match words {
        0..=10 => "0-10 words",
        11..=20 => "11-20 words",
        21..=30 => "21-30 words",
        31..=40 => "31-40 words",
        _ => "41+ words",
    }
}

impl TermPolicy {
    /// The terms of a segment in which there may be German.
    fn of(&self, german: Option<&FileSegment>) -> SegmentTermSource {
        match german {
            Some(FileSegment { terms: Some(terms), .. }) if !self.is_asked_for => {
                SegmentTermSource::Given(terms.clone())
            }
            Some(FileSegment { article, german: Some(text), .. }) if self.has_matcher => {
                let article = article.as_ref().map(ToString::to_string).unwrap_or_default();
                SegmentTermSource::German { article, text: text.clone() }
            }
            _ => SegmentTermSource::None,
        }
    }
}
