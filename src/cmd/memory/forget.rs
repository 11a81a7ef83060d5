//! `wortlaut memory forget`: answers that the next run has to pay for again.

use std::io::{self, Write};

use clap::{ArgGroup, Args};
use glob::Pattern;

use crate::memory::{Forgotten, Selection};
use crate::model::SegmentedArticle;
use crate::pipeline::{self, Input, normalise};
use crate::read::{self, Corpus, SourceSearch};
use crate::report::clean;
use crate::text::Segmenter;

use super::super::ask::confirm;
use super::super::failure::{Exit, Failure};
use super::super::global::GlobalArgs;
use super::super::output::print;
use super::super::own::Own;
use super::super::project::Project;
use super::super::project_memory::{existing_memory, lock_memory, memory_name, open_memory};
use super::super::runtime::runtime;

/// Forget answers, so that the next run sends their segments, and pays for them, again.
///
/// An answer is forgotten if it meets all the conditions given. To keep an answer until there is a better one, use
/// `wortlaut translate --again`.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Args)]
#[command(
    group(ArgGroup::new("what").required(true).multiple(true).args(["text", "article", "engine", "unusable"])),
    after_help = "\
Examples:
  wortlaut memory forget 'Der Hafen ist leer.'       the answers to a sentence
  wortlaut memory forget --article 'news/*'          the answers to the sentences of articles
  wortlaut memory forget --engine deepl --dry-run    how many answers a profile has given
  wortlaut memory forget --unusable --yes            answers that were not translations"
)]
pub(in crate::cmd) struct ForgetArgs {
    /// German text of a segment
    #[arg(value_name = "TEXT")]
    pub(in crate::cmd) text: Option<String>,
    /// Segments of the articles whose names match, as they are in translate.input now
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cmd) article: Option<String>,
    /// Answers of an engine profile
    #[arg(long, value_name = "PROFILE")]
    pub(in crate::cmd) engine: Option<String>,
    /// Only answers that were not translations
    #[arg(long)]
    pub(in crate::cmd) unusable: bool,
    /// Show how much would be forgotten, and forget nothing
    #[arg(long)]
    pub(in crate::cmd) dry_run: bool,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub(in crate::cmd) yes: bool,
    /// One JSON object
    #[arg(long)]
    pub(in crate::cmd) json: bool,
}

pub(super) fn forget(args: &ForgetArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let project = Project::open(global, [])?;
    let selection = Selection {
        sources: sources(args, &project)?,
        engine: args.engine.clone(),
        unusable_only: args.unusable,
        before: None,
    };
    let Some(memory) = existing_memory(&project.settings)? else {
        print(&clean(&format!("there is no translation memory {} yet", memory_name(&project.settings))))?;
        return Ok(Exit::Ok);
    };
    let runtime = runtime()?;
    let chosen = runtime.block_on(memory.chosen(selection.clone()))?;
    drop(memory);
    if args.dry_run || chosen == Forgotten::default() {
        report(args, chosen, "would be forgotten")?;
        return Ok(Exit::Ok);
    }
    let question = format!("Forget {}? Translating again costs again.", amount(chosen));
    if !args.yes && !confirm(&question, &format!("{} would be forgotten", amount(chosen)))? {
        print("nothing was forgotten")?;
        return Ok(Exit::Ok);
    }
    let _lock = lock_memory(&project.settings)?;
    let memory = open_memory(&project.settings)?;
    let forgotten = runtime.block_on(memory.forget(selection));
    runtime.block_on(memory.close())?;
    report(args, forgotten?, "forgotten")?;
    Ok(Exit::Ok)
}

fn report(args: &ForgetArgs, forgotten: Forgotten, what: &str) -> Result<(), Failure> {
    let Forgotten { translations, unusable } = forgotten;
    if args.json {
        let is_forgotten = !args.dry_run && forgotten != Forgotten::default();
        let object =
            serde_json::json!({ "answers": translations, "unusable": unusable, "forgotten": is_forgotten });
        return print(&object.to_string());
    }
    print(&format!("{} {what}", amount(forgotten)))
}

