//! What lies in a folder that may become a project: articles, glossaries and corpora.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::config::FILE_NAME;
use crate::read::{self, ArticleFormat};

use super::failure::{Exit, Failure};
use super::project::Project;

/// The folder that articles are looked for in if nothing else is said.
const ARTICLES: &str = "articles";

/// Names of files that a folder has beside its articles, without their extensions.
const BESIDE: [&str; 8] =
    ["readme", "license", "licence", "changelog", "contributing", "copying", "notice", "requirements"];

/// What lies in a folder and in the folders directly in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Survey {
    /// Where articles lie: the folder itself first, as `.`, then those in it by their names.
    pub(super) shelves: Vec<Shelf>,
    /// Files, and a folder, that can be the glossary as they are.
    pub(super) glossaries: Vec<PathBuf>,
    /// Tables that look like a glossary of another program.
    pub(super) foreign_glossaries: Vec<PathBuf>,
    /// Other tables and JSON lines, which may be corpora.
    pub(super) corpora: Vec<PathBuf>,
}

/// A folder with articles.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shelf {
    /// The folder, as seen from the one that was looked at.
    pub(super) folder: PathBuf,
    /// How many articles lie directly in it.
    pub(super) articles: usize,
}

impl Survey {
    /// Looks at a folder; `output` is the folder in it that a run writes to. What cannot be read is passed over: a run
    /// reports it.
    pub(super) fn of(folder: &Path, output: &Path) -> Self {
        let mut survey = Self::default();
        let entries = visible(folder);
        let articles = entries.iter().filter(|path| is_article(path)).count();
        survey.add_shelf(PathBuf::from("."), articles);
        for path in entries {
            // A name that is not Unicode cannot be written in a configuration file or in the proposed commands.
            let Some(name) = path.file_name().and_then(|name| name.to_str()).map(PathBuf::from) else {
                continue;
            };
            if path.is_dir() {
                if name == Path::new("glossary") && is_glossary(&path) {
                    survey.glossaries.insert(0, name);
                } else if name != output {
                    let articles = visible(&path).iter().filter(|path| is_article(path)).count();
                    survey.add_shelf(name, articles);
                }
            } else if read::is_corpus(&path) {
                survey.add_table(&path, name);
            }
        }
        survey
    }

    fn add_shelf(&mut self, folder: PathBuf, articles: usize) {
        if articles > 0 {
            self.shelves.push(Shelf { folder, articles });
        }
    }

    fn add_table(&mut self, path: &Path, name: PathBuf) {
        let list = match (is_glossary(path), is_foreign_glossary(path)) {
            (true, _) => &mut self.glossaries,
            (false, true) => &mut self.foreign_glossaries,
            (false, false) => &mut self.corpora,
        };
        list.push(name);
    }

    /// What to translate: the folder `articles`, the only folder that has any, or all that is here; `None` if there is
    /// nothing.
    pub(super) fn input(&self) -> Option<&Path> {
        let usual = self.shelves.iter().find(|shelf| shelf.folder == Path::new(ARTICLES));
        match (usual, &self.shelves[..]) {
            (_, []) => None,
            (Some(only), _) | (None, [only]) => Some(&only.folder),
            (None, _) => Some(Path::new(".")),
        }
    }

    /// Where the articles lie: `5 articles here and 12 in texts/`.
    pub(super) fn describe(&self) -> String {
        let place = |(at, shelf): (usize, &Shelf)| {
            let noun = if shelf.articles == 1 { " article" } else { " articles" };
            let count = format!("{}{}", shelf.articles, if at == 0 { noun } else { "" });
            match shelf.folder.to_str() {
                Some(".") => format!("{count} here"),
                _ => format!("{count} in {}/", shelf.folder.display()),
            }
        };
        let mut places: Vec<String> = self.shelves.iter().enumerate().map(place).collect();
        let last = places.pop().unwrap_or_else(|| "no articles here".to_owned());
        if places.is_empty() { last } else { format!("{} and {last}", places.join(", ")) }
    }
}

/// Refuses to go on where neither a setting nor the folder that stands for one says what to translate: whoever types
/// `wortlaut translate` in any folder does not want to send what lies there. `command` is the one to be completed.
pub(super) fn require_input(project: &Project, command: &str) -> Result<(), Failure> {
    let settings = &project.settings.translate;
    if !project.input_is_default() || settings.input.exists() {
        return Ok(());
    }
    let survey = Survey::of(Path::new("."), &settings.output);
    let message = format!(
        "there is no project here: no {FILE_NAME} that names an input, and no folder {}",
        settings.input.display()
    );
    let (what, new) = match (survey.input(), survey.corpora.first()) {
        (Some(input), _) => (quoted(input), "wortlaut init"),
        (None, Some(corpus)) => (format!("{} --text-field NAME", quoted(corpus)), "wortlaut init"),
        (None, None) => ("FOLDER".to_owned(), "wortlaut init FOLDER"),
    };
    // That nothing lies here either is what the message says.
    let found = if survey.shelves.is_empty() { String::new() } else { format!("{}: ", survey.describe()) };
    let hint = format!("{found}name what to read, or start a project\n  {command} {what}\n  {new}");
    Err(Failure::new(Exit::Usage, message).hint(hint))
}

