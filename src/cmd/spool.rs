//! Lines about articles, in the order of the articles.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use super::failure::{Exit, Failure};
use crate::model::ArticleId;

/// Articles are finished in any order, and what is said of them may be more than fits into memory: it waits in a file,
/// that of an article in a stretch.
pub(super) struct Spool {
    file: BufWriter<File>,
    length: u64,
    articles: BTreeMap<ArticleId, Range<u64>>,
}

impl Spool {
    pub(super) fn new() -> Result<Self, Failure> {
        let file = tempfile::tempfile().map_err(|error| {
            let place = std::env::temp_dir();
            Failure::new(
                Exit::Partial,
                format!("cannot make a temporary file in {}: {error}", place.display()),
            )
        })?;
        Ok(Self { file: BufWriter::new(file), length: 0, articles: BTreeMap::new() })
    }

    /// Takes down all lines about an article.
    pub(super) fn add(&mut self, article: &ArticleId, lines: &str) -> io::Result<()> {
        self.add_from(article, &mut lines.as_bytes())
    }

    /// Takes down all lines about an article, or about the records of a corpus.
    pub(super) fn add_from(&mut self, article: &ArticleId, lines: &mut dyn Read) -> io::Result<()> {
        let start = self.length;
        self.length += io::copy(lines, &mut self.file)?;
        if self.length > start {
            self.articles.insert(article.clone(), start..self.length);
        }
        Ok(())
    }

    /// Writes all lines.
    pub(super) fn copy_to(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.file.flush()?;
        let mut file = self.file.get_ref();
        for stretch in self.articles.values() {
            file.seek(SeekFrom::Start(stretch.start))?;
            io::copy(&mut BufReader::new(file).take(stretch.end - stretch.start), out)?;
        }
        file.seek(SeekFrom::End(0))?;
        Ok(())
    }
}
