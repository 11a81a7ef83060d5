//! What a command is to read: files, folders, patterns, and what comes through a pipe.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use clap::Args;

use crate::config::SettingFlag;
use crate::model::ArticleId;
use crate::pipeline::{Input, Inputs};
use crate::read::{self, ArticleFile, ArticleFormat, Corpus, FoundFiles, ReadError, SourceSearch, TextType};
use crate::report::clean;

use super::choices::any_of;
use super::failure::{Exit, Failure};
use super::own::Own;
use super::project::Project;

/// Which fields of a corpus are what.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct FieldArgs {
    /// Field of a corpus with the German text [default: text, for a corpus file that is named]
    #[arg(long, value_name = "NAME")]
    pub(super) text_field: Option<String>,
    /// What that text is written in: HTML where it looks like it (auto), plain or html [default: auto]
    #[arg(long, value_name = "TYPE", value_parser = any_of::<TextType>())]
    pub(super) text_type: Option<String>,
    /// Field of a corpus with the ids of its articles [default: file and line number]
    #[arg(long, value_name = "NAME")]
    pub(super) id_field: Option<String>,
    /// Fields of a corpus that go into jsonl, tsv, xlsx, tmx and xliff with each segment, separated by commas
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(super) keep_fields: Vec<String>,
    /// Field of a corpus that the English is written to [default: the German field with _en]
    #[arg(long, value_name = "NAME")]
    pub(super) target_field: Option<String>,
}

impl FieldArgs {
    /// The settings that they are.
    pub(super) fn flags(&self) -> [SettingFlag; 5] {
        let kept = (!self.keep_fields.is_empty()).then(|| self.keep_fields.clone());
        [
            SettingFlag::new("text-field", "translate.text_field", self.text_field.clone()),
            SettingFlag::new("text-type", "translate.text_type", self.text_type.clone()),
            SettingFlag::new("id-field", "translate.id_field", self.id_field.clone()),
            SettingFlag::new("target-field", "translate.target_field", self.target_field.clone()),
            SettingFlag::new("keep-fields", "translate.keep_fields", kept),
        ]
    }
}

/// What there is to translate.
pub(super) struct FoundInputs {
    pub(super) inputs: Inputs,
    /// How much could not be looked at.
    pub(super) lost: u64,
    /// Whether it is one article or corpus that was named itself, whose English need not go to a folder.
    pub(super) is_single: bool,
}

/// How inputs are looked for.
pub(super) struct Look<'a> {
    pub(super) project: &'a Project,
    pub(super) fields: &'a FieldArgs,
    pub(super) own: &'a Own,
    pub(super) quiet: bool,
}

/// A path that was named, or that a pattern stands for.
struct NamedInput {
    path: PathBuf,
    /// What the name of its article begins with.
    prefix: String,
}

