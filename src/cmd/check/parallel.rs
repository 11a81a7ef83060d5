//! Checks of parallel files, ours or another's: two files side by side, a bilingual file, a folder of outputs.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::bilingual::{
    BilingualFormat, BilingualText, BilingualUnit, UnitState, Units, json_units, line_units, units,
};
use crate::check::{Checks, Doublets, EnglishVariety, Pair, Renderings, german_words, outcomes};
use crate::cmd::failure::{Exit, Failure};
use crate::english::Sentence;
use crate::glossary::Matcher;
use crate::model::{ArticleId, Finding, FindingKind, Severity, TermMatch, TermOutcome};
use crate::report::counted;
use crate::text::foreign;
use crate::write::{Ledger, MANIFEST, Manifest, OutputFormat, WrittenFile};

/// Units that are checked together, on all cores.
const TOGETHER: usize = 2_048;

/// Bytes of a file by which its language is told.
const SAMPLE: u64 = 16 << 10;

/// Units at the beginning of a file among which one must have English, so that the file is taken for a translation.
const LOOKED_AT: usize = 200;

/// Places of spellings that are kept until it is known which variety a text is in.
const SPELLINGS: usize = 10_000;

/// Files with German and English side by side.
pub(super) enum ParallelFiles {
    /// Line n of one is line n of the other.
    Lines { german: PathBuf, english: PathBuf },
    /// A file of a bilingual format, or of JSON lines.
    Units(PathBuf),
    /// What wortlaut wrote into a folder, a file an article.
    Outputs(Vec<OutputPair>),
}

/// The files of an article.
pub(super) struct OutputPair {
    article: ArticleId,
    files: ParallelFile,
}

enum ParallelFile {
    Lines { german: PathBuf, english: PathBuf },
    Units(PathBuf),
}

impl ParallelFile {
    fn units(&self) -> Result<Units, Failure> {
        let units = match self {
            Self::Lines { german, english } => line_units(german, english),
            Self::Units(path) if is_json(path) => json_units(path),
            Self::Units(path) => units(path),
        };
        units.map_err(|error| Failure::new(Exit::Usage, error.to_string()))
    }
}

impl ParallelFiles {
    /// What some paths name; `None` if they are articles, which may have translations in the memory.
    pub(super) fn of(paths: &[PathBuf]) -> Result<Option<Self>, Failure> {
        match paths {
            [german, english] if is_text(german) && is_text(english) && is_english(english) => {
                Ok(Some(Self::Lines { german: german.clone(), english: english.clone() }))
            }
            [path] if path.is_dir() && path.join(MANIFEST).is_file() => outputs(path).map(Some),
            [path] if path.is_file() && is_translated(path) => Ok(Some(Self::Units(path.clone()))),
            _ => Ok(None),
        }
    }

    /// The files, each with the article if it is one of many.
    fn files(self) -> Vec<(Option<ArticleId>, ParallelFile)> {
        match self {
            Self::Lines { german, english } => vec![(None, ParallelFile::Lines { german, english })],
            Self::Units(path) => vec![(None, ParallelFile::Units(path))],
            Self::Outputs(pairs) => pairs.into_iter().map(|pair| (Some(pair.article), pair.files)).collect(),
        }
    }
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "jsonl" || extension == "ndjson")
}

/// Whether a file is plain text by its name: of no format that has names of its own.
fn is_text(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    path.is_file()
        && matches!(
            extension.as_deref(),
            None | Some("txt" | "text" | "de" | "en" | "src" | "ref" | "hyp" | "mt" | "out")
        )
}

/// Whether a text reads as English: articles are German.
fn is_english(path: &Path) -> bool {
    let mut sample = Vec::new();
    let read = File::open(path).and_then(|file| file.take(SAMPLE).read_to_end(&mut sample));
    let text = String::from_utf8_lossy(&sample);
    read.is_ok()
        && (foreign(text.lines()) == Some("English") || german_words(&Sentence::new(text.as_ref()), &[]) == 0)
}

