//! The segments that engines translate: a sample of a corpus.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use super::super::failure::{Exit, Failure};
use super::super::inputs::{FieldArgs, Look};
use super::super::own::Own;
use super::super::project::Project;
use super::super::survey;
use super::files::{AlignedSegments, GermanSegment, TermPolicy, unreadable};
use crate::model::{BlockKind, SegmentedArticle};
use crate::pipeline::{foreign_language, segment, segmented};
use crate::read::{self, FileSegment, LineLanguage};
use crate::report::clean;

/// Changes when other segments are to be chosen.
const CONTEXT: &str = "wortlaut 2026-11 evaluation sample, format 1";

/// Segments chosen from those that were looked at.
///
/// They are those whose German has the smallest hashes: as good as drawn by chance, but the same ones in whatever order they come, and in a corpus
/// that has grown most of them again, whose answers are in the memory. What stands in a corpus many times is in the sample once.
pub(super) struct CorpusSample {
    size: usize,
    /// How many segments were looked at.
    pub(super) of: u64,
    chosen: BTreeMap<[u8; 32], (u64, GermanSegment)>,
}

impl CorpusSample {
    fn new(size: usize) -> Self {
        Self { size, of: 0, chosen: BTreeMap::new() }
    }

    /// Looks at a segment; one without words tells engines apart as little as what is not sent.
    fn add(&mut self, segment: GermanSegment) {
        let is_sent = !matches!(
            segment.kind,
            BlockKind::Furniture | BlockKind::Metadata | BlockKind::Verbatim | BlockKind::Attribute
        );
        let german = segment.german.trim();
        if !is_sent || !german.contains(char::is_alphabetic) {
            return;
        }
        self.of += 1;
        let hash = blake3::derive_key(CONTEXT, german.as_bytes());
        let segment = GermanSegment { german: german.to_owned(), ..segment };
        self.chosen.entry(hash).or_insert((self.of, segment));
        if self.chosen.len() > self.size {
            self.chosen.pop_last();
        }
    }

    /// The chosen segments, in the order of the corpus.
    pub(super) fn segments(&self) -> Vec<&GermanSegment> {
        let mut chosen: Vec<_> = self.chosen.values().collect();
        chosen.sort_unstable_by_key(|(number, _)| *number);
        chosen.into_iter().map(|(_, segment)| segment).collect()
    }
}

/// What a sample is taken from.
pub(super) struct SampledFiles<'a> {
    /// Bilingual files, files of one language, articles; none stands for the input of the project.
    pub(super) paths: &'a [PathBuf],
    /// German, a segment on each line.
    pub(super) source: Option<&'a PathBuf>,
    pub(super) references: &'a [PathBuf],
    pub(super) terms: TermPolicy,
    pub(super) quiet: bool,
}

