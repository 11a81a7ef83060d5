//! One file a format for all articles of a run.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::Mutex;

use super::error::WriteError;
use super::format::OutputFormat;
use super::ledger::WrittenFile;
use super::outputs::{Contents, Draft, Outputs};
use super::writer::RecordFrame;
use crate::model::{ArticleId, ParallelDocument};

/// Collects the articles of a run, which are finished in any order, and writes them in the order of their names. Until then
/// they wait on the disk, so that memory does not grow with the run.
pub struct MergedFiles {
    outputs: Arc<Outputs>,
    /// What the files are called.
    name: ArticleId,
    formats: Vec<Mutex<WaitingArticles>>,
}

/// The articles of a format that are finished.
struct WaitingArticles {
    format: OutputFormat,
    frame: RecordFrame,
    /// It has no name, and is gone when it is closed.
    file: BufWriter<File>,
    places: BTreeMap<ArticleId, Range<u64>>,
    end: u64,
}

impl MergedFiles {
    /// Begins the files of those of these formats that can hold several articles.
    ///
    /// # Errors
    /// There is no room for temporary files.
    pub fn begin(
        outputs: Arc<Outputs>,
        name: &ArticleId,
        formats: &[OutputFormat],
    ) -> Result<Self, WriteError> {
        let mut waiting = Vec::new();
        for format in formats {
            if let Some(frame) = format.writer().frame() {
                let file = BufWriter::new(tempfile::tempfile().map_err(no_room)?);
                let (format, places) = (*format, BTreeMap::new());
                waiting.push(Mutex::new(WaitingArticles { format, frame, file, places, end: 0 }));
            }
        }
        Ok(Self { outputs, name: name.clone(), formats: waiting })
    }

    /// Takes an article.
    ///
    /// # Errors
    /// It cannot be kept until the end.
    pub fn add(&self, document: &ParallelDocument) -> Result<(), WriteError> {
        for waiting in &self.formats {
            let mut waiting = waiting.lock();
            let record = waiting.format.writer().record(document, false)?.concat();
            waiting.file.write_all(&record).map_err(no_room)?;
            let start = waiting.end;
            waiting.end += record.len() as u64;
            let place = start..waiting.end;
            waiting.places.insert(document.source().article().id.clone(), place);
        }
        Ok(())
    }

    /// Brings the files to their places and returns their paths. One that a person made or changed is left alone.
    ///
    /// # Errors
    /// A [`WriteError`] names the file that cannot be written; then none is in its place.
    pub fn finish(self) -> Result<Vec<PathBuf>, WriteError> {
        let mut drafts = Vec::new();
        for waiting in self.formats {
            let waiting = waiting.into_inner();
            let format = waiting.format;
            let ending = format.writer().endings(&self.name).concat();
            let target = self.outputs.target(&self.name, &ending)?;
            let failed = |source| WriteError::File { path: target.path.clone(), source };
            let mut out = BufWriter::new(self.outputs.begin(&target)?);
            waiting.copy(&mut out).map_err(failed)?;
            let part = out.into_inner().map_err(|error| failed(error.into_error()))?;
            let (path, article) = (target.key.clone(), self.name.clone());
            let entry = WrittenFile {
                path,
                hash: part.hash(),
                article,
                format,
                input: None,
                segments: None,
                proof: None,
            };
            drafts.push(Draft { target, entry, contents: Contents::Part(part) });
        }
        // What was written piece by piece cannot be made anew.
        Ok(self.outputs.place(drafts, &|| true)?.unwrap_or_default())
    }
}

impl WaitingArticles {
    /// Writes all articles in the order of their names.
    fn copy(self, out: &mut impl io::Write) -> io::Result<()> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        out.write_all(self.frame.head.as_bytes())?;
        if self.end == 0 {
            out.write_all(self.frame.none.as_bytes())?;
        }
        for place in self.places.into_values() {
            file.seek(SeekFrom::Start(place.start))?;
            io::copy(&mut (&mut file).take(place.end - place.start), out)?;
        }
        out.write_all(self.frame.tail.as_bytes())
    }
}

fn no_room(source: io::Error) -> WriteError {
    WriteError::File { path: std::env::temp_dir(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Article, SegmentedArticle};
    use crate::write::testing::{Sample, document};

    fn named(name: &str, document: &ParallelDocument) -> ParallelDocument {
        let source = document.source();
        let article = Article { id: ArticleId::new(name), ..source.article().clone() };
        let source = SegmentedArticle::new(article, source.segments().to_vec()).expect("valid spans");
        ParallelDocument::new(source, document.units().to_vec()).expect("a unit a segment")
    }

    #[test]
    fn articles_stand_in_the_order_of_their_names_whichever_is_finished_first() {
        let (one, two) = (document(&[Sample::paragraph("Eins.")]), document(&[Sample::paragraph("Zwei.")]));
        let (one, two) = (named("b.txt", &one), named("a.txt", &two));
        let merged = |documents: &[&ParallelDocument]| {
            let folder = tempfile::tempdir().expect("a folder");
            let outputs = Arc::new(Outputs::folder(folder.path(), false).expect("a folder"));
            let formats = [OutputFormat::Lines, OutputFormat::Tmx, OutputFormat::Xliff];
            let merged = MergedFiles::begin(outputs, &ArticleId::new("corpus"), &formats).expect("begun");
            for document in documents {
                merged.add(document).expect("kept");
            }
            let paths = merged.finish().expect("written");
            let names: Vec<_> =
                paths.iter().map(|path| path.file_name().expect("a name").to_owned()).collect();
            assert_eq!(names, ["corpus.tmx", "corpus.xlf"]);
            paths.iter().map(|path| std::fs::read_to_string(path).expect("read")).collect::<Vec<_>>()
        };
        let files = merged(&[&one, &two]);
        assert_eq!(files, merged(&[&two, &one]));
        for file in &files {
            let at = |text: &str| file.find(text).expect("there");
            assert!(
                at("a.txt") < at("Zwei.") && at("Zwei.") < at("b.txt") && at("b.txt") < at("Eins."),
                "{file}"
            );
        }
        let both =
            [&one, &two].map(|document| crate::write::bilingual_units(document).len()).iter().sum::<usize>();
        assert_eq!(files[1].matches("<unit ").count(), both);
    }
}