/// Whether a file has units with English. One that cannot be read as a bilingual file may be a corpus.
fn is_translated(path: &Path) -> bool {
    if is_json(path) {
        let Ok(file) = File::open(path) else { return false };
        let lines = BufReader::new(file.take(1 << 20)).lines().map_while(Result::ok).take(LOOKED_AT);
        return lines.filter_map(|line| serde_json::from_str::<serde_json::Value>(&line).ok()).any(|row| {
            let has = |names: [&str; 3]| {
                names.iter().any(|name| row.get(name).is_some_and(serde_json::Value::is_string))
            };
            has(["de", "source", "src"]) && has(["en", "target", "mt"])
        });
    }
    let Some(_) = BilingualFormat::of(path) else { return false };
    let Ok(units) = units(path) else { return false };
    units.take(LOOKED_AT).map_while(Result::ok).any(|unit| unit.target.is_some())
}

/// The files of a folder of outputs, of each article the one that says most.
fn outputs(folder: &Path) -> Result<ParallelFiles, Failure> {
    let manifest = Manifest::load(folder)?;
    let written = manifest
        .files()
        .map_err(|source| Failure::new(Exit::Usage, format!("cannot read {}: {source}", folder.display())))?;
    let mut of_article: BTreeMap<ArticleId, Vec<WrittenFile>> = BTreeMap::new();
    for file in written {
        of_article.entry(file.article.clone()).or_default().push(file);
    }
    let known = |files: &[WrittenFile]| -> Option<ParallelFile> {
        const FORMATS: [OutputFormat; 7] = [
            OutputFormat::Jsonl,
            OutputFormat::Xliff,
            OutputFormat::Xliff12,
            OutputFormat::Tmx,
            OutputFormat::Tsv,
            OutputFormat::TsvBom,
            OutputFormat::Xlsx,
        ];
        let of = |format: OutputFormat| files.iter().find(|file| file.format == format);
        let path = |file: &WrittenFile| folder.join(&file.path);
        if let Some(file) = FORMATS.into_iter().find_map(of) {
            return Some(ParallelFile::Units(path(file)));
        }
        let line = |ending: &str| files.iter().find(|file| file.path.ends_with(ending)).map(path);
        Some(ParallelFile::Lines { german: line(".de.txt")?, english: line(".en.txt")? })
    };
    let articles = of_article.len();
    let pairs: Vec<OutputPair> = of_article
        .into_iter()
        .filter_map(|(article, files)| Some(OutputPair { article, files: known(&files)? }))
        .collect();
    if pairs.is_empty() && articles > 0 {
        let message =
            format!("the files in {} do not have German and English side by side", folder.display());
        return Err(Failure::new(Exit::Usage, message)
            .hint("translate with --format jsonl, lines, tsv, xlsx, tmx or xliff".to_owned()));
    }
    Ok(ParallelFiles::Outputs(pairs))
}

/// A finding with its place.
#[derive(Debug)]
pub(super) struct PlacedFinding {
    /// The article, if there are several.
    pub(super) article: Option<ArticleId>,
    /// The line of the file, or the number of the segment, counted from 1.
    pub(super) line: usize,
    pub(super) finding: Finding,
    pub(super) source: String,
    pub(super) target: Option<String>,
}

/// What a check of files came to.
#[derive(Debug, Default)]
pub(super) struct FileCounts {
    pub(super) segments: u64,
    pub(super) files: u64,
    /// Segments without English.
    pub(super) empty: u64,
}

/// A check of files in progress.
pub(super) struct FileCheck<'a> {
    checks: Checks,
    matcher: &'a Matcher,
    doublets: Doublets,
    renderings: Renderings,
    /// Spellings of each variety, as long as it is open which one is meant.
    spellings: HashMap<EnglishVariety, Vec<PlacedFinding>>,
}

