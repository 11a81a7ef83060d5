//! The records of a corpus as its `jsonl` has them so far.

use std::collections::HashMap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};

use serde::Deserialize;

use super::changes::{EarlierEnglish, EarlierSentence, german};
use super::outputs::Outputs;
use crate::disk::open_plain;
use crate::model::{ArticleId, ParallelDocument};

/// The English that the files of a corpus have so far, given out record by record.
///
/// A corpus may be of any size. Where it has the records that it had, in their order, one of them is held at a time; where
/// records came, went or moved, it is also held where each one begins.
pub struct EarlierRecords {
    corpus: ArticleId,
    rows: RecordRows,
    /// What comes next, if the file goes on as the corpus does.
    next: Option<EarlierRecord>,
    index: Option<RecordIndex>,
}

/// Where the records begin, by their keys and in the order of the file.
type RecordIndex = HashMap<u64, Vec<u64>>;

/// The rows of one record.
struct EarlierRecord {
    /// Where it begins in the file.
    start: u64,
    article: ArticleId,
    english: EarlierEnglish,
}

/// Reads rows, and puts together those of a record.
struct RecordRows {
    file: BufReader<File>,
    position: u64,
    /// The first row of the record that comes next.
    ahead: Option<RecordRow>,
}

struct RecordRow {
    start: u64,
    place: RowPlace,
    sentence: EarlierSentence,
}

/// Which segment a row is of.
#[derive(Deserialize)]
struct RowPlace {
    article: ArticleId,
    segment: usize,
}

impl Outputs {
    /// What the files have of a corpus, by its `jsonl`: the other formats do not say where a record begins. `None` if there
    /// is none.
    #[must_use]
    pub fn records_before(&self, corpus: &ArticleId) -> Option<EarlierRecords> {
        let place = self.rows_place(corpus)?;
        let file = BufReader::new(open_plain(&place.path).ok()??);
        let mut rows = RecordRows { file, position: 0, ahead: None };
        let next = rows.record().ok()?;
        Some(EarlierRecords { corpus: corpus.clone(), rows, next, index: None })
    }
}

impl EarlierRecords {
    /// What the files have of the record of a document; `None` if they have nothing of it.
    ///
    /// A record is known by its id. One that is only named for its line is known by its German, wherever it stands by now, and
    /// failing that by its line.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub fn of(&mut self, document: &ParallelDocument) -> io::Result<Option<EarlierEnglish>> {
        let source = document.source();
        let article = &source.article().id;
        if source.segments().is_empty() {
            return Ok(None);
        }
        let sentences = source.segments().iter().map(|segment| german(source.source(segment)));
        let key = self.key(article, sentences);
        let is_it = |records: &Self, record: &EarlierRecord| records.key_of(record) == key;
        if !self.next.as_ref().is_some_and(|next| is_it(self, next)) {
            // Those behind the place where the file stands come first: ids that occur twice are told apart by their order.
            let here = self.next.as_ref().map_or(u64::MAX, |next| next.start);
            let starts = self.index()?.get(&key);
            let start =
                starts.and_then(|starts| starts.iter().find(|start| **start >= here).or(starts.first()));
            if let Some(&start) = start {
                self.go_to(start)?;
            }
        }
        if !self.next.as_ref().is_some_and(|next| is_it(self, next) || next.article == *article) {
            return Ok(None);
        }
        let following = self.rows.record()?;
        Ok(std::mem::replace(&mut self.next, following).map(|record| record.english))
    }

    /// Where the records begin: the file is read once more when that is needed for the first time.
    fn index(&mut self) -> io::Result<&RecordIndex> {
        if self.index.is_none() {
            let here = self.next.as_ref().map(|next| next.start);
            let mut index = RecordIndex::new();
            self.rows.go_to(0)?;
            while let Some(record) = self.rows.record()? {
                index.entry(self.key_of(&record)).or_default().push(record.start);
            }
            if let Some(here) = here {
                self.go_to(here)?;
            }
            self.index = Some(index);
        }
        Ok(self.index.get_or_insert_default())
    }

    fn go_to(&mut self, start: u64) -> io::Result<()> {
        self.rows.go_to(start)?;
        self.next = self.rows.record()?;
        Ok(())
    }

    fn key_of(&self, record: &EarlierRecord) -> u64 {
        self.key(&record.article, record.english.german())
    }

    /// What a record is known by.
    fn key(&self, article: &ArticleId, sentences: impl Iterator<Item = String>) -> u64 {
        let mut hasher = DefaultHasher::new();
        let line =
            article.as_str().strip_prefix(self.corpus.as_str()).and_then(|rest| rest.strip_prefix('#'));
        if line.is_some_and(|line| line.bytes().all(|byte| byte.is_ascii_digit())) {
            sentences.for_each(|sentence| sentence.hash(&mut hasher));
        } else {
            article.hash(&mut hasher);
        }
        hasher.finish()
    }
}

