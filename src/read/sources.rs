//! Which files there are to read.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::corpus::is_corpus;
use super::error::ReadError;
use super::format::ArticleFormat;
use crate::model::{ArticleId, CORPUS_EXTENSIONS};

/// An article that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleFile {
    pub id: ArticleId,
    pub path: PathBuf,
}

/// What is looked for below an input.
#[derive(Clone, Copy)]
pub struct SourceSearch<'a> {
    /// Folders that are passed over, such as an output folder inside the input.
    pub excluded: &'a [&'a Path],
    /// Whether corpus files count below a folder, too.
    pub corpora: bool,
    /// Whether a file is an output of the program, which is not an article even if it looks like one.
    pub is_output: &'a dyn Fn(&Path) -> bool,
}

/// What was found below an input.
#[derive(Debug, Default)]
pub struct FoundFiles {
    /// The articles, sorted by the bytes of their names.
    pub articles: Vec<ArticleFile>,
    /// The corpus files, sorted likewise.
    pub corpora: Vec<ArticleFile>,
    /// How many files are of no known format, by extension in lower case and with its dot; without an extension, an
    /// empty text. Hidden files, lock files of Office programs and outputs are not counted.
    pub others: BTreeMap<String, usize>,
    /// Devices, pipes and sockets, which are not opened.
    pub special: Vec<PathBuf>,
    /// What could not be read, and links that lead in circles ([`ReadError::Loop`], which lose nothing).
    pub problems: Vec<ReadError>,
}

/// The articles of a file or of all files of known formats below a folder.
///
/// Files and folders whose names begin with a dot are skipped, and so are the lock files of Office programs (`~$…`).
/// Symbolic links are followed. A file that is named itself may be hidden or have no extension; then it is plain
/// text. A corpus file counts where it is named itself; below a folder only if the search says so.
///
/// # Errors
/// The input is not there, is a file of an unknown format, is not a file at all, or has a name that is not Unicode.
pub fn sources(input: &Path, search: SourceSearch<'_>) -> Result<FoundFiles, ReadError> {
    let failed = |source| ReadError::File { path: input.to_owned(), source };
    let kind = input.metadata().map_err(failed)?;
    if !kind.is_dir() {
        if !kind.is_file() {
            return Err(ReadError::NoFile { path: input.to_owned(), found: "a device, a pipe or a socket" });
        }
        let mut found = FoundFiles::default();
        let list = if is_corpus(input) { &mut found.corpora } else { &mut found.articles };
        list.push(single(input)?);
        return Ok(found);
    }
    let root = input.canonicalize().map_err(failed)?;
    // The input itself is read even if outputs go to the same folder.
    let excluded = search.excluded.iter().filter_map(|path| path.canonicalize().ok());
    let excluded: Vec<_> = excluded.filter(|path| *path != root).collect();
    let mut found = FoundFiles::default();
    let entries = WalkDir::new(input)
        .follow_links(true)
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !(is_passed_over(entry) || is_one_of(entry, &excluded)));
    for entry in entries {
        match entry {
            Ok(entry) => found.add(input, entry, search),
            Err(error) => found.problems.push(problem(input, error)),
        }
    }
    found.articles.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    found.corpora.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    found.special.sort_unstable();
    found.problems.sort_by_cached_key(ToString::to_string);
    Ok(found)
}

impl FoundFiles {
    fn add(&mut self, input: &Path, entry: DirEntry, search: SourceSearch<'_>) {
        if !entry.file_type().is_file() {
            if !entry.file_type().is_dir() {
                self.special.push(entry.into_path());
            }
            return;
        }
        if (search.is_output)(entry.path()) {
            return;
        }
        let format = ArticleFormat::of(entry.path()).filter(|format| format.counts_in_folders());
        let list = match format {
            Some(_) => &mut self.articles,
            None if search.corpora && is_corpus(entry.path()) => &mut self.corpora,
            None => {
                let extension = entry.path().extension().map(|name| name.to_string_lossy().to_lowercase());
                let extension = extension.map(|name| format!(".{name}")).unwrap_or_default();
                *self.others.entry(extension).or_default() += 1;
                return;
            }
        };
        match relative_id(input, entry.path()) {
            Some(id) => list.push(ArticleFile { id, path: entry.into_path() }),
            None => self.problems.push(ReadError::Name { path: entry.into_path() }),
        }
    }
}