/// A unit with all that was found in it.
struct CheckedUnit {
    unit: BilingualUnit,
    line: usize,
    source: Sentence,
    target: Sentence,
    findings: Vec<Finding>,
    spellings: Vec<(EnglishVariety, Finding)>,
    outcomes: Vec<TermOutcome>,
}

impl CheckedUnit {
    fn pair(&self) -> Pair<'_> {
        Pair { source: &self.source, target: &self.target, outcomes: &self.outcomes }
    }

    /// Its article, of which the name is empty in a file that is none of several.
    fn place(&self, article: Option<&ArticleId>) -> ArticleId {
        ArticleId::new(article.or(self.unit.article.as_ref()).map_or("", ArticleId::as_str))
    }
}

impl<'a> FileCheck<'a> {
    pub(super) fn new(checks: Checks, matcher: &'a Matcher) -> Self {
        Self {
            checks,
            matcher,
            doublets: Doublets::default(),
            renderings: Renderings::default(),
            spellings: HashMap::new(),
        }
    }

    /// Checks files and gives what it finds to `tell`, file by file and line by line; last what concerns all of them.
    pub(super) fn run(
        mut self,
        files: ParallelFiles,
        tell: &mut dyn FnMut(PlacedFinding) -> Result<(), Failure>,
    ) -> Result<FileCounts, Failure> {
        let mut counts = FileCounts::default();
        let mut number = 0;
        for (article, file) in files.files() {
            counts.files += 1;
            let mut units = file.units()?;
            let mut chunk = read(&mut units)?;
            while !chunk.is_empty() {
                let first = number;
                let look = || -> Vec<CheckedUnit> {
                    let units = chunk.into_par_iter().enumerate();
                    units.map(|(at, unit)| self.look(unit, first + at + 1)).collect()
                };
                let (checked, following) = rayon::join(look, || read(&mut units));
                self.observe(&checked, article.as_ref());
                for unit in checked {
                    counts.segments += 1;
                    number += 1;
                    counts.empty += u64::from(unit.unit.target.is_none());
                    self.tell(unit, article.as_ref(), tell)?;
                }
                chunk = following?;
            }
        }
        self.tell_of_all(tell)?;
        Ok(counts)
    }

    /// Looks at one unit.
    fn look(&self, unit: BilingualUnit, number: usize) -> CheckedUnit {
        let english = unit.target.as_ref().map(BilingualText::text).unwrap_or_default();
        let (source, target) = (Sentence::new(unit.source.text()), Sentence::new(english));
        let terms: Vec<TermMatch> = match &unit.article {
            Some(article) => self.matcher.find_in(article.as_str(), source.text()),
            None => self.matcher.find(source.text()),
        };
        let outcomes = outcomes(&source, &terms, &target);
        let pair = Pair { source: &source, target: &target, outcomes: &outcomes };
        let mut findings = self.checks.findings(pair);
        findings.extend(markup(&unit));
        let findings = self.checks.graded(findings);
        let spellings = match self.checks.spelling {
            Some(_) => Vec::new(),
            None => EnglishVariety::ALL
                .into_iter()
                .flat_map(|wanted| {
                    let findings = self.checks.graded(crate::check::spelling(pair, wanted));
                    findings.into_iter().map(move |finding| (wanted, finding))
                })
                .collect(),
        };
        let line = match unit.line {
            0 => unit.segment.unwrap_or(number),
            line => line,
        };
        CheckedUnit { unit, line, source, target, findings, spellings, outcomes }
    }

    /// Takes down how names and terms are rendered, on all cores.
    fn observe(&mut self, checked: &[CheckedUnit], article: Option<&ArticleId>) {
        let observed = |mut seen: Renderings, checked: &CheckedUnit| {
            if checked.unit.target.is_some() {
                seen.observe(&checked.place(article), checked.line, checked.pair());
            }
            seen
        };
        let merged = |mut one: Renderings, other| {
            one.merge(other);
            one
        };
        let seen = checked.par_iter().fold(Renderings::default, observed).reduce(Renderings::default, merged);
        self.renderings.merge(seen);
    }