/// The texts whose answers are chosen; `None` if all are.
fn sources(args: &ForgetArgs, project: &Project) -> Result<Option<Vec<String>>, Failure> {
    let text = args.text.as_deref().map(|text| normalise(text.trim()).into_owned());
    let of_articles = args.article.as_deref().map(|glob| texts_of(glob, project)).transpose()?;
    Ok(match (text, of_articles) {
        (Some(text), Some(texts)) => Some(texts.into_iter().filter(|other| *other == text).collect()),
        (Some(text), None) => Some(vec![text]),
        (None, texts) => texts,
    })
}

/// The texts of the segments of all articles whose names match.
fn texts_of(glob: &str, project: &Project) -> Result<Vec<String>, Failure> {
    let pattern = Pattern::new(glob)
        .map_err(|error| Failure::new(Exit::Usage, format!("{glob:?} is not a pattern: {error}")))?;
    let matches = |id: &str| id == glob || pattern.matches(id);
    let settings = &project.settings;
    let segmenter = project.segmenter()?;
    let options = project.read_options();
    let own = Own::open(settings)?;
    let search = SourceSearch {
        excluded: &[&settings.translate.output],
        corpora: settings.translate.text_field().is_some(),
        is_output: &|path| own.lists(path),
    };
    let found =
        read::sources(&settings.translate.input, search).map_err(|error| Failure::new(Exit::Usage, error))?;
    let mut texts = Vec::new();
    let mut articles = 0;
    let mut add = |segmented: Result<SegmentedArticle, String>| match segmented {
        Ok(article) => {
            articles += 1;
            let segments = article.segments().iter();
            texts.extend(segments.map(|segment| normalise(article.source(segment)).into_owned()));
        }
        Err(reason) => drop(writeln!(io::stderr(), "{}", clean(&reason))),
    };
    for source in found.articles.into_iter().filter(|source| matches(source.id.as_str())) {
        add(pipeline::segmented(&Input::File(source), segmenter.as_ref(), &options));
    }
    for source in found.corpora {
        let corpus = Corpus { id: source.id, path: source.path, fields: project.fields() };
        records(&corpus, &matches, (segmenter.as_ref(), &options), &mut add)?;
    }
    if articles == 0 {
        let message = format!("no article in {} matches {glob:?}", settings.translate.input.display());
        return Err(Failure::new(Exit::Usage, message).hint("articles are named as in the jsonl output"));
    }
    Ok(texts)
}

/// Segments the records of a corpus whose names match.
fn records(
    corpus: &Corpus,
    matches: &dyn Fn(&str) -> bool,
    (segmenter, options): (&dyn Segmenter, &read::ReadOptions),
    add: &mut dyn FnMut(Result<SegmentedArticle, String>),
) -> Result<(), Failure> {
    let unreadable = |error: read::ReadError| Failure::new(Exit::Usage, error);
    for record in corpus.open(options).map_err(unreadable)? {
        match record.map_err(unreadable)?.article {
            Ok(article) if matches(article.id.as_str()) => add(pipeline::segment(article, segmenter)),
            _ => {}
        }
    }
    Ok(())
}

/// `12 translations and 1 unusable answer`.
fn amount(forgotten: Forgotten) -> String {
    let plural = |count: u64, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let translations = plural(forgotten.translations, "translation");
    match forgotten.unusable {
        0 => translations,
        unusable => format!("{translations} and {}", plural(unusable, "unusable answer")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_words() {
        let amount = |translations, unusable| amount(Forgotten { translations, unusable });
        assert_eq!(amount(1, 0), "1 translation");
        assert_eq!(amount(0, 2), "0 translations and 2 unusable answers");
    }
}
