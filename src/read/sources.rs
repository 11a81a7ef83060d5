//! Which files there are to read.

use std::path::{Component, Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::{Format, ReadError, is_corpus};
use crate::model::ArticleId;

/// An article that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name in the run.
    pub id: ArticleId,
    /// Its file.
    pub path: PathBuf,
}

/// What was found below an input.
#[derive(Debug, Default)]
pub struct Sources {
    /// The articles, sorted by the bytes of their names.
    pub articles: Vec<Source>,
    /// The corpus files, sorted likewise.
    pub corpora: Vec<Source>,
    /// How many files are not of a known format. Hidden files are not counted.
    pub ignored: usize,
    /// What could not be read, and links that lead in circles ([`ReadError::Loop`], which lose nothing).
    pub problems: Vec<ReadError>,
}

/// The articles of a file or of all files of known formats below a folder.
///
/// Files and folders whose names begin with a dot are skipped, and so are the `excluded` folders, such as
/// an output folder inside the input. Symbolic links are followed. A file that is named itself may be
/// hidden or have no extension; then it is plain text. A corpus file counts where it is named itself; below a
/// folder, where the program's own outputs may lie, it counts only if `corpora` says so.
///
/// # Errors
/// The input is not there, is a file of an unknown format, or has a name that is no Unicode.
pub fn sources(input: &Path, excluded: &[&Path], corpora: bool) -> Result<Sources, ReadError> {
    let failed = |source| ReadError::File { path: input.to_owned(), source };
    if !input.metadata().map_err(failed)?.is_dir() {
        let mut found = Sources::default();
        let list = if is_corpus(input) { &mut found.corpora } else { &mut found.articles };
        list.push(single(input)?);
        return Ok(found);
    }
    let root = input.canonicalize().map_err(failed)?;
    // The input itself is read even if outputs go to the same folder.
    let excluded: Vec<_> =
        excluded.iter().filter_map(|path| path.canonicalize().ok()).filter(|path| *path != root).collect();
    let mut found = Sources::default();
    let entries = WalkDir::new(input)
        .follow_links(true)
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !(is_hidden(entry) || is_one_of(entry, &excluded)));
    for entry in entries {
        match entry {
            Ok(entry) => found.add(input, entry, corpora),
            Err(error) => found.problems.push(problem(input, error)),
        }
    }
    found.articles.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    found.corpora.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    found.problems.sort_by_cached_key(ToString::to_string);
    Ok(found)
}

impl Sources {
    fn add(&mut self, input: &Path, entry: DirEntry, corpora: bool) {
        if !entry.file_type().is_file() {
            return;
        }
        let list = match Format::of(entry.path()) {
            Some(_) => &mut self.articles,
            None if corpora && is_corpus(entry.path()) => &mut self.corpora,
            None => {
                self.ignored += 1;
                return;
            }
        };
        match relative_id(input, entry.path()) {
            Some(id) => list.push(Source { id, path: entry.into_path() }),
            None => self.problems.push(ReadError::Name { path: entry.into_path() }),
        }
    }
}

fn single(input: &Path) -> Result<Source, ReadError> {
    if input.extension().is_some() && Format::of(input).is_none() && !is_corpus(input) {
        return Err(ReadError::UnknownFormat { path: input.to_owned() });
    }
    let name = input.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| ReadError::Name { path: input.to_owned() })?;
    Ok(Source { id: ArticleId::new(name), path: input.to_owned() })
}

/// The path below the input with forward slashes; `None` if it is no Unicode.
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

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
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

    fn ids(found: &Sources) -> Vec<&str> {
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
        let found = sources(folder.path(), &[], false).expect("found");
        assert_eq!(ids(&found), ["Z.txt", "a-b/c.TXT", "a.text", "a/z.md", "b.txt", "Ä.markdown"]);
        assert_eq!(found.ignored, 3);
        assert!(found.problems.is_empty());
        assert!(found.articles.iter().all(|source| source.path.is_file()));
    }

    #[test]
    fn an_output_folder_inside_the_input_is_not_read() {
        let folder = folder(&["a.txt", "output/a.en.txt", "output/x/b.txt"]);
        let output = folder.path().join("x/../output");
        fs::create_dir(folder.path().join("x")).expect("made");
        assert_eq!(ids(&sources(folder.path(), &[&output], false).expect("found")), ["a.txt"]);
        let itself = sources(folder.path(), &[folder.path()], false).expect("found");
        assert_eq!(itself.articles.len(), 3);
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
        let found = sources(&input, &[], false).expect("found");
        assert_eq!(ids(&found), ["a.txt", "linked/c.txt", "sub/b.txt"]);
        assert!(matches!(&found.problems[0], ReadError::File { path, .. } if path.ends_with("broken.txt")));
        assert!(matches!(&found.problems[1], ReadError::Loop { path, .. } if path.ends_with("sub/up")));
        assert_eq!(found.problems.len(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_no_unicode_is_told() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let folder = folder(&["a.txt"]);
        fs::write(folder.path().join(OsStr::from_bytes(b"b\xff.txt")), "x").expect("written");
        let found = sources(folder.path(), &[], false).expect("found");
        assert_eq!(ids(&found), ["a.txt"]);
        assert!(matches!(found.problems[..], [ReadError::Name { .. }]));
    }

    #[test]
    fn corpora_below_a_folder_count_only_if_they_are_wanted() {
        let folder = folder(&["b.jsonl", "a.txt", "a.CSV", "c.tsv", "d.ndjson"]);
        let found = sources(folder.path(), &[], false).expect("found");
        assert_eq!((ids(&found), found.corpora.len(), found.ignored), (vec!["a.txt"], 0, 4));
        let found = sources(folder.path(), &[], true).expect("found");
        let names: Vec<_> = found.corpora.iter().map(|source| source.id.as_str()).collect();
        assert_eq!((ids(&found), names), (vec!["a.txt"], vec!["a.CSV", "b.jsonl", "c.tsv", "d.ndjson"]));
        let found = sources(&folder.path().join("b.jsonl"), &[], false).expect("found");
        assert_eq!((found.articles.len(), found.corpora.len()), (0, 1));
    }

    #[test]
    fn a_file_that_is_named_itself_is_read() {
        let folder = folder(&["sub/a.md", "notiz", ".entwurf.txt", "a.pdf"]);
        for (file, id) in [("sub/a.md", "a.md"), ("notiz", "notiz"), (".entwurf.txt", ".entwurf.txt")] {
            assert_eq!(ids(&sources(&folder.path().join(file), &[], false).expect("found")), [id]);
        }
        let error = sources(&folder.path().join("a.pdf"), &[], false).expect_err("unknown").to_string();
        assert!(error.contains(".txt, .text, .md, .markdown, .html, .htm, .xhtml"), "{error}");
        let error = sources(&folder.path().join("nowhere"), &[], false).expect_err("missing").to_string();
        assert!(error.contains("nowhere"), "{error}");
    }
}
