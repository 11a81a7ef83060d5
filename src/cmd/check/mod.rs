//! `wortlaut check`: what the checks find in parallel files, and in the translations that the memory has.

mod parallel;

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::thread::{self, JoinHandle};

use clap::Args;
use glob::Pattern;
use serde::Serialize;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::config::SettingFlag;
use crate::engine::EngineSupplies;
use crate::glossary::Matcher;
use crate::model::{ArticleId, Finding, FindingKind, SegmentFinding, Severity};
use crate::pipeline::{ABSENT, Event, Events, Options, Run, RunOutcome};
use crate::report::{clean, counted, finding_lines, placed_lines};
use parallel::{FileCheck, FileCounts, ParallelFiles, PlacedFinding};

use crate::cmd::choices::any_of;
use crate::cmd::failure::{Exit, Failure};
use crate::cmd::global::GlobalArgs;
use crate::cmd::inputs::{FieldArgs, FoundInputs, Look};
use crate::cmd::memory::Earlier;
use crate::cmd::own::Own;
use crate::cmd::peers::peers;
use crate::cmd::profile;
use crate::cmd::project::{LenientArgs, Project, engine_flag};
use crate::cmd::project_memory::memory_or_empty;
use crate::cmd::runtime::runtime;
use crate::cmd::scope::ScopeArgs;
use crate::cmd::spool::Spool;
use crate::cmd::threads::limit_threads;
use crate::cmd::{sink, survey};

/// List what the checks find in translations: terms that do not hold, numbers, names, negations, German left standing.
///
/// Two text files, German and English, are read line by line; a TMX, XLIFF, XLSX, TSV, CSV or JSON lines file with both
/// languages, and a folder of outputs, as they are, whoever wrote them. Other paths are articles: what the memory has of them,
/// or without a path of the corpus that wortlaut.toml names, is checked against the glossary as it is now, corrections included.
/// It works beside a run. In wortlaut.toml, [check] says how bad each kind of finding is, and what fails the command.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut check german.txt english.txt               two files, line n of one is line n of the other
  wortlaut check memory.tmx --json                    any bilingual file
  wortlaut check output                               all that wortlaut wrote there
  wortlaut check                                      errors and warnings of the corpus
  wortlaut check --severity error --article 'news/*'  errors of some articles
  wortlaut check --kind numbers,length                some checks only
  wortlaut check article.txt --engine deepl           a single article
  wortlaut check --json | jq -r .check | sort | uniq -c

Exit code 1 if a finding that is listed is an error; check.fail_on changes that.")]
pub(super) struct FindingsArgs {
    /// Parallel files, or articles, corpus files, folders or quoted patterns [default: articles]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Engine profile or kind of engine whose translations are checked [default: auto]
    #[arg(long, value_name = "NAME")]
    engine: Option<String>,
    /// Findings of these kinds, separated by commas
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = any_of::<FindingKind>())]
    kind: Vec<String>,
    /// Findings of this severity and worse ones [default: warning, with --json info]
    #[arg(long, value_name = "SEVERITY", value_parser = any_of::<Severity>())]
    severity: Option<String>,
    /// Findings in articles whose names match
    #[arg(long, value_name = "GLOB")]
    article: Vec<String>,
    /// Print a JSON object for each finding
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    lenient: LenientArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    fields: FieldArgs,
}

impl FindingsArgs {
    /// The flags that are settings.
    fn flags(&self) -> Vec<SettingFlag> {
        let engine = engine_flag(self.engine.as_deref());
        let flags = self.fields.flags().into_iter();
        flags.chain(self.scope.flags()).chain([engine, self.lenient.flag()]).collect()
    }

    fn filter(&self) -> Result<FindingFilter, Failure> {
        let pattern = |text: &String| {
            Pattern::new(text).map_err(|error| {
                Failure::new(Exit::Usage, format!("{text:?} is not a pattern for article names: {error}"))
            })
        };
        // A program chooses for itself.
        let default = if self.json { Severity::Info } else { Severity::Warning };
        Ok(FindingFilter {
            kinds: self.kind.iter().filter_map(|kind| kind.parse().ok()).collect(),
            least: self.severity.as_deref().and_then(|name| name.parse().ok()).unwrap_or(default),
            names: self.article.clone(),
            articles: self.article.iter().map(pattern).collect::<Result<_, _>>()?,
        })
    }
}

pub(super) fn run(args: &FindingsArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let filter = args.filter()?;
    let project = Project::open(global, args.flags())?;
    // Whoever names an engine means what the memory has of it.
    if args.engine.is_none()
        && let Some(files) = ParallelFiles::of(&args.paths)?
    {
        return check_files(args, global, &project, files, &filter);
    }
    limit_threads(&project, &project.settings.translate.engine)?;
    if args.paths.is_empty() {
        survey::require_input(&project, "wortlaut check")?;
    }
    let listing = Listing::new(filter, args.json)?;
    let mut checked = check(args, global, &project, listing)?;
    checked.listing.print()?;
    if !global.quiet {
        let _ = writeln!(io::stderr(), "{}", checked.sum());
    }
    let Checked { listing, outcome, lost } = checked;
    if let Some(error) = outcome.failure {
        return Err(error.into());
    }
    Ok(match lost + outcome.stats.skipped {
        _ if fails(&project, &listing.counts) => Exit::Findings,
        0 => Exit::Ok,
        _ => Exit::Partial,
    })
}

