//! The bytes of a corpus file as UTF-8, without reading all of it into memory.
//!
//! A byte order mark decides. Without one, the first part of the file that is not plain ASCII does: what
//! looks like UTF-8 there is UTF-8, and a record that is not is an error of that record; otherwise the
//! file is taken for UTF-16 or a one-byte encoding as any article is.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};
use parking_lot::Mutex;

use super::file::Utf8Reader;
use crate::model;
use crate::read::decode;
use crate::read::error::ReadError;

/// How many bytes are looked at to find the encoding, from the first one that is not ASCII.
const SAMPLE: usize = 1 << 20;

/// The byte order mark of UTF-8.
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// How many bytes are read at once: large enough that the calls do not count.
const CHUNK: usize = 64 << 10;

/// A file that is read as UTF-8.
pub(in crate::read) struct OpenBytes {
    /// What stands behind the byte order mark.
    pub(in crate::read) reader: Utf8Reader,
    pub(in crate::read) encoding: model::Encoding,
    pub(super) seen: SeenBytes,
}

/// Knows what was read of a file, from its first byte on.
#[derive(Clone)]
pub(super) struct SeenBytes(Arc<Mutex<blake3::Hasher>>);

impl SeenBytes {
    /// The hash of what was read so far.
    pub(super) fn hash(&self) -> [u8; 32] {
        *self.0.lock().finalize().as_bytes()
    }
}

/// A source whose bytes are seen as they are read.
struct SeenReader<R> {
    inner: R,
    seen: SeenBytes,
}

impl<R: Read> Read for SeenReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.seen.0.lock().update(&buffer[..count]);
        Ok(count)
    }
}

/// Opens a file, and says how it is decoded.
pub(in crate::read) fn open(path: &Path) -> Result<OpenBytes, ReadError> {
    let failed = |source| ReadError::File { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(failed)?;
    let mut start = Vec::new();
    file.by_ref().take(16).read_to_end(&mut start).map_err(failed)?;
    decode::refuse_binary(path, &start)?;
    let (encoding, mark, is_doubtful) = if let Some((encoding, mark)) = Encoding::for_bom(&start) {
        (encoding, mark, false)
    } else {
        let (encoding, is_doubtful) = found(path, &mut file)?;
        (encoding, 0, is_doubtful)
    };
    file.seek(SeekFrom::Start(mark as u64)).map_err(failed)?;
    let seen = SeenBytes(Arc::default());
    seen.0.lock().update(&start[..mark]);
    let file = SeenReader { inner: file, seen: seen.clone() };
    let reader: Utf8Reader = if encoding == UTF_8 {
        Box::new(BufReader::with_capacity(CHUNK, file))
    } else {
        Box::new(BufReader::with_capacity(CHUNK, Transcoded::new(file, encoding)))
    };
    let encoding = model::Encoding { is_doubtful, ..model::Encoding::known(encoding.name(), mark > 0) };
    Ok(OpenBytes { reader, encoding, seen })
}

/// Standard input as UTF-8, with or without a byte order mark. Nothing of it can be looked at beforehand: who sends it
/// may wait for answers.
pub(super) fn standard_input() -> Result<OpenBytes, ReadError> {
    let seen = SeenBytes(Arc::default());
    let mut input = SeenReader { inner: io::stdin(), seen: seen.clone() };
    let mut start = Vec::new();
    // A record has more bytes than a mark.
    let read = input.by_ref().take(UTF8_MARK.len() as u64).read_to_end(&mut start);
    read.map_err(|source| ReadError::File { path: "standard input".into(), source })?;
    let has_mark = start == UTF8_MARK;
    if has_mark {
        start.clear();
    }
    let reader = Cursor::new(start).chain(BufReader::with_capacity(CHUNK, input));
    Ok(OpenBytes { reader: Box::new(reader), encoding: model::Encoding::known(UTF_8.name(), has_mark), seen })
}

/// The encoding of a file without a byte order mark, and whether it is doubtful.
fn found(path: &Path, file: &mut File) -> Result<(&'static Encoding, bool), ReadError> {
    let sample = sample(file).map_err(|source| ReadError::File { path: path.to_owned(), source })?;
    match decode::without_mark(path, &sample) {
        // UTF-8 with a broken byte somewhere: the record that has it is reported.
        Err(ReadError::Encoding { encoding, .. }) if encoding == UTF_8.name() => Ok((UTF_8, false)),
        found => found.map(|encoding| (encoding, decode::is_doubtful(encoding, &sample))),
    }
}

/// The first part of a file that is not plain ASCII, cut between two characters.
fn sample(file: &mut File) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(0))?;
    let mut reader = BufReader::with_capacity(CHUNK, file);
    let mut sample = Vec::new();
    loop {
        let chunk = reader.fill_buf()?;
        let (ends, length) = (chunk.is_empty(), chunk.len());
        if !sample.is_empty() || chunk.iter().any(|byte| !byte.is_ascii() || *byte == 0) {
            sample.extend_from_slice(chunk);
        }
        reader.consume(length);
        if ends || sample.len() >= SAMPLE {
            break;
        }
    }
    // An even number of bytes up to a line end, for UTF-16 too.
    if sample.len() >= SAMPLE {
        sample.truncate(SAMPLE);
        let end = sample.iter().rposition(|byte| *byte == b'\n').map_or(SAMPLE, |at| at & !1);
        sample.truncate(end);
    }
    Ok(sample)
}

/// A reader of another encoding as one of UTF-8.
struct Transcoded<R> {
    inner: R,
    decoder: Decoder,
    input: Vec<u8>,
    output: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Transcoded<R> {
    fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Self { inner, decoder, input: Vec::new(), output: Vec::new(), given: 0, ended: false }
    }

    /// Decodes the next piece of the input.
    fn refill(&mut self) -> io::Result<()> {
        self.output.clear();
        self.given = 0;
        self.input.clear();
        self.inner.by_ref().take(CHUNK as u64).read_to_end(&mut self.input)?;
        self.ended = self.input.is_empty();
        let room = self.decoder.max_utf8_buffer_length_without_replacement(self.input.len());
        self.output.resize(room.unwrap_or(4 * CHUNK), 0);
        let (result, _, written) =
            self.decoder.decode_to_utf8_without_replacement(&self.input, &mut self.output, self.ended);
        self.output.truncate(written);
        if result == DecoderResult::InputEmpty {
            return Ok(());
        }
        let name = self.decoder.encoding().name();
        Err(io::Error::new(ErrorKind::InvalidData, format!("it is not valid {name}")))
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.output.len() && !self.ended {
            self.refill()?;
        }
        let count = buffer.len().min(self.output.len() - self.given);
        buffer[..count].copy_from_slice(&self.output[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}