fn single(input: &Path) -> Result<ArticleFile, ReadError> {
    if input.extension().is_some() && ArticleFormat::of(input).is_none() && !is_corpus(input) {
        return Err(unknown_format(input));
    }
    let name = input.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| ReadError::Name { path: input.to_owned() })?;
    Ok(ArticleFile { id: ArticleId::new(name), path: input.to_owned() })
}

fn unknown_format(path: &Path) -> ReadError {
    let listed =
        |extensions: &[&str]| extensions.iter().map(|name| format!(".{name}")).collect::<Vec<_>>().join(", ");
    let articles: Vec<_> =
        ArticleFormat::ALL.iter().flat_map(|format| format.extensions()).copied().collect();
    ReadError::UnknownFormat {
        path: path.to_owned(),
        articles: listed(&articles),
        corpora: listed(&CORPUS_EXTENSIONS),
    }
}

/// The path below the input with forward slashes; `None` if it is not Unicode.
fn relative_id(input: &Path, path: &Path) -> Option<ArticleId> {
    let relative = path.strip_prefix(input).ok()?;
    let parts: Option<Vec<_>> = relative
        .components()
        .map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .collect();
    Some(ArticleId::new(&parts?.join("/")))
}

/// Whether a file or folder is hidden, or the lock file of a document that is open in an Office program.
fn is_passed_over(entry: &DirEntry) -> bool {
    let name = entry.file_name().as_encoded_bytes();
    name.starts_with(b".") || entry.file_type().is_file() && name.starts_with(b"~$")
}

fn is_one_of(entry: &DirEntry, folders: &[PathBuf]) -> bool {
    entry.file_type().is_dir()
        && !folders.is_empty()
        && entry.path().canonicalize().is_ok_and(|path| folders.contains(&path))
}

