//! The formats that say the same as `jsonl` line by line: `lines` and `tsv`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use super::row::ShownRow;
use crate::bilingual::table_cell;

/// The files beside a `jsonl`, which are read as it is.
#[derive(Default)]
pub(super) struct Beside {
    lines: Option<LinesBeside>,
    table: Option<TableBeside>,
}

/// What was found in the files beside a `jsonl`.
#[derive(Default)]
pub(super) struct BesideFound {
    /// Where one first says something else.
    pub(super) disagreements: Vec<Disagreement>,
    /// The hashes of all bytes, by path.
    pub(super) hashes: Vec<(String, io::Result<blake3::Hash>)>,
}

/// A place where a file says something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Disagreement {
    pub(super) path: String,
    pub(super) line: u64,
    pub(super) segment: Option<usize>,
    /// What stands there, and what `jsonl` has.
    pub(super) message: String,
}

/// A file whose bytes are hashed as they are read.
struct HashedFile {
    file: File,
    hasher: blake3::Hasher,
}

impl Read for HashedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        Ok(count)
    }
}

/// A file that is read line by line.
struct LineFile {
    path: String,
    file: BufReader<HashedFile>,
    line: u64,
    text: Vec<u8>,
}

impl LineFile {
    /// Bytes that are read at once: enough for the hash to be fast.
    const CHUNK: usize = 64 << 10;

    fn new((path, file): (String, File)) -> Self {
        let file = HashedFile { file, hasher: blake3::Hasher::new() };
        Self { path, file: BufReader::with_capacity(Self::CHUNK, file), line: 0, text: Vec::new() }
    }

    /// Reads on to the end, and gives the hash of all.
    fn finish(mut self) -> (String, io::Result<blake3::Hash>) {
        let read = io::copy(&mut self.file, &mut io::sink());
        (self.path, read.map(|_| self.file.get_ref().hasher.finalize()))
    }

    /// Reads the next line; `None` behind the last one.
    fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.text.clear();
        if self.file.read_until(b'\n', &mut self.text)? == 0 {
            return Ok(None);
        }
        self.line += 1;
        Ok(Some(self.text.strip_suffix(b"\n").unwrap_or(&self.text)))
    }

    /// The line that was read last.
    fn current(&self) -> &[u8] {
        self.text.strip_suffix(b"\n").unwrap_or(&self.text)
    }

    fn disagreement(&self, segment: Option<usize>, message: String) -> Disagreement {
        Disagreement { path: self.path.clone(), line: self.line, segment, message }
    }

    /// A line that reads otherwise than it should.
    fn reads(&self, shown: &ShownRow, found: &[u8], wanted: &str) -> Disagreement {
        let found = String::from_utf8_lossy(found);
        let same = found.chars().zip(wanted.chars()).take_while(|(found, wanted)| found == wanted).count();
        let (found, wanted) = (excerpt(&found, same), excerpt(wanted, same));
        self.disagreement(Some(shown.segment), format!("it has “{found}”, and the jsonl “{wanted}”"))
    }
}

/// A text from a little before a place on, in a few words.
fn excerpt(text: &str, place: usize) -> String {
    /// Characters before the place and in all: enough to find it again in a line.
    const BEFORE: usize = 16;
    const ALL: usize = 48;
    let start = place.saturating_sub(BEFORE);
    let mut excerpt: String = text.chars().skip(start).take(ALL).collect();
    if start > 0 {
        excerpt.insert(0, '…');
    }
    if text.chars().count() > start + ALL {
        excerpt.push('…');
    }
    excerpt
}

/// The two files of the format `lines`.
struct LinesBeside {
    german: LineFile,
    english: LineFile,
    found: Option<Disagreement>,
}

/// A table with a header.
struct TableBeside {
    file: LineFile,
    /// The columns of both languages, once the header was read.
    columns: Option<(usize, usize)>,
    found: Option<Disagreement>,
}

impl Beside {
    /// Files that were opened by their names.
    pub(super) fn new(lines: Option<[(String, File); 2]>, table: Option<(String, File)>) -> Self {
        let lines = lines.map(|[german, english]| LinesBeside {
            german: LineFile::new(german),
            english: LineFile::new(english),
            found: None,
        });
        let table = table.map(|table| TableBeside { file: LineFile::new(table), columns: None, found: None });
        Self { lines, table }
    }

    /// Whether any is still compared: behind the first place where one differs it says nothing more.
    pub(super) fn is_any(&self) -> bool {
        self.lines.as_ref().is_some_and(|lines| lines.found.is_none())
            || self.table.as_ref().is_some_and(|table| table.found.is_none())
    }

