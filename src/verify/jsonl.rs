//! A `jsonl` file from its first line to its last: blocks of lines are looked at side by side, and put together in order.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader};

use rayon::prelude::*;

use super::beside::Beside;
use super::flaw::{Flaw, FlawKind};
use super::row::{Row, RowText, ShownRow};
use super::terms::{self, KnownRenderings};
use crate::text::json_fault;
use crate::write::{ProofHasher, entry_hash, segment_digits};

/// Lines are looked at in blocks of about so many bytes: enough that the threads have something to do.
const BLOCK: usize = 256 << 10;

/// How a file is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct JsonlLook<'a> {
    /// The name of the file.
    pub(super) path: &'a str,
    /// Whether this version wrote it, which says where terms stand and which line of an article is its last.
    pub(super) is_new: bool,
    /// Whether it has the segments of one article, whose hashes are wanted.
    pub(super) is_single: bool,
}

/// What was found in a file.
#[derive(Debug)]
pub(super) struct JsonlFound {
    /// The hash of its bytes.
    pub(super) hash: blake3::Hash,
    /// What its texts and terms come to.
    pub(super) proof: ProofHasher,
    /// The hash of each segment of a single article.
    pub(super) segments: String,
    pub(super) flaws: Vec<Flaw>,
    /// How many segments it has.
    pub(super) rows: u64,
    /// How many terms stand where they are said to.
    pub(super) terms: u64,
    /// How many terms hold without a place.
    pub(super) without_place: u64,
}

/// Whole lines of a file.
struct LineBlock {
    bytes: Vec<u8>,
    /// The number of the first one.
    first: u64,
}

/// What was found in a block.
#[derive(Default)]
struct BlockFound {
    text: String,
    /// The hash of what is shown for each segment.
    english: Vec<u8>,
    segments: String,
    shown: Vec<ShownRow>,
    entries: HashSet<blake3::Hash>,
    flaws: Vec<Flaw>,
    terms: u64,
    without_place: u64,
    rows: u64,
    /// The first row, and what there is to say of it is known only with the one before.
    first: Option<RowPosition>,
    last: Option<RowPosition>,
}

/// Where a row stands in its article.
#[derive(Clone)]
struct RowPosition {
    line: u64,
    article: String,
    /// `None` for the only line of an article without segments.
    segment: Option<usize>,
    block: usize,
    is_last: bool,
}

impl RowPosition {
    /// Why a row cannot stand behind another one, or at the beginning.
    fn misplaced(&self, before: Option<&Self>) -> Option<&'static str> {
        let (first, begins) =
            (self.segment.is_none_or(|segment| segment == 1), before.is_none_or(|b| b.is_last));
        match (first, begins) {
            (true, true) => None,
            (true, false) => Some("the end of the article before it is missing"),
            (false, true) => Some("the segments before it are missing"),
            (false, false) => {
                let follows = before.is_some_and(|before| {
                    before.article == self.article
                        && before.segment.map(|segment| segment + 1) == self.segment
                        && before.block <= self.block
                });
                (!follows).then_some("it does not follow the segment before it")
            }
        }
    }
}

/// Looks at a file and at those beside it.
pub(super) fn look(file: File, look: JsonlLook<'_>, beside: &mut Beside) -> io::Result<JsonlFound> {
    let mut blocks = Blocks { file: BufReader::with_capacity(BLOCK, file), line: 1 };
    let mut hasher = blake3::Hasher::new();
    let mut proof = ProofHasher::default();
    let (mut flaws, mut segments) = (Vec::new(), String::new());
    let (mut rows, mut terms, mut without_place) = (0, 0, 0);
    let mut last: Option<RowPosition> = None;
    loop {
        let next: Vec<LineBlock> = (0..2 * rayon::current_num_threads())
            .map_while(|_| blocks.next().transpose())
            .collect::<io::Result<_>>()?;
        if next.is_empty() {
            break;
        }
        let wants_shown = beside.is_any();
        let found: Vec<BlockFound> =
            next.par_iter().map(|block| of_block(block, look, wants_shown)).collect();
        for (block, found) in next.iter().zip(found) {
            hasher.update(&block.bytes);
            proof.add_text(&found.text);
            proof.add_english(&found.english);
            found.entries.into_iter().for_each(|entry| proof.add_entry(entry));
            if let Some(first) = found.first.filter(|_| look.is_new)
                && let Some(reason) = first.misplaced(last.as_ref())
            {
                flaws.push(misplaced(look, &first, reason));
            }
            last = found.last.or(last);
            flaws.extend(found.flaws);
            segments.push_str(&found.segments);
            found.shown.iter().for_each(|shown| beside.expect(shown));
            rows += found.rows;
            terms += found.terms;
            without_place += found.without_place;
        }
    }
    if let Some(last) = last.filter(|last| look.is_new && !last.is_last) {
        flaws.push(misplaced(look, &last, "the end of the article behind it is missing"));
    }
    let hash = hasher.finalize();
    Ok(JsonlFound { hash, proof, segments, flaws, rows, terms, without_place })
}