fn problem(input: &Path, error: walkdir::Error) -> ReadError {
    let path = error.path().unwrap_or(input).to_owned();
    if let Some(ancestor) = error.loop_ancestor() {
        return ReadError::Loop { path, ancestor: ancestor.to_owned() };
    }
    let text = error.to_string();
    ReadError::File { path, source: error.into_io_error().unwrap_or_else(|| std::io::Error::other(text)) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(path, "Text.").expect("written");
        }
        folder
    }

    fn search<'a>(excluded: &'a [&'a Path], corpora: bool) -> SourceSearch<'a> {
        SourceSearch { excluded, corpora, is_output: &|_| false }
    }

    fn ids(found: &FoundFiles) -> Vec<&str> {
        found.articles.iter().map(|source| source.id.as_str()).collect()
    }

    #[test]
    fn known_files_are_found_in_the_order_of_their_bytes() {
        let folder = folder(&[
            "b.txt",
            "a/z.md",
            "a-b/c.TXT",
            "a.text",
            "Ä.markdown",
            "Z.txt",
            "x.pdf",
            "a/.hidden.txt",
            ".git/c.txt",
            "bild.png",
            "README",
        ]);
        let found = sources(folder.path(), search(&[], false)).expect("found");
        assert_eq!(ids(&found), ["Z.txt", "a-b/c.TXT", "a.text", "a/z.md", "b.txt", "Ä.markdown"]);
        let others: Vec<_> = found.others.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        assert_eq!(others, [("", 1), (".pdf", 1), (".png", 1)]);
        assert!(found.problems.is_empty());
        assert!(found.articles.iter().all(|source| source.path.is_file()));
    }

    #[test]
    fn an_output_folder_inside_the_input_is_not_read() {
        let folder = folder(&["a.txt", "output/a.en.txt", "output/x/b.txt"]);
        let output = folder.path().join("x/../output");
        fs::create_dir(folder.path().join("x")).expect("made");
        assert_eq!(ids(&sources(folder.path(), search(&[&output], false)).expect("found")), ["a.txt"]);
        let itself = sources(folder.path(), search(&[folder.path()], false)).expect("found");
        assert_eq!(itself.articles.len(), 3);
    }

    #[test]
    fn outputs_and_lock_files_are_passed_over() {
        let folder = folder(&["a.txt", "a.en.txt", "~$brief.docx", "sub/~$brief.docx"]);
        let is_output = |path: &Path| path.ends_with("a.en.txt");
        let found = sources(folder.path(), SourceSearch { is_output: &is_output, ..search(&[], false) })
            .expect("found");
        assert_eq!((ids(&found), found.others.len()), (vec!["a.txt"], 0));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_a_file_is_reported_and_not_opened() {
        let folder = folder(&["a.txt"]);
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("b.txt")).expect("made");
        let found = sources(folder.path(), search(&[], false)).expect("found");
        assert_eq!(ids(&found), ["a.txt"]);
        assert_eq!(found.special, [folder.path().join("b.txt")]);
        let error = sources(&folder.path().join("b.txt"), search(&[], false)).expect_err("no file");
        assert!(matches!(error, ReadError::NoFile { .. }), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_circles_survived() {
        use std::os::unix::fs::symlink;
        let folder = folder(&["in/a.txt", "in/sub/b.txt", "elsewhere/c.txt"]);
        let input = folder.path().join("in");
        symlink("../elsewhere", input.join("linked")).expect("linked");
        symlink("..", input.join("sub/up")).expect("linked");
        symlink("nowhere.txt", input.join("broken.txt")).expect("linked");
        let found = sources(&input, search(&[], false)).expect("found");
        assert_eq!(ids(&found), ["a.txt", "linked/c.txt", "sub/b.txt"]);
        assert!(matches!(&found.problems[0], ReadError::File { path, .. } if path.ends_with("broken.txt")));
        assert!(matches!(&found.problems[1], ReadError::Loop { path, .. } if path.ends_with("sub/up")));
        assert_eq!(found.problems.len(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_not_unicode_is_reported() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let folder = folder(&["a.txt"]);
        fs::write(folder.path().join(OsStr::from_bytes(b"b\xff.txt")), "x").expect("written");
        let found = sources(folder.path(), search(&[], false)).expect("found");
        assert_eq!(ids(&found), ["a.txt"]);
        assert!(matches!(found.problems[..], [ReadError::Name { .. }]));
    }

    #[test]
    fn corpora_below_a_folder_count_only_if_they_are_wanted() {
        let folder = folder(&["b.jsonl", "a.txt", "a.CSV", "c.tsv", "d.ndjson"]);
        let found = sources(folder.path(), search(&[], false)).expect("found");
        assert_eq!((ids(&found), found.corpora.len(), found.others.len()), (vec!["a.txt"], 0, 4));
        let found = sources(folder.path(), search(&[], true)).expect("found");
        let names: Vec<_> = found.corpora.iter().map(|source| source.id.as_str()).collect();
        assert_eq!((ids(&found), names), (vec!["a.txt"], vec!["a.CSV", "b.jsonl", "c.tsv", "d.ndjson"]));
        let found = sources(&folder.path().join("b.jsonl"), search(&[], false)).expect("found");
        assert_eq!((found.articles.len(), found.corpora.len()), (0, 1));
    }

    #[test]
    fn a_file_that_is_named_itself_is_read() {
        let folder = folder(&["sub/a.md", "notiz", ".entwurf.txt", "a.pdf"]);
        for (file, id) in [("sub/a.md", "a.md"), ("notiz", "notiz"), (".entwurf.txt", ".entwurf.txt")] {
            assert_eq!(ids(&sources(&folder.path().join(file), search(&[], false)).expect("found")), [id]);
        }
        let error =
            sources(&folder.path().join("a.pdf"), search(&[], false)).expect_err("unknown").to_string();
        assert!(error.contains(".txt, .text, .md, .markdown, .html, .htm, .xhtml"), "{error}");
        assert!(error.contains(".jsonl, .ndjson, .csv, .tsv"), "{error}");
        let error =
            sources(&folder.path().join("nowhere"), search(&[], false)).expect_err("missing").to_string();
        assert!(error.contains("nowhere"), "{error}");
    }
}
