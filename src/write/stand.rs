//! Whether the files of an article still stand as they were written, so that they need not be made again.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use super::format::OutputFormat;
use super::output_mark::{OutputMark, SettledFiles};
use super::outputs::{OutputRoot, Outputs, linked_folder};
use crate::disk::Links;
use crate::model::ArticleId;

impl Outputs {
    /// Remembers from now on what is written for each article; see [`Self::take_marks`].
    pub fn keep_marks(&self) {
        self.marks.lock().get_or_insert_default();
    }

    /// Remembers the files of an article, if all of them are in their places.
    pub(super) fn mark(&self, article: &ArticleId, marks: Vec<(PathBuf, OutputMark)>, placed: &[PathBuf]) {
        let mut all = self.marks.lock();
        let Some(all) = &mut *all else { return };
        if marks.iter().all(|(path, _)| placed.contains(path)) {
            all.insert(article.clone(), marks.into_iter().map(|(_, mark)| mark).collect());
        }
    }

    /// Takes the marks of the files that this process wrote for an article, or found as they should be. `None` if a person
    /// changed one of them, or if the marks were taken before.
    #[must_use]
    pub fn take_marks(&self, article: &ArticleId) -> Option<Vec<OutputMark>> {
        self.marks.lock().as_mut()?.remove(article)
    }

    /// What is remembered of the files here, as far as that is settled.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn settled(&self) -> io::Result<SettledFiles> {
        Ok(SettledFiles(self.ledger.settled()?))
    }

    /// Whether files of an article stand as they were written, and as they are remembered.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn stand(
        &self,
        article: &ArticleId,
        marks: &mut [OutputMark],
        SettledFiles(settled): &SettledFiles,
    ) -> io::Result<bool> {
        let OutputRoot::Folder(folder) = &self.root else { return Ok(false) };
        let input = self.input(article);
        for OutputMark { path, file, .. } in &mut *marks {
            let is_known = settled.get(path).is_some_and(|known| {
                // Of a file that was taken for wortlaut's as it stood, less is remembered than of one that was written.
                let is_whole = known.segments.is_some() && known.proof.is_some();
                let is_its = known.article == *article && (input.is_none() || known.input == input);
                is_whole && is_its && known.hash == file.hash()
            });
            let place = folder.join(&*path);
            if !is_known || linked_folder(folder, &place).is_some() || !file.is_at(&place, Links::Refused)? {
                return Ok(false);
            }
        }
        if marks.iter().any(|mark| mark.format == OutputFormat::Html) {
            self.has_pages.store(true, Ordering::Relaxed);
        }
        Ok(!marks.is_empty())
    }
}