impl SampledFiles<'_> {
    /// Takes a sample.
    pub(super) fn sample(&self, size: usize, project: &Project) -> Result<CorpusSample, Failure> {
        let sample = match (self.references, self.paths, self.source) {
            ([], paths, None) => self.of_paths(paths, size, project)?,
            ([], [], Some(source)) => self.of_files(std::slice::from_ref(source), size)?,
            (_, [], source) => self.of_aligned(source, size)?,
            (_, [path], None) => self.of_aligned(Some(path), size)?,
            _ => {
                let message = "the German is in --source, or in the one file beside --ref, not in several";
                return Err(
                    Failure::new(Exit::Usage, message).hint("engines translate it; they need no English")
                );
            }
        };
        if sample.chosen.is_empty() {
            return Err(Failure::new(Exit::Usage, "there is no German to be translated").hint(
                "files have it in a column or field `de`; --source takes a text with a segment on each line",
            ));
        }
        Ok(sample)
    }

    /// German beside its references.
    fn of_aligned(&self, source: Option<&PathBuf>, size: usize) -> Result<CorpusSample, Failure> {
        let mut files = AlignedSegments::open(&[], self.references, source.map(PathBuf::as_path))?;
        let mut sample = CorpusSample::new(size);
        while let Some(segment) = files.german(&self.terms)? {
            sample.add(segment);
        }
        Ok(sample)
    }

    /// Files with segments, or articles.
    fn of_paths(&self, paths: &[PathBuf], size: usize, project: &Project) -> Result<CorpusSample, Failure> {
        let has_segments = |path: &PathBuf| {
            !read::has_lines(path) && (!path.is_dir() || read::segments(path, LineLanguage::German).is_ok())
        };
        let (files, articles): (Vec<PathBuf>, Vec<PathBuf>) = paths.iter().cloned().partition(has_segments);
        match (&files[..], &articles[..]) {
            ([], articles) => self.of_articles(articles, size, project),
            (files, []) => self.of_files(files, size),
            ([file, ..], [article, ..]) => {
                let message = format!(
                    "{} has segments, and {} is text still to be segmented",
                    file.display(),
                    article.display()
                );
                Err(Failure::new(Exit::Usage, message).hint("evaluate one after the other"))
            }
        }
    }

    /// Segments of files. If some have English, which is their reference, those without it are left out.
    fn of_files(&self, files: &[PathBuf], size: usize) -> Result<CorpusSample, Failure> {
        let (mut alone, mut with_english) = (CorpusSample::new(size), CorpusSample::new(size));
        for file in files {
            for found in read::segments(file, LineLanguage::German).map_err(unreadable)? {
                let found: FileSegment = found.map_err(unreadable)?;
                let english = found.english.clone().filter(|english| !english.trim().is_empty());
                let sample = if english.is_some() { &mut with_english } else { &mut alone };
                if let Some(german) = GermanSegment::new(found, english.into_iter().collect(), &self.terms) {
                    sample.add(german);
                }
            }
        }
        Ok(if with_english.chosen.is_empty() { alone } else { with_english })
    }

    /// Sentences of articles.
    fn of_articles(
        &self,
        paths: &[PathBuf],
        size: usize,
        project: &Project,
    ) -> Result<CorpusSample, Failure> {
        if paths.is_empty() {
            survey::require_input(project, "wortlaut evaluate --engines NAMES")?;
        }
        let own = Own::open(&project.settings)?;
        let fields = FieldArgs::default();
        let found = Look { project, fields: &fields, own: &own, quiet: self.quiet }.find(paths)?.inputs;
        let (segmenter, options) = (project.segmenter()?, project.read_options());
        let mut sample = CorpusSample::new(size);
        let mut add = |article: Result<SegmentedArticle, String>| match article {
            Ok(article) if project.settings.translate.force => self.add_article(&article, &mut sample),
            Ok(article) => match foreign_language(article.article()) {
                None => self.add_article(&article, &mut sample),
                Some(language) => {
                    note(&format!("left out {}: it is {language}, not German", article.article().id));
                }
            },
            Err(reason) => note(&reason),
        };
        for input in &found.articles {
            add(segmented(input, segmenter.as_ref(), &options));
        }
        for corpus in &found.corpora {
            for record in corpus.open(&options).map_err(unreadable)? {
                let record = record.map_err(unreadable)?;
                let place = corpus.record_id(record.line);
                let article = record.article.map_err(|problem| format!("{place}: {problem}"));
                add(article.and_then(|article| segment(article, segmenter.as_ref())));
            }
        }
        Ok(sample)
    }

    fn add_article(&self, article: &SegmentedArticle, sample: &mut CorpusSample) {
        for segment in article.segments() {
            let found = FileSegment {
                article: Some(article.article().id.clone()),
                kind: Some(article.kind(segment)),
                german: Some(article.source(segment).to_owned()),
                ..FileSegment::default()
            };
            if let Some(german) = GermanSegment::new(found, Vec::new(), &self.terms) {
                sample.add(german);
            }
        }
    }
}

fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{}", clean(text));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ArticleId;
    use crate::score::SegmentTermSource;

    fn german(text: &str) -> GermanSegment {
        GermanSegment {
            article: ArticleId::new("a.txt"),
            kind: BlockKind::Paragraph,
            german: text.to_owned(),
            references: Vec::new(),
            terms: SegmentTermSource::None,
        }
    }

    fn sampled(size: usize, texts: impl Iterator<Item = usize>) -> Vec<String> {
        let mut sample = CorpusSample::new(size);
        texts.for_each(|number| sample.add(german(&format!("Satz {number}."))));
        let mut chosen: Vec<String> =
            sample.segments().iter().map(|segment| segment.german.clone()).collect();
        chosen.sort();
        chosen
    }

    #[test]
    fn a_sample_is_the_same_in_any_order_and_most_of_it_stays_when_the_corpus_grows() {
        let before = sampled(50, 0..500);
        assert_eq!(before.len(), 50);
        assert_eq!(before, sampled(50, (0..500).rev()));
        assert_eq!(before, sampled(50, (0..500).chain(0..500)), "what comes twice counts once");
        let after = sampled(50, 0..600);
        let stayed = before.iter().filter(|text| after.contains(text)).count();
        assert!((35..50).contains(&stayed), "{stayed}");
        assert_eq!(sampled(50, 0..20).len(), 20);
    }

    #[test]
    fn chosen_segments_stand_in_the_order_of_the_corpus_and_have_words() {
        let mut sample = CorpusSample::new(10);
        for text in ["Zwei.", "* * *", " Eins. ", "12,5", "Drei."] {
            sample.add(german(text));
        }
        sample.add(GermanSegment { kind: BlockKind::Furniture, ..german("Teilen") });
        let chosen: Vec<&str> = sample.segments().iter().map(|segment| segment.german.as_str()).collect();
        assert_eq!((chosen, sample.of), (vec!["Zwei.", "Eins.", "Drei."], 3));
    }
}