impl Look<'_> {
    /// Finds what is at the paths, or at the input of the settings if there are none.
    pub(super) fn find(&self, paths: &[PathBuf]) -> Result<FoundInputs, Failure> {
        let default = [self.project.settings.translate.input.clone()];
        let paths = if paths.is_empty() { &default } else { paths };
        let is_single = matches!(paths, [path] if is_pipe(path) || path.is_file());
        let mut all = FoundFiles::default();
        let mut pipes = Vec::new();
        for path in paths {
            for named in expand(path)? {
                if is_pipe(&named.path) {
                    pipes.push(self.pipe(&named.path)?);
                } else {
                    self.add(named, is_single, &mut all)?;
                }
            }
        }
        refuse_double_names(&mut all, &pipes)?;
        self.report_left_out(&all);
        if all.articles.is_empty() && all.corpora.is_empty() && pipes.is_empty() {
            let places: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
            let message = format!("there are no articles in {}", places.join(", "));
            return Err(Failure::new(Exit::Usage, message).hint(
                "articles are .txt, .md, .html, .docx, .srt, .xlf and .tmx files; corpora, .jsonl and .csv, are read \
                 if --text-field names the text",
            ));
        }
        // A link that leads in a circle hides nothing: what it points to is read where it stands.
        let lost = all.problems.iter().filter(|problem| !matches!(problem, ReadError::Loop { .. })).count();
        let fields = self.project.fields();
        let corpus = |ArticleFile { id, path }| Corpus { id, path, fields: fields.clone() };
        let inputs = Inputs {
            articles: pipes.into_iter().chain(all.articles.into_iter().map(Input::File)).collect(),
            corpora: all.corpora.into_iter().map(corpus).collect(),
        };
        Ok(FoundInputs { inputs, lost: lost as u64, is_single })
    }

    /// Adds what is at a path that was named.
    fn add(&self, named: NamedInput, is_single: bool, all: &mut FoundFiles) -> Result<(), Failure> {
        let NamedInput { path, prefix } = named;
        if path.is_file() && self.own.wrote(&path) {
            // Of several, such as those that a shell made of a pattern, the others are meant.
            return if is_single { Err(own_output(&path)) } else { Ok(()) };
        }
        let settings = &self.project.settings.translate;
        let is_output = |path: &Path| self.own.lists(path);
        let search = SourceSearch {
            excluded: &[&settings.output],
            corpora: settings.text_field().is_some(),
            is_output: &is_output,
        };
        let found = read::sources(&path, search).map_err(|error| {
            Failure::new(Exit::Usage, error).hint("name an article or a folder, or set translate.input")
        })?;
        let named = |source: ArticleFile| ArticleFile {
            id: ArticleId::new(&format!("{prefix}{}", source.id)),
            ..source
        };
        all.articles.extend(found.articles.into_iter().map(named));
        all.corpora.extend(found.corpora.into_iter().map(named));
        for (extension, count) in found.others {
            *all.others.entry(extension).or_default() += count;
        }
        all.special.extend(found.special);
        all.problems.extend(found.problems);
        Ok(())
    }

    /// The article that comes through a pipe.
    fn pipe(&self, path: &Path) -> Result<Input, Failure> {
        if self.fields.text_field.is_some() || read::is_corpus(path) {
            return Err(Failure::new(
                Exit::Usage,
                "standard input and pipes hold one article, not a corpus with fields",
            )
            .hint("write the corpus to a file and name the file"));
        }
        // One byte more than an article may have, so that a larger one is refused and not cut.
        let limit = read::ReadOptions::default().max_bytes.saturating_add(1);
        let mut bytes = Vec::new();
        let read = if path == Path::new("-") {
            io::stdin().take(limit).read_to_end(&mut bytes)
        } else {
            File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
        };
        let name = if path == Path::new("-") { "standard input".into() } else { path.to_string_lossy() };
        read.map_err(|error| Failure::new(Exit::Usage, format!("cannot read {name}: {error}")))?;
        let own =
            path.file_name().and_then(|name| name.to_str()).filter(|_| ArticleFormat::of(path).is_some());
        let id = ArticleId::new(own.unwrap_or_else(|| read::name_of_pipe(&bytes)));
        Ok(Input::Bytes(id, bytes))
    }

    /// Says what is left out.
    fn report_left_out(&self, all: &FoundFiles) {
        let line = |text: &str| drop(writeln!(io::stderr(), "{}", clean(text)));
        for problem in &all.problems {
            line(&problem.to_string());
        }
        if self.quiet {
            return;
        }
        for path in &all.special {
            line(&format!("left out {}: it is a device, a pipe or a socket, not a file", path.display()));
        }
        if let Some(text) = other_types(&all.others) {
            line(&text);
        }
    }
}

/// What is said of files of other types; `None` if there are none.
fn other_types(others: &BTreeMap<String, usize>) -> Option<String> {
    let count: usize = others.values().sum();
    let mut kinds: Vec<_> = others.iter().collect();
    kinds.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    let kind = |(name, count): &(&String, &usize)| match name.as_str() {
        "" => format!("without extension {count}"),
        name => format!("{name} {count}"),
    };
    let kinds: Vec<_> = kinds.iter().map(kind).collect();
    let files = if count == 1 { "file of another type" } else { "files of other types" };
    (count > 0).then(|| format!("{count} {files} left out: {}", kinds.join(", ")))
}