/// Whether findings fail the command.
fn fails(project: &Project, counts: &BTreeMap<Severity, u64>) -> bool {
    let fail_on = project.settings.check.fail_on;
    counts.keys().any(|severity| fail_on.includes(*severity))
}

/// Checks parallel files and prints what is found as it is found.
fn check_files(
    args: &FindingsArgs,
    global: &GlobalArgs,
    project: &Project,
    files: ParallelFiles,
    filter: &FindingFilter,
) -> Result<Exit, Failure> {
    let matcher = Matcher::new(&project.glossary()?);
    let mut out = BufWriter::new(io::stdout().lock());
    let mut counts: BTreeMap<Severity, u64> = BTreeMap::new();
    let mut tell = |found: PlacedFinding| -> Result<(), Failure> {
        let is_wanted = found.article.as_ref().is_none_or(|article| filter.takes_article(article));
        if !is_wanted || !filter.takes(&found.finding) {
            return Ok(());
        }
        *counts.entry(found.finding.severity).or_default() += 1;
        if args.json {
            writeln!(out, "{}", file_object(&found)?)?;
        } else {
            let PlacedFinding { article, line, finding, source, target } = found;
            let place = match article {
                Some(article) => format!("{article}, segment {line}"),
                None => format!("line {line}"),
            };
            let found = SegmentFinding { segment: line, finding, source, target };
            for line in placed_lines(&place, &found) {
                writeln!(out, "{}", clean(&line))?;
            }
        }
        Ok(())
    };
    let FileCounts { segments, files, empty } =
        FileCheck::new(project.settings.check.checks(), &matcher).run(files, &mut tell)?;
    out.flush()?;
    if !global.quiet {
        let files = if files > 1 { format!(" of {}", counted(files, "file")) } else { String::new() };
        let empty = if empty > 0 {
            format!("; {} without English", counted(empty, "segment"))
        } else {
            String::new()
        };
        let _ =
            writeln!(io::stderr(), "{} in {}{files}{empty}", found(&counts), counted(segments, "segment"));
    }
    Ok(if fails(project, &counts) { Exit::Findings } else { Exit::Ok })
}

/// How many findings there are, in words.
fn found(counts: &BTreeMap<Severity, u64>) -> String {
    let names = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "remark")];
    let count = |(severity, name): (Severity, &str)| Some(counted(*counts.get(&severity)?, name));
    let counts: Vec<_> = names.into_iter().filter_map(count).collect();
    if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") }
}

/// What a check came to.
struct Checked {
    listing: Listing,
    outcome: RunOutcome,
    /// How much could not be looked at.
    lost: u64,
}

impl Checked {
    /// A sentence for people.
    fn sum(&self) -> String {
        let found = found(&self.listing.counts);
        let segments = counted(self.listing.segments, "segment");
        let absent = match self.listing.absent {
            0 => String::new(),
            1 => "; 1 segment is not translated yet".to_owned(),
            some => format!("; {} are not translated yet", counted(some, "segment")),
        };
        format!("{found} in {segments} of {}{absent}", counted(self.listing.looked_at, "article"))
    }
}

/// Sends all that is to be checked through a run that sends nothing and delivers nowhere.
fn check(
    args: &FindingsArgs,
    global: &GlobalArgs,
    project: &Project,
    listing: Listing,
) -> Result<Checked, Failure> {
    let settings = &project.settings;
    let own = Own::open(settings)?;
    let look = Look { project, fields: &args.fields, own: &own, quiet: global.quiet };
    let FoundInputs { inputs, lost, .. } = look.find(&args.paths)?;
    let profile = profile::run_profile(project, None)?;
    let tools = project.tools(&profile, EngineSupplies::default())?;
    let memory = memory_or_empty(settings)?;
    let runtime = runtime()?;
    let makers = runtime.block_on(memory.makers())?;
    let mut options =
        Options { offline: true, next: profile::next_engines(project)?, ..project.options(false) };
    options.peers = peers(settings, &tools, &options, &makers, false)?;
    options.peers.adopted = Earlier::of(tools.engine.info(), &makers, memory.as_ref())?.taken;
    let (events, happened) = Events::channel();
    let lister = list(listing, happened);
    let deliver = sink::nowhere();
    let run = Run { options, deliver, events, ..Run::new(inputs, tools, memory) };
    let outcome = runtime.block_on(run.start());
    let listing = lister.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    Ok(Checked { listing, outcome, lost })
}