    fn tell(
        &mut self,
        checked: CheckedUnit,
        article: Option<&ArticleId>,
        tell: &mut dyn FnMut(PlacedFinding) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let (place, line) = (checked.place(article), checked.line);
        let doublets = match checked.unit.target {
            Some(_) => self.doublets.findings(&place, line, checked.pair()),
            None => Vec::new(),
        };
        let CheckedUnit { unit, source, target, mut findings, spellings, .. } = checked;
        findings.extend(self.checks.graded(doublets));
        let article = article.or(unit.article.as_ref());
        let placed = |finding| PlacedFinding {
            article: article.cloned(),
            line,
            finding,
            source: source.text().to_owned(),
            target: unit.target.as_ref().map(|_| target.text().to_owned()),
        };
        for (variety, finding) in spellings {
            let kept = self.spellings.entry(variety).or_default();
            if kept.len() < SPELLINGS {
                kept.push(placed(finding));
            }
        }
        findings.into_iter().try_for_each(|finding| tell(placed(finding)))
    }

    /// What can only be said of all texts together.
    fn tell_of_all(self, tell: &mut dyn FnMut(PlacedFinding) -> Result<(), Failure>) -> Result<(), Failure> {
        let count = |variety| self.spellings.get(&variety).map_or(0, Vec::len);
        let [american, british] = EnglishVariety::ALL.map(count);
        let mut spellings = self.spellings;
        // Findings for American are British words: of a mixture the rarer ones are told.
        if american > 0 && british > 0 {
            let wanted = if american <= british { EnglishVariety::American } else { EnglishVariety::British };
            spellings.remove(&wanted).into_iter().flatten().try_for_each(&mut *tell)?;
        }
        for found in self.renderings.inconsistencies() {
            // Of a name that stands once in each way nobody knows which one is meant.
            let Some((first, others)) = found.renderings.split_first().filter(|(first, _)| first.count > 1)
            else {
                continue;
            };
            for other in others {
                let message = format!(
                    "“{}” is rendered as “{}” here and as “{}” in {}",
                    found.name,
                    other.text,
                    first.text,
                    counted(first.count, "segment")
                );
                let finding = Finding::new(FindingKind::Consistency, Severity::Warning, message);
                let graded =
                    self.checks.graded(vec![Finding { should: Some(first.text.clone()), ..finding }]);
                let article =
                    Some(other.article.as_str()).filter(|name| !name.is_empty()).map(ArticleId::new);
                for finding in graded {
                    tell(PlacedFinding {
                        article: article.clone(),
                        line: other.segment,
                        finding,
                        source: found.name.clone(),
                        target: Some(other.text.clone()),
                    })?;
                }
            }
        }
        Ok(())
    }
}

/// The units that are checked next; none at the end of the file. Those that need no translation are passed over.
fn read(units: &mut Units) -> Result<Vec<BilingualUnit>, Failure> {
    let is_kept =
        |unit: &Result<BilingualUnit, _>| unit.as_ref().is_ok_and(|unit| unit.state == UnitState::Kept);
    let chunk: Result<_, _> = units.filter(|unit| !is_kept(unit)).take(TOGETHER).collect();
    chunk.map_err(|error| Failure::new(Exit::Usage, error.to_string()))
}

/// Markup of the German that the English does not have.
fn markup(unit: &BilingualUnit) -> Vec<Finding> {
    let Some(target) = &unit.target else { return Vec::new() };
    let theirs: Vec<String> = target.codes().into_iter().map(|code| code.id).collect();
    let missing = unit.source.codes().into_iter().find(|code| !theirs.contains(&code.id));
    let message = |id: &str| format!("the markup {id} of the German is missing in the English");
    missing
        .map(|code| Finding::new(FindingKind::Markup, Severity::Error, message(&code.id)))
        .into_iter()
        .collect()
}
