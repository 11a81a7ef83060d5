//! `wortlaut evaluate`: how good translations are, against references.

use std::path::{Path, PathBuf};

use clap::Args;
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::glossary::Matcher;
use crate::read::{self, FileSegment, FileSegments, LineLanguage};
use crate::report::{EvaluationReport, SystemReport, clean_lines, counted, output_columns};
use crate::score::{EvaluatedSegment, Evaluation, Metric, Resampling, Scoring, SegmentTermSource, signature};
use crate::text::characters::chunks;

use super::choices::any_of;
use super::failure::{Exit, Failure};
use super::global::GlobalArgs;
use super::output::print;
use super::project::Project;

/// Segments that are read before they are scored on all cores. They are all that is held of the files.
const BATCH: usize = 1 << 13;

/// Score translations against references: chrF, chrF++, BLEU and TER as sacreBLEU has them, and terms held.
///
/// The files have a segment on each line, the same one on the same line. They may also be bilingual files (TMX, XLIFF, TSV, CSV, XLSX), the
/// .jsonl that wortlaut writes, or folders of these. Several translations stand side by side; several references count together.
///
/// Terms are those of the glossary that are found in the German: of --source, or of a file that has both languages. Nothing is sent
/// or written.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut evaluate english.txt --ref reference.txt
  wortlaut evaluate a.txt b.txt --ref r.txt --paired          do they really differ?
  wortlaut evaluate a.txt --ref r.txt --source german.txt --glossary names.tsv
  wortlaut evaluate output --ref corrected --by article       what wortlaut wrote
  wortlaut evaluate a.txt --ref r.txt --metrics chrf --json | jq .chrf")]
pub(super) struct EvaluateArgs {
    /// Translations: text files, bilingual files, .jsonl files or folders of these
    #[arg(value_name = "ENGLISH", required = true)]
    english: Vec<PathBuf>,
    /// Reference translation; may be given several times
    #[arg(long = "ref", value_name = "FILE", required = true)]
    references: Vec<PathBuf>,
    /// The German, in which terms are found; a .jsonl file may say itself which terms it has
    #[arg(long, value_name = "FILE")]
    source: Option<PathBuf>,
    /// Only these metrics, separated by commas
    #[arg(long, value_name = "METRIC", value_delimiter = ',', value_parser = any_of::<Metric>())]
    metrics: Vec<String>,
    /// Also score each article, each kind of block, or segments of about the same length
    #[arg(long, value_name = "PART", value_parser = any_of::<CorpusPart>())]
    by: Option<String>,
    /// Show how far chance moves the scores: 1000 random samples of the segments
    #[arg(long)]
    confidence: bool,
    /// Compare each translation with the first one: how likely is their difference by chance?
    #[arg(long)]
    paired: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What a corpus is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
enum CorpusPart {
    Article,
    Kind,
    Length,
}

pub(super) fn run(args: &EvaluateArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    if args.paired && args.english.len() < 2 {
        return Err(Failure::new(Exit::Usage, "--paired compares at least two translations").hint(
            "give the file of another system as well: wortlaut evaluate a.txt b.txt --ref r.txt --paired",
        ));
    }
    let metrics: Vec<Metric> = args.metrics.iter().filter_map(|metric| metric.parse().ok()).collect();
    let metrics = if metrics.is_empty() { Metric::VARIANTS.to_vec() } else { metrics };
    let part = args.by.as_deref().and_then(|part| part.parse::<CorpusPart>().ok());
    let resampling = (args.confidence || args.paired).then(Resampling::default);

    let mut evaluation = Evaluation::new(Scoring::new(&metrics, args.references.len()), args.english.len());
    if resampling.is_some() {
        evaluation = evaluation.with_resampling();
    }
    let matcher = matcher(args, global)?;
    let has_matcher = matcher.is_some();
    if let Some(matcher) = matcher {
        evaluation = evaluation.with_terms_of(matcher);
    }
    let mut segments = AlignedSegments::open(args)?;
    let terms = TermPolicy { has_matcher, is_asked_for: !global.glossary.is_empty() };
    loop {
        let batch = segments.batch(&terms, part)?;
        if batch.is_empty() {
            break;
        }
        evaluation.add(&batch);
    }
    let report = report(args, &evaluation, part, resampling);
    let shown = if args.json {
        serde_json::to_string(&report).map_err(std::io::Error::from)?
    } else {
        clean_lines(&report.tables(output_columns())).into_owned()
    };
    print(&shown)?;
    Ok(Exit::Ok)
}

/// What finds terms in the German, if there is any German to find them in.
fn matcher(args: &EvaluateArgs, global: &GlobalArgs) -> Result<Option<Matcher>, Failure> {
    let mut files = args.english.iter().chain(&args.references);
    let has_german = args.source.is_some() || files.any(|path| !read::has_lines(path));
    if !has_german {
        if global.glossary.is_empty() {
            return Ok(None);
        }
        return Err(Failure::new(
            Exit::Usage,
            "the terms of a glossary are looked for in the German, which is missing",
        )
        .hint("--source FILE says where it is"));
    }
    let matcher = Matcher::new(&Project::open(global, [])?.glossary()?);
    Ok(Some(matcher).filter(|matcher| !matcher.is_empty()))
}

/// Which terms count.
struct TermPolicy {
    has_matcher: bool,
    /// The command line names a glossary: it counts even where a file says its terms itself.
    is_asked_for: bool,
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

fn unreadable(error: read::ReadError) -> Failure {
    Failure::new(Exit::Usage, error)
}

/// The files of an evaluation, read side by side.
struct AlignedSegments {
    english: Vec<SegmentFile>,
    references: Vec<SegmentFile>,
    source: Option<SegmentFile>,
}

impl AlignedSegments {
    fn open(args: &EvaluateArgs) -> Result<Self, Failure> {
        let english = |path: &PathBuf| SegmentFile::open(path, LineLanguage::English);
        Ok(Self {
            english: args.english.iter().map(english).collect::<Result<_, _>>()?,
            references: args.references.iter().map(english).collect::<Result<_, _>>()?,
            source: args
                .source
                .as_ref()
                .map(|path| SegmentFile::open(path, LineLanguage::German))
                .transpose()?,
        })
    }