/// Takes the findings of a run down, on a thread of its own, until the run is over.
fn list(mut listing: Listing, mut happened: UnboundedReceiver<Event>) -> JoinHandle<io::Result<Listing>> {
    thread::spawn(move || {
        while let Some(event) = happened.blocking_recv() {
            match event {
                Event::Finished => break,
                Event::Written { article, stats, findings, .. } => {
                    listing.add(&article, stats.segments, findings)?;
                }
                Event::Skipped { article, reason } => {
                    let _ = writeln!(io::stderr(), "{}", clean(&format!("{article}: skipped: {reason}")));
                }
                _ => {}
            }
        }
        Ok(listing)
    })
}

/// Which findings are listed.
struct FindingFilter {
    /// All if there are none.
    kinds: Vec<FindingKind>,
    least: Severity,
    /// Names of articles as they were given: one with a bracket in it is a name, too.
    names: Vec<String>,
    articles: Vec<Pattern>,
}

impl FindingFilter {
    fn takes_article(&self, article: &ArticleId) -> bool {
        let name = article.as_str();
        self.names.is_empty()
            || self.names.iter().any(|known| known == name)
            || self.articles.iter().any(|pattern| pattern.matches(name))
    }

    fn takes(&self, finding: &Finding) -> bool {
        finding.severity >= self.least && (self.kinds.is_empty() || self.kinds.contains(&finding.kind))
    }
}

/// Findings as they are printed, in the order of the articles.
struct Listing {
    filter: FindingFilter,
    as_json: bool,
    spool: Spool,
    counts: BTreeMap<Severity, u64>,
    /// Articles of which findings are listed, if there are any.
    looked_at: u64,
    /// Their segments that have a translation.
    segments: u64,
    /// Segments that the memory has no translation of.
    absent: u64,
}

impl Listing {
    fn new(filter: FindingFilter, as_json: bool) -> Result<Self, Failure> {
        let (spool, counts) = (Spool::new()?, BTreeMap::new());
        Ok(Self { filter, as_json, spool, counts, looked_at: 0, segments: 0, absent: 0 })
    }

    /// Takes down what was found in an article.
    fn add(&mut self, article: &ArticleId, segments: u64, findings: Vec<SegmentFinding>) -> io::Result<()> {
        if !self.filter.takes_article(article) {
            return Ok(());
        }
        let is_absent = |found: &SegmentFinding| {
            found.finding.kind == FindingKind::Failed && found.finding.message == ABSENT
        };
        let (absent, findings): (Vec<_>, Vec<_>) = findings.into_iter().partition(is_absent);
        self.absent += absent.len() as u64;
        self.segments += segments - absent.len() as u64;
        self.looked_at += 1;
        let mut text = String::new();
        for found in findings.iter().filter(|found| self.filter.takes(&found.finding)) {
            *self.counts.entry(found.finding.severity).or_default() += 1;
            let lines =
                if self.as_json { vec![object(article, found)?] } else { finding_lines(article, found) };
            for line in lines {
                text.push_str(&if self.as_json { line.into() } else { clean(&line) });
                text.push('\n');
            }
        }
        self.spool.add(article, &text)
    }

    /// Prints all.
    fn print(&mut self) -> Result<(), Failure> {
        let mut out = BufWriter::new(io::stdout().lock());
        self.spool.copy_to(&mut out)?;
        out.flush()?;
        Ok(())
    }
}

/// A finding in a parallel file for programs. The order of the fields is the order in the object.
#[derive(Serialize)]
struct FileFindingObject<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    article: Option<&'a ArticleId>,
    line: usize,
    check: FindingKind,
    severity: Severity,
    message: &'a str,
    is: Option<&'a str>,
    should: Option<&'a str>,
    de: &'a str,
    en: Option<&'a str>,
}

fn file_object(found: &PlacedFinding) -> io::Result<String> {
    let PlacedFinding { article, line, finding, source, target } = found;
    let object = FileFindingObject {
        article: article.as_ref(),
        line: *line,
        check: finding.kind,
        severity: finding.severity,
        message: &finding.message,
        is: target.as_deref().and_then(|target| finding.stands(target)),
        should: finding.should.as_deref(),
        de: source,
        en: target.as_deref(),
    };
    Ok(serde_json::to_string(&object)?)
}

/// A finding for programs. The order of the fields is the order in the object.
#[derive(Serialize)]
struct FindingObject<'a> {
    article: &'a ArticleId,
    segment: usize,
    check: FindingKind,
    severity: Severity,
    message: &'a str,
    /// What stands in the English at its place.
    is: Option<&'a str>,
    should: Option<&'a str>,
    de: &'a str,
    en: Option<&'a str>,
}

fn object(article: &ArticleId, found: &SegmentFinding) -> io::Result<String> {
    let SegmentFinding { segment, finding, source, target } = found;
    let object = FindingObject {
        article,
        segment: *segment,
        check: finding.kind,
        severity: finding.severity,
        message: &finding.message,
        is: target.as_deref().and_then(|target| finding.stands(target)),
        should: finding.should.as_deref(),
        de: source,
        en: target.as_deref(),
    };
    Ok(serde_json::to_string(&object)?)
}