impl RecordRows {
    fn go_to(&mut self, start: u64) -> io::Result<()> {
        (self.position, self.ahead) = (start, None);
        self.file.seek(SeekFrom::Start(start)).map(drop)
    }

    /// The next record with segments.
    fn record(&mut self) -> io::Result<Option<EarlierRecord>> {
        let first = match self.ahead.take() {
            Some(row) => Some(row),
            None => self.row()?,
        };
        let Some(RecordRow { start, place: RowPlace { article, mut segment }, sentence }) = first else {
            return Ok(None);
        };
        let mut rows = vec![sentence];
        while let Some(row) = self.row()? {
            // A second record of the same id begins at its first segment.
            if row.place.article != article || row.place.segment <= segment {
                self.ahead = Some(row);
                break;
            }
            segment = row.place.segment;
            rows.push(row.sentence);
        }
        Ok(Some(EarlierRecord { start, article, english: EarlierEnglish { rows } }))
    }

    /// The next line that is the row of a segment: the only line of a record without segments is none.
    fn row(&mut self) -> io::Result<Option<RecordRow>> {
        let mut line = Vec::new();
        loop {
            line.clear();
            let start = self.position;
            let length = self.file.read_until(b'\n', &mut line)?;
            if length == 0 {
                return Ok(None);
            }
            self.position += length as u64;
            if let (Ok(place), Ok(sentence)) = (serde_json::from_slice(&line), serde_json::from_slice(&line))
            {
                return Ok(Some(RecordRow { start, place, sentence }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{SegmentedArticle, Unit};
    use crate::write::OutputFormat;
    use crate::write::testing::{Sample, document, translated};

    /// A record with a German of its own, as version so and so of its English.
    fn record(id: &str, number: usize, version: usize) -> ParallelDocument {
        let sample = Sample::paragraph(&format!("Satz {number} gilt. ")).then("Das ist alles.");
        let whole = document(&[sample]);
        let mut units: Vec<Unit> = whole.units().to_vec();
        translated(&mut units[0]).target = format!("Sentence {number}, version {version}.");
        let mut article = whole.source().article().clone();
        article.id = ArticleId::of_record(id);
        let source = SegmentedArticle::new(article, whole.source().segments().to_vec()).expect("valid spans");
        ParallelDocument::new(source, units).expect("a unit for each segment")
    }

    proptest! {
        /// Whatever comes, goes and moves, each record is compared with what the file has of it, and with nothing else.
        #[test]
        fn each_record_finds_its_own_rows(
            old in Just((0..9_usize).collect::<Vec<_>>()).prop_shuffle(),
            new in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle(),
            kept in (0..9_usize, 0..12_usize),
            has_ids in any::<bool>(),
            noise in any::<bool>(),
        ) {
            let (old, new) = (&old[..kept.0], &new[..kept.1]);
            let folder = tempfile::tempdir().expect("a folder");
            let outputs = Outputs::folder(folder.path(), false).expect("a folder");
            let corpus = ArticleId::new("c.jsonl");
            let id = |at: usize, number: usize| if has_ids { format!("m{number}") } else { format!("c.jsonl#{}", at + 1) };
            let mut rows = Vec::new();
            for (at, number) in old.iter().enumerate() {
                let file = OutputFormat::Jsonl.writer().record(&record(&id(at, *number), *number, 1), at == 0).expect("rows");
                rows.extend(file.concat());
                if noise {
                    rows.extend(b"{\"article\":\"e\",\"after\":\"\"}\n\xff\n\n");
                }
            }
            std::fs::write(folder.path().join("c.jsonl"), rows).expect("written");
            let mut before = outputs.records_before(&corpus).expect("it is there");
            for (at, number) in new.iter().enumerate() {
                let document = record(&id(at, *number), *number, 2);
                let changed = before.of(&document).expect("read").map(|before| before.changed(&document));
                let told: Vec<_> = changed.iter().flatten().map(|told| (told.segment, told.old.clone())).collect();
                if old.contains(number) {
                    prop_assert_eq!(told, [(1, Some(format!("Sentence {number}, version 1.")))]);
                } else if has_ids {
                    prop_assert!(changed.is_none());
                } else {
                    // It may stand in the line of another one.
                    prop_assert!(told.iter().all(|(_, old)| old.is_none()));
                }
            }
        }
    }
}
