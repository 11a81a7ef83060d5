//! Files and formats in: from a path to [`Article`]s.
//!
//! [`sources()`] lists what there is to read, [`open`] reads one file of it, and a [`Reader`] knows
//! its format. The text of a plain article is exactly what decoding its bytes gives; from a file of markup the
//! text is taken out, and a [`Layout`](crate::model::Layout) says where it stood.
//! A [`Corpus`] is a file with many articles, one a record. What is translated already comes as [`segments()`].

mod archive;
mod bilingual;
mod corpus;
mod decode;
mod docx;
mod draft;
mod error;
mod format;
mod html;
mod markdown;
mod plain;
mod reader;
mod segments;
mod sources;
mod srt;
mod tag;
mod xml;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::model::{Article, ArticleId};

pub use corpus::{Corpus, CorpusRecord, CorpusRecords, Fields, RecordProblem, TextType, is_corpus};
pub use error::ReadError;
pub use format::ArticleFormat;
pub use reader::{ReadOptions, Reader};
pub use segments::{FileSegment, FileSegments, LineLanguage, has_lines, segments};
pub use sources::{ArticleFile, FoundFiles, SourceSearch, sources};

/// Reads one article from its file.
///
/// # Errors
/// The file cannot be read, is larger than the options allow, is not text, or cannot be decoded.
pub fn open(source: &ArticleFile, options: &ReadOptions) -> Result<Article, ReadError> {
    let path = source.path.as_path();
    let failed = |error| ReadError::File { path: path.to_owned(), source: error };
    // A pipe that took the place of a file would be waited for when it is opened.
    let kind = path.metadata().map_err(failed)?.file_type();
    if !kind.is_file() {
        let found = if kind.is_dir() { "a folder" } else { "a device, a pipe or a socket" };
        return Err(ReadError::NoFile { path: path.to_owned(), found });
    }
    let file = File::open(path).map_err(failed)?;
    let bytes = file.metadata().map_err(failed)?.len();
    if bytes > options.max_bytes {
        return Err(ReadError::TooLarge { path: path.to_owned(), limit: options.max_bytes });
    }
    let bytes = read_limited(path, file, options)?;
    decoded(&source.id, path, &bytes, options)
}

/// Reads one article from what is not a file, such as a pipe; `id` says the format.
///
/// # Errors
/// As [`open`].
pub fn stream(id: &ArticleId, input: impl Read, options: &ReadOptions) -> Result<Article, ReadError> {
    let path = Path::new(id.as_str());
    let bytes = read_limited(path, input, options)?;
    decoded(id, path, &bytes, options)
}

/// The name of an article that comes out of a pipe, whose extension says its format: a page of the web is
/// recognised by how it begins, all else is plain text.
#[must_use]
pub fn name_of_pipe(bytes: &[u8]) -> &'static str {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let opens = |tag: &[u8]| start.get(..tag.len()).is_some_and(|head| head.eq_ignore_ascii_case(tag));
    if opens(b"<!doctype html") || opens(b"<html") { "stdin.html" } else { "stdin.txt" }
}

/// Makes an article of its bytes; the extension of `id` says the format, plain text where there is none.
///
/// # Errors
/// The bytes are too many, no text, or cannot be decoded.
pub fn article(id: &ArticleId, bytes: &[u8], options: &ReadOptions) -> Result<Article, ReadError> {
    let path = Path::new(id.as_str());
    if bytes.len() as u64 > options.max_bytes {
        return Err(ReadError::TooLarge { path: path.to_owned(), limit: options.max_bytes });
    }
    decoded(id, path, bytes, options)
}

fn decoded(id: &ArticleId, path: &Path, bytes: &[u8], options: &ReadOptions) -> Result<Article, ReadError> {
    let format = ArticleFormat::of(Path::new(id.as_str())).unwrap_or(ArticleFormat::Text);
    let article = format.reader(options).article(id.clone(), path, bytes)?;
    Ok(Article { file_hash: Some(*blake3::hash(bytes).as_bytes()), ..article })
}

/// Reads to the end, or one byte more than is allowed: a pipe or a growing file has no length to ask for.
fn read_limited(path: &Path, input: impl Read, options: &ReadOptions) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    let limit = options.max_bytes;
    input
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|source| ReadError::File { path: path.to_owned(), source })?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(max_bytes: u64) -> ReadOptions {
        ReadOptions { max_bytes, ..ReadOptions::default() }
    }

    #[test]
    fn the_extension_says_the_format() {
        // A reference definition is not text in Markdown; in plain text every line is.
        let bytes = b"Ein Satz.\n\n[1]: http://example.org/\n";
        let blocks =
            |name| article(&ArticleId::new(name), bytes, &ReadOptions::default()).expect("read").blocks.len();
        assert_eq!((blocks("a.MD"), blocks("a.txt")), (1, 2));
    }

    #[test]
    fn an_empty_file_is_an_article_without_blocks() {
        for bytes in [&b""[..], b"\xef\xbb\xbf", b"\xff\xfe", b"\r\n \t\n"] {
            let article = article(&ArticleId::new("a.txt"), bytes, &ReadOptions::default()).expect("read");
            assert!(article.blocks.is_empty(), "{bytes:?}");
            assert_eq!(article.file_hash, Some(*blake3::hash(bytes).as_bytes()));
        }
    }

    #[test]
    fn what_is_too_large_is_refused_from_file_and_pipe() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.txt");
        std::fs::write(&path, "Zu lang.").expect("written");
        let source = ArticleFile { id: ArticleId::new("a.txt"), path };
        assert!(open(&source, &options(8)).is_ok());
        let error = open(&source, &options(7)).expect_err("too large");
        assert!(matches!(error, ReadError::TooLarge { limit: 7, .. }), "{error}");
        let endless = std::io::repeat(b'a');
        let error = stream(&source.id, endless, &options(1000)).expect_err("too large");
        assert!(matches!(error, ReadError::TooLarge { limit: 1000, .. }), "{error}");
    }

    #[test]
    fn a_missing_file_is_named() {
        let source = ArticleFile { id: ArticleId::new("a.txt"), path: "nowhere/a.txt".into() };
        let error = open(&source, &ReadOptions::default()).expect_err("missing").to_string();
        assert!(error.contains("nowhere/a.txt"), "{error}");
    }
}
