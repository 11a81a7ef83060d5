//! `wortlaut evaluate`: how good translations are, against references.

mod compare;
mod engines;
mod files;
mod sample;

use std::path::PathBuf;

use clap::Args;
use strum::VariantArray;

use crate::glossary::Matcher;
use crate::read;
use crate::report::{EvaluationReport, SystemReport, clean_lines, output_columns};
use crate::score::{Evaluation, Metric, Resampling, Scoring, signature};

use super::budget::BudgetArgs;
use super::choices::any_of;
use super::failure::{Exit, Failure};
use super::global::GlobalArgs;
use super::output::print;
use super::project::Project;
use engines::{ComparedFiles, ComparisonArgs};
use files::{AlignedSegments, CorpusPart, TermPolicy};

/// Score translations against references: chrF, chrF++, BLEU and TER as sacreBLEU has them, and terms held; or find the engine for a corpus.
///
/// The files have a segment on each line, the same one on the same line. They may also be bilingual files (TMX, XLIFF, TSV, CSV, XLSX), the
/// .jsonl that wortlaut writes, or folders of these. Several translations stand side by side; several references count together.
///
/// Terms are those of the glossary that are found in the German: of --source, or of a file that has both languages. Nothing is sent
/// or written.
///
/// With --engines, FILE has German instead, and each engine translates a sample of it: the German of a bilingual file or of .jsonl, whose
/// English is the reference if it has any; articles; or, without FILE, the articles of the project. The answers stay in the memory. Before
/// anything is sent that leaves this machine or costs something, you are asked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut evaluate english.txt --ref reference.txt
  wortlaut evaluate a.txt b.txt --ref r.txt --paired          do they really differ?
  wortlaut evaluate a.txt --ref r.txt --source german.txt --glossary names.tsv
  wortlaut evaluate output --ref corrected --by article       what wortlaut wrote
  wortlaut evaluate a.txt --ref r.txt --metrics chrf --json | jq .chrf
  wortlaut evaluate --engines deepl,firefox corrected.tmx     which engine is right for it?
  wortlaut evaluate --engines deepl,firefox --source german.txt --ref r.txt
  wortlaut evaluate --engines deepl,firefox articles          without references
  wortlaut evaluate --engines deepl,firefox --dry-run         what that would send and cost")]
pub(super) struct EvaluateArgs {
    /// Translations: text files, bilingual files, .jsonl files or folders of these; with --engines, what has the German
    #[arg(value_name = "FILE", required_unless_present = "engines")]
    files: Vec<PathBuf>,
    /// Reference translation; may be given several times
    #[arg(long = "ref", value_name = "FILE", required_unless_present = "engines")]
    references: Vec<PathBuf>,
    /// The German, in which terms are found; a .jsonl file may say itself which terms it has
    #[arg(long, value_name = "FILE")]
    source: Option<PathBuf>,
    /// Only these metrics, separated by commas
    #[arg(long, value_name = "METRIC", value_delimiter = ',', value_parser = any_of::<Metric>())]
    metrics: Vec<String>,
    /// Also score each article, each kind of block, or segments of about the same length
    #[arg(long, conflicts_with = "engines", value_name = "PART", value_parser = any_of::<CorpusPart>())]
    by: Option<String>,
    /// Show how far chance moves the scores: 1000 random samples of the segments
    #[arg(long, conflicts_with = "engines")]
    confidence: bool,
    /// Compare each translation with the first one: how likely is their difference by chance?
    #[arg(long, conflicts_with = "engines")]
    paired: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    comparison: ComparisonArgs,
}

pub(super) fn run(args: &EvaluateArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let metrics: Vec<Metric> = args.metrics.iter().filter_map(|metric| metric.parse().ok()).collect();
    let mut metrics = if metrics.is_empty() { Metric::VARIANTS.to_vec() } else { metrics };
    metrics.sort_unstable();
    if !args.comparison.engines.is_empty() {
        let files = ComparedFiles {
            paths: &args.files,
            source: args.source.as_ref(),
            references: &args.references,
            metrics: &metrics,
            json: args.json,
        };
        return engines::run(&args.comparison, &files, global);
    }
    if args.comparison.budget != BudgetArgs::default() {
        return Err(Failure::new(
            Exit::Usage,
            "without --engines nothing is sent, so there is nothing to limit",
        )
        .hint("leave out --max-characters and --max-cost, or name engines"));
    }
    if args.paired && args.files.len() < 2 {
        return Err(Failure::new(Exit::Usage, "--paired compares at least two translations").hint(
            "give the file of another system as well: wortlaut evaluate a.txt b.txt --ref r.txt --paired",
        ));
    }
    let part = args.by.as_deref().and_then(|part| part.parse::<CorpusPart>().ok());
    let resampling = (args.confidence || args.paired).then(Resampling::default);

    let mut evaluation = Evaluation::new(Scoring::new(&metrics, args.references.len()), args.files.len());
    if resampling.is_some() {
        evaluation = evaluation.with_resampling();
    }
    let matcher = matcher(args, global)?;
    let has_matcher = matcher.is_some();
    if let Some(matcher) = matcher {
        evaluation = evaluation.with_terms_of(matcher);
    }
    let mut segments = AlignedSegments::open(&args.files, &args.references, args.source.as_deref())?;
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
    let mut files = args.files.iter().chain(&args.references);
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
    let mut systems: Vec<SystemReport> = args.files.iter().zip(evaluation.figures()).map(named).collect();
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
