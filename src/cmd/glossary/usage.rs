//! `glossary usage`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use parking_lot::Mutex;
use serde_json::json;

use super::super::failure::{Exit, Failure};
use super::super::global::GlobalArgs;
use super::super::output::print;
use super::corpus::{CorpusArgs, TranslatedCorpus};
use super::entries::{entry_count, no_entry};
use crate::glossary::Glossary;
use crate::model::{ArticleId, MatchKind, ParallelDocument, Unit};
use crate::report::clean;
use crate::text::characters::one_line;

/// Show where terms occur, how they were rendered, and which rung made them hold.
///
/// Nothing is sent: the engine's answers in the memory are processed as in a run. Sentences without an answer count as not
/// translated yet.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wortlaut glossary usage                             all entries, most frequent first
  wortlaut glossary usage 'Ferner Osten'              each place where one occurs
  wortlaut glossary usage 'Ferner Osten' articles/a.txt
  wortlaut glossary usage --unused                    entries that occur nowhere")]
pub(in crate::cmd) struct UsageArgs {
    /// The German term exactly as in the glossary
    pub(super) term: Option<String>,
    /// Articles or folders of articles [default: articles]
    pub(super) paths: Vec<PathBuf>,
    /// Only entries that occur nowhere
    #[arg(long, conflicts_with = "term")]
    pub(super) unused: bool,
    #[command(flatten)]
    pub(super) corpus: CorpusArgs,
}

/// One place where an entry occurs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct TermPlace {
    article: ArticleId,
    /// Counted from 1.
    segment: usize,
    surface: String,
    rendering: Option<String>,
    /// `native` to `placeholder`, `not held`, `not translated`, `inside a compound`.
    how: &'static str,
    german: String,
    english: Option<String>,
}

/// What became of an entry in the corpus.
#[derive(Debug, Clone, Default)]
struct EntryUse {
    count: u64,
    how: BTreeMap<&'static str, u64>,
    renderings: BTreeMap<String, u64>,
    /// Only kept for an entry that was named.
    places: Vec<TermPlace>,
}

type EntryUses = BTreeMap<String, EntryUse>;

pub(super) fn run(args: &UsageArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = args.corpus.project(global)?;
    let glossary = project.required_glossary()?;
    let has = |term: &str| glossary.entries().iter().any(|entry| entry.source == term);
    let (term, paths) = match &args.term {
        // A single path is a path, unless there is an entry of that name.
        Some(term) if !has(term) && Path::new(term).exists() => {
            (None, std::iter::once(PathBuf::from(term)).chain(args.paths.iter().cloned()).collect())
        }
        term => (term.as_deref(), args.paths.clone()),
    };
    if let Some(term) = term.filter(|term| !has(term)) {
        return Err(no_entry(term, &project.settings.glossary.path));
    }
    let uses = uses(&TranslatedCorpus::open(&project, &paths, "wortlaut glossary usage")?, term)?;
    match term {
        Some(term) => places(uses.get(term).cloned().unwrap_or_default(), args.corpus.json)?,
        None if args.unused => unused(&glossary, &uses, args.corpus.json)?,
        None => all(&glossary, uses, args.corpus.json)?,
    }
    Ok(Exit::Ok)
}

/// Adds up the whole corpus.
fn uses(corpus: &TranslatedCorpus, term: Option<&str>) -> Result<EntryUses, Failure> {
    let uses: Arc<Mutex<EntryUses>> = Arc::default();
    let (adding, term) = (Arc::clone(&uses), term.map(str::to_owned));
    corpus.each(Arc::new(move |document| add(&mut adding.lock(), document, term.as_deref())))?;
    let uses = std::mem::take(&mut *uses.lock());
    Ok(uses)
}