/// The entries of a folder whose names do not begin with a dot, sorted.
fn visible(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let hidden = |entry: &fs::DirEntry| entry.file_name().as_encoded_bytes().starts_with(b".");
    let mut paths: Vec<_> = entries.filter(|entry| !hidden(entry)).map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn is_article(path: &Path) -> bool {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    ArticleFormat::of(path).is_some() && !BESIDE.contains(&stem.as_str()) && path.is_file()
}

/// Whether a file is a glossary as it is: tab-separated, with the columns of one. A folder is one if a file in it is.
fn is_glossary(path: &Path) -> bool {
    if path.is_dir() {
        return visible(path).iter().any(|file| file.is_file() && is_glossary(file));
    }
    has_extension(path, &["tsv"]) && has_columns(path, &['\t'])
}

/// Whether a table is called a glossary, or has the columns of one.
fn is_foreign_glossary(path: &Path) -> bool {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    let is_called = stem.starts_with("gloss") || stem.starts_with("term");
    has_extension(path, &["csv", "tsv"]) && (is_called || has_columns(path, &[',', ';', '\t']))
}

fn has_extension(path: &Path, known: &[&str]) -> bool {
    path.extension().is_some_and(|extension| known.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

/// Whether the first line that is not a comment names a source and a target.
fn has_columns(path: &Path, separators: &[char]) -> bool {
    /// A header, with the comments above it, is shorter. No more is read: a corpus may be of any size.
    const HEADER: u64 = 1 << 16;
    let mut text = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEADER).read_to_end(&mut text));
    let text = String::from_utf8_lossy(&text).to_lowercase();
    let text = text.trim_start_matches('\u{feff}');
    let header =
        text.lines().find(|line| !line.starts_with('#') && !line.trim().is_empty()).unwrap_or_default();
    let has = |name: &str| header.split(separators).any(|cell| cell.trim_matches(['"', ' ']) == name);
    read.is_ok() && has("source") && has("target")
}

/// A path as a shell takes it.
pub(super) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    if !text.starts_with('-') && text.chars().all(plain) {
        return text;
    }
    let dashed = if text.starts_with('-') { format!("./{text}") } else { text };
    format!("'{}'", dashed.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survey(files: &[(&str, &str)]) -> Survey {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(path, text).expect("written");
        }
        Survey::of(folder.path(), Path::new("output"))
    }

    fn input(files: &[&str]) -> Option<PathBuf> {
        let files: Vec<_> = files.iter().map(|name| (*name, "Text.")).collect();
        survey(&files).input().map(Path::to_owned)
    }

    #[test]
    fn articles_are_counted_here_and_one_folder_down() {
        let found = survey(&[
            ("b.md", ""),
            ("a.txt", ""),
            ("README.md", ""),
            (".versteckt.txt", ""),
            ("texte/c.docx", ""),
            ("texte/tief/d.txt", ""),
            ("output/a.en.txt", ""),
            ("bilder/x.png", ""),
        ]);
        assert_eq!(found.describe(), "2 articles here and 1 in texte/");
        assert_eq!(survey(&[]).describe(), "no articles here");
    }

    #[test]
    fn the_input_is_the_one_place_with_articles_or_all_of_them() {
        assert_eq!(input(&["a.txt", "texte/b.txt"]), Some(".".into()));
        assert_eq!(input(&["README.md", "texte/b.txt"]), Some("texte".into()));
        assert_eq!(input(&["mai/a.txt", "juni/b.txt"]), Some(".".into()));
        assert_eq!(input(&["docs/a.md", "articles/b.txt"]), Some("articles".into()));
        assert_eq!(input(&["bild.png"]), None);
    }

    #[test]
    fn a_glossary_is_told_from_other_tables() {
        let found = survey(&[
            ("namen.tsv", "source\ttarget\nMond\tmoon\n"),
            ("glossar.csv", "Mond,moon\n"),
            ("liste.csv", "\"Source\";\"Target\"\nMond;moon\n"),
            ("meldungen.csv", "id,text\n1,Der Mond.\n"),
            ("meldungen.jsonl", "{}\n"),
        ]);
        assert_eq!(found.glossaries, [PathBuf::from("namen.tsv")]);
        assert_eq!(found.foreign_glossaries, [PathBuf::from("glossar.csv"), "liste.csv".into()]);
        assert_eq!(found.corpora, [PathBuf::from("meldungen.csv"), "meldungen.jsonl".into()]);
        let folder = survey(&[("glossary/a.tsv", "source\ttarget\nMond\tmoon\n")]);
        assert_eq!(folder.glossaries, [PathBuf::from("glossary")]);
    }

    #[test]
    fn paths_are_quoted_for_a_shell() {
        assert_eq!(quoted(Path::new("texte/märz")), "texte/märz");
        assert_eq!(quoted(Path::new("meine texte")), "'meine texte'");
        assert_eq!(quoted(Path::new("o'neill")), "'o'\\''neill'");
        assert_eq!(quoted(Path::new("-x")), "'./-x'");
    }
}