    fn files(&mut self) -> impl Iterator<Item = &mut SegmentFile> {
        self.english.iter_mut().chain(&mut self.references).chain(&mut self.source)
    }

    /// The next segments; none at the end.
    fn batch(
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
        let count = self.english.first().map_or(0, |file| file.count);
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
        let references = row.split_off(self.english.len());
        let reference = |(segment, file): (FileSegment, &SegmentFile)| {
            segment.english.ok_or_else(|| {
                let message = format!("{} has no English for segment {}", file.path.display(), file.count);
                Failure::new(Exit::Usage, message)
                    .hint("references must be complete; a translation may have gaps")
            })
        };
        let references = references.into_iter().zip(&self.references).map(reference);
        let references = references.collect::<Result<_, _>>()?;
        let english = row.into_iter().map(|segment| segment.english.unwrap_or_default()).collect();
        Ok(EvaluatedSegment { english, references, terms, group })
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

/// The name of a length of so many words. In the order of the alphabet shorter ones come first.
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

fn report(
    args: &EvaluateArgs,
    evaluation: &Evaluation,
    part: Option<CorpusPart>,
    resampling: Option<Resampling>,
) -> EvaluationReport {
    let confidence = resampling.map_or_else(Vec::new, |resampling| evaluation.confidence(resampling));
    let mut confidence = confidence.into_iter();
    let named = |(path, figures): (&PathBuf, _)| SystemReport {
        name: path.display().to_string(),
        figures,
        confidence: confidence.next(),
        groups: Vec::new(),
    };
    let mut systems: Vec<SystemReport> = args.english.iter().zip(evaluation.figures()).map(named).collect();
    for (name, figures) in evaluation.groups() {
        for (system, figures) in systems.iter_mut().zip(figures) {
            system.groups.push((name.to_owned(), figures));
        }
    }
    if !args.paired {
        let all = systems.iter_mut().filter_map(|system| system.confidence.as_mut());
        all.for_each(|confidence| confidence.p_values.clear());
    }
    let scoring = evaluation.scoring();
    let named = |metric: &Metric| (*metric, signature(*metric, scoring.references(), resampling));
    EvaluationReport {
        systems,
        signatures: scoring.metrics().iter().map(named).collect(),
        by: part.map(Into::into),
        references: args.references.len(),
    }
}