/// Adds an article.
fn add(uses: &mut EntryUses, document: &ParallelDocument, term: Option<&str>) {
    let source = document.source();
    for (index, (segment, unit)) in source.segments().iter().zip(document.units()).enumerate() {
        let english = unit.target();
        for (found, hold) in unit.terms() {
            let rendering = hold.zip(english).and_then(|(hold, text)| text.get(hold.span.clone()));
            let how = match (unit, found.kind, hold) {
                (Unit::Failed { .. }, ..) => "not translated",
                (_, MatchKind::Part, _) => "inside a compound",
                (_, _, None) => "not held",
                (_, _, Some(hold)) => hold.rung.as_str(),
            };
            let entry = uses.entry(found.entry.source.clone()).or_default();
            entry.count += 1;
            *entry.how.entry(how).or_default() += 1;
            if let Some(rendering) = rendering {
                *entry.renderings.entry(rendering.to_owned()).or_default() += 1;
            }
            if term == Some(found.entry.source.as_str()) {
                let german = source.source(segment);
                entry.places.push(TermPlace {
                    article: source.article().id.clone(),
                    segment: index + 1,
                    surface: found.surface(german).to_owned(),
                    rendering: rendering.map(str::to_owned),
                    how,
                    german: german.to_owned(),
                    english: english.map(str::to_owned),
                });
            }
        }
    }
}

/// Prints each place of one entry.
fn places(mut found: EntryUse, as_json: bool) -> Result<(), Failure> {
    found.places.sort();
    for place in &found.places {
        if as_json {
            let row = json!({
                "article": place.article, "segment": place.segment, "surface": place.surface,
                "rendering": place.rendering, "how": place.how, "de": place.german, "en": place.english,
            });
            print(&row.to_string())?;
            continue;
        }
        let rendering = place.rendering.as_deref().map(|text| format!(" → {text}")).unwrap_or_default();
        let head = format!(
            "{}, segment {}: {}{rendering} ({})",
            place.article, place.segment, place.surface, place.how
        );
        print(&clean(&head))?;
        for text in std::iter::once(&place.german).chain(&place.english) {
            print(&clean(&format!("    {}", one_line(text))))?;
        }
    }
    Ok(())
}

/// Prints the entries that occur nowhere.
fn unused(glossary: &Glossary, uses: &EntryUses, as_json: bool) -> Result<(), Failure> {
    for entry in glossary.entries().iter().filter(|entry| !uses.contains_key(&entry.source)) {
        if as_json {
            print(
                &json!({ "source": entry.source, "target": entry.target(), "origin": entry.origin })
                    .to_string(),
            )?;
        } else {
            print(&clean(&format!("{}: {}", entry.origin, entry.source)))?;
        }
    }
    Ok(())
}

/// Prints all entries that occur, the most frequent first.
fn all(glossary: &Glossary, uses: EntryUses, as_json: bool) -> Result<(), Failure> {
    let mut rows: Vec<(String, EntryUse)> = uses.into_iter().collect();
    rows.sort_by(|a, b| b.1.count.cmp(&a.1.count).then_with(|| a.0.cmp(&b.0)));
    let width = rows.iter().map(|(source, _)| source.chars().count()).max().unwrap_or(0).min(40);
    let counted = |counts: Vec<(&str, u64)>| {
        counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
    };
    for (source, found) in &rows {
        if as_json {
            let row = json!({
                "source": source, "occurrences": found.count, "how": found.how, "renderings": found.renderings,
            });
            print(&row.to_string())?;
            continue;
        }
        let how = counted(found.how.iter().map(|(name, count)| (*name, *count)).collect());
        let mut renderings: Vec<_> =
            found.renderings.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        renderings.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
        print(&clean(&format!("{:>6}  {source:width$}  {how}  |  {}", found.count, counted(renderings))))?;
    }
    if !as_json {
        let idle =
            glossary.entries().iter().filter(|e| !rows.iter().any(|(source, _)| *source == e.source)).count();
        print(&format!(
            "occurring: {}; not occurring: {idle} (--unused lists them)",
            entry_count(rows.len())
        ))?;
    }
    Ok(())
}