fn misplaced(look: JsonlLook<'_>, place: &RowPosition, reason: &str) -> Flaw {
    Flaw::new(FlawKind::Row, look.path, reason).in_line(place.line).in_segment(place.segment)
}

/// Reads blocks of whole lines.
struct Blocks {
    file: BufReader<File>,
    line: u64,
}

impl Blocks {
    fn next(&mut self) -> io::Result<Option<LineBlock>> {
        let mut bytes = Vec::new();
        while bytes.len() < BLOCK {
            let chunk = self.file.fill_buf()?;
            if chunk.is_empty() {
                break;
            }
            // The last chunk is taken up to the end of its last line, and on to the end of the next one.
            let length = match memchr::memrchr(b'\n', chunk) {
                Some(end) => end + 1,
                None => chunk.len(),
            };
            bytes.extend_from_slice(&chunk[..length]);
            self.file.consume(length);
        }
        if bytes.last().is_some_and(|byte| *byte != b'\n') {
            self.file.read_until(b'\n', &mut bytes)?;
        }
        let first = self.line;
        self.line += memchr::memchr_iter(b'\n', &bytes).count() as u64;
        Ok((!bytes.is_empty()).then_some(LineBlock { bytes, first }))
    }
}

fn of_block(block: &LineBlock, look: JsonlLook<'_>, wants_shown: bool) -> BlockFound {
    let mut found = BlockFound::default();
    let mut renderings = KnownRenderings::default();
    let lines = block.bytes.split_inclusive(|byte| *byte == b'\n');
    for (number, line) in (block.first..).zip(lines) {
        match serde_json::from_slice::<Row<'_>>(line) {
            Ok(row) => found.take(&row, number, look, wants_shown, &mut renderings),
            Err(error) => {
                let fault = format!("it is no row of a segment: {}", json_fault(&error));
                found.flaws.push(Flaw::new(FlawKind::Row, look.path, fault).in_line(number));
            }
        }
    }
    found
}

impl BlockFound {
    fn take(
        &mut self,
        row: &Row<'_>,
        line: u64,
        look: JsonlLook<'_>,
        wants_shown: bool,
        renderings: &mut KnownRenderings,
    ) {
        let place = RowPosition {
            line,
            article: row.article.as_str().to_owned(),
            segment: row.segment,
            block: row.block,
            is_last: row.after.is_some(),
        };
        let flaw = |kind: FlawKind, message: String| {
            let article = (!look.is_single).then(|| row.article.as_str().to_owned());
            let flaw = Flaw::new(kind, look.path, message).in_line(line).in_segment(row.segment);
            Flaw { article, ..flaw }
        };
        match &self.last {
            None => self.first = Some(place.clone()),
            Some(before) => {
                let misplaced = place.misplaced(Some(before)).filter(|_| look.is_new);
                self.flaws.extend(misplaced.map(|reason| flaw(FlawKind::Row, reason.to_owned())));
            }
        }
        self.last = Some(place);
        let pieces = [&row.before, &row.de, &row.after];
        pieces.into_iter().flatten().for_each(|piece| self.text.push_str(piece.as_str()));
        let Some(segment) = row.segment else { return };
        let texts = match row.texts() {
            Ok(texts) => texts,
            Err(reason) => return self.flaws.push(flaw(FlawKind::Row, reason.to_owned())),
        };
        self.rows += 1;
        if row.is_failed() {
            self.flaws.push(flaw(FlawKind::Failed, "it is not translated".to_owned()));
        }
        for term in &row.terms {
            self.entries.insert(entry_hash(term.source.as_str(), term.entry, term.accepted()));
        }
        let english = row.en.as_ref().map(RowText::as_str).unwrap_or_default();
        let terms = terms::look(row, texts.german, english, renderings);
        self.terms += terms.proved;
        self.without_place += terms.without_place;
        self.flaws.extend(terms.wrong.into_iter().map(|message| flaw(FlawKind::Term, message)));
        self.flaws.extend(terms.not_held.into_iter().map(|message| flaw(FlawKind::NotHeld, message)));
        let shown = blake3::hash(texts.shown().as_bytes());
        self.english.extend(shown.as_bytes());
        if look.is_single {
            self.segments.push_str(&segment_digits(shown));
        }
        if wants_shown {
            self.shown.push(ShownRow {
                segment,
                german_line: texts.german_line(),
                english_line: texts.english_line(),
                german: texts.german.to_owned(),
                english: english.to_owned(),
            });
        }
    }
}