    /// Compares the next segment.
    pub(super) fn expect(&mut self, shown: &ShownRow) {
        if let Some(lines) = self.lines.as_mut().filter(|lines| lines.found.is_none()) {
            lines.found = lines.expect(shown);
        }
        if let Some(table) = self.table.as_mut().filter(|table| table.found.is_none()) {
            table.found = table.expect(shown);
        }
    }

    /// Where the files say something else, or more, and what their bytes come to.
    pub(super) fn finish(self) -> BesideFound {
        let mut all = BesideFound::default();
        if let Some(mut lines) = self.lines {
            let found = lines.found.take().or_else(|| lines.more());
            all.disagreements.extend(found);
            all.hashes.extend([lines.german.finish(), lines.english.finish()]);
        }
        if let Some(mut table) = self.table {
            let found = table.found.take().or_else(|| table.more());
            all.disagreements.extend(found);
            all.hashes.push(table.file.finish());
        }
        all
    }
}

/// What to say of a file that cannot be read on.
fn unreadable(file: &LineFile, error: &io::Error) -> Disagreement {
    file.disagreement(None, format!("it cannot be read on: {error}"))
}

impl LinesBeside {
    /// Goes on to the next pair of lines that are not both blank, as those between blocks are.
    fn next(&mut self) -> Result<bool, Disagreement> {
        loop {
            let german = match self.german.next() {
                Ok(line) => line.map(<[u8]>::is_empty),
                Err(error) => return Err(unreadable(&self.german, &error)),
            };
            let english = match self.english.next() {
                Ok(line) => line.map(<[u8]>::is_empty),
                Err(error) => return Err(unreadable(&self.english, &error)),
            };
            // A file that has ended has nothing in its line.
            match (german, english) {
                (None, None) => return Ok(false),
                (None | Some(true), None | Some(true)) => {}
                _ => return Ok(true),
            }
        }
    }

    fn expect(&mut self, shown: &ShownRow) -> Option<Disagreement> {
        if shown.german_line.is_empty() && shown.english_line.is_empty() {
            return None;
        }
        if let Err(found) = self.next() {
            return Some(found);
        }
        let sides = [(&self.german, &shown.german_line), (&self.english, &shown.english_line)];
        let other = sides.into_iter().find(|(file, wanted)| file.current() != wanted.as_bytes());
        other.map(|(file, wanted)| file.reads(shown, file.current(), wanted))
    }

    fn more(&mut self) -> Option<Disagreement> {
        match self.next() {
            Ok(false) => None,
            Ok(true) => {
                let file = if self.english.current().is_empty() { &self.german } else { &self.english };
                Some(file.disagreement(None, "it has more lines than the jsonl has segments".to_owned()))
            }
            Err(found) => Some(found),
        }
    }
}

impl TableBeside {
    fn expect(&mut self, shown: &ShownRow) -> Option<Disagreement> {
        let columns = match self.columns.map_or_else(|| self.header(), Ok) {
            Ok(columns) => *self.columns.insert(columns),
            Err(found) => return Some(found),
        };
        if let Err(error) = self.file.next() {
            return Some(unreadable(&self.file, &error));
        }
        let cells: Vec<&[u8]> = self.file.current().split(|byte| *byte == b'\t').collect();
        let wanted = [(columns.0, &shown.german), (columns.1, &shown.english)];
        wanted.into_iter().find_map(|(column, text)| {
            let (found, wanted) = (cells.get(column).copied().unwrap_or_default(), table_cell(text));
            (found != wanted.as_bytes()).then(|| self.file.reads(shown, found, &wanted))
        })
    }

    /// The columns of both languages, by the header.
    fn header(&mut self) -> Result<(usize, usize), Disagreement> {
        if let Err(error) = self.file.next() {
            return Err(unreadable(&self.file, &error));
        }
        let header = String::from_utf8_lossy(self.file.current());
        let names: Vec<&str> = header.trim_start_matches('\u{feff}').split('\t').collect();
        let column = |name: &str| names.iter().position(|found| *found == name);
        column("de")
            .zip(column("en"))
            .ok_or_else(|| self.file.disagreement(None, "it has no columns de and en".to_owned()))
    }

    fn more(&mut self) -> Option<Disagreement> {
        if self.columns.is_none()
            && let Err(found) = self.header()
        {
            // A table of nothing may have no header either.
            return (!self.file.current().is_empty()).then_some(found);
        }
        match self.file.next() {
            Ok(None) => None,
            Ok(Some(_)) => {
                Some(self.file.disagreement(None, "it has more rows than the jsonl has segments".to_owned()))
            }
            Err(error) => Some(unreadable(&self.file, &error)),
        }
    }
}