/// Whether an article comes through a path as through standard input: it can be read once, and has no size.
fn is_pipe(path: &Path) -> bool {
    path == Path::new("-") || path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// The paths that a pattern stands for; a path that is there is itself, whatever its name looks like.
fn expand(path: &Path) -> Result<Vec<NamedInput>, Failure> {
    let itself = || vec![NamedInput { path: path.to_owned(), prefix: String::new() }];
    let is_there = path == Path::new("-") || path.symlink_metadata().is_ok();
    let Some(pattern) = path.to_str().filter(|text| !is_there && text.contains(['*', '?', '['])) else {
        return Ok(itself());
    };
    // As in a shell: a star does not stand for hidden files, nor for a slash.
    let options = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let wrong = |error: glob::PatternError| Failure::new(Exit::Usage, format!("{pattern}: {error}"));
    let base = pattern_base(path);
    let mut all = Vec::new();
    for found in glob::glob_with(pattern, options).map_err(wrong)? {
        let path = found.map_err(|error| Failure::new(Exit::Usage, error))?;
        let below = path.strip_prefix(&base).unwrap_or(&path);
        // The name of a file is that of its article; a folder stands before those of all articles in it.
        let prefix = if path.is_dir() { Some(below) } else { below.parent() };
        let parts =
            prefix.into_iter().flat_map(Path::components).map(|part| part.as_os_str().to_string_lossy());
        let prefix = parts.flat_map(|part| [part, "/".into()]).collect();
        all.push(NamedInput { path, prefix });
    }
    if all.is_empty() {
        return Err(Failure::new(Exit::Usage, format!("no file matches {pattern}")));
    }
    Ok(all)
}

/// The part of a pattern before its first wild card; of a path without one, all of it.
pub(super) fn pattern_base(pattern: &Path) -> PathBuf {
    let is_plain = |part: &Component<'_>| !part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    pattern.components().take_while(is_plain).collect()
}

/// Takes out files that were found twice, and refuses two articles of one name.
fn refuse_double_names(all: &mut FoundFiles, pipes: &[Input]) -> Result<(), Failure> {
    let mut seen = HashSet::new();
    let mut is_new =
        |source: &ArticleFile| seen.insert(source.path.canonicalize().unwrap_or(source.path.clone()));
    all.articles.retain(&mut is_new);
    all.corpora.retain(is_new);
    let mut names: HashMap<&ArticleId, String> = HashMap::new();
    let files = all.articles.iter().chain(&all.corpora);
    let files = files.map(|source| (&source.id, source.path.display().to_string()));
    for (id, path) in files.chain(pipes.iter().map(|pipe| (pipe.id(), "a pipe".to_owned()))) {
        if let Some(other) = names.insert(id, path.clone()) {
            let message = format!("{other} and {path} would both be the article {id}");
            return Err(
                Failure::new(Exit::Usage, message).hint("name a folder that holds both, or rename one")
            );
        }
    }
    all.articles.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    all.corpora.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    Ok(())
}

fn own_output(path: &Path) -> Failure {
    let message = format!("{} is an output of wortlaut, not an article", path.display());
    Failure::new(Exit::Usage, message)
        .hint("name the German article instead; to read this file all the same, copy it to another place")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_types_are_counted_by_extension() {
        let others = [(".zip", 1), ("", 2), (".pdf", 2)].map(|(name, count)| (name.to_owned(), count));
        let text = other_types(&others.into_iter().collect());
        assert_eq!(
            text.as_deref(),
            Some("5 files of other types left out: without extension 2, .pdf 2, .zip 1")
        );
        assert_eq!(other_types(&BTreeMap::new()), None);
    }

    #[test]
    fn a_pattern_begins_where_its_first_wild_card_stands() {
        for (pattern, expected) in [("news/*/a*.txt", "news"), ("*.txt", ""), ("/a/b/?.md", "/a/b")] {
            assert_eq!(pattern_base(Path::new(pattern)), Path::new(expected));
        }
    }
}
