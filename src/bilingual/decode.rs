//! The text of an XML file as UTF-8, decoded as it is read.

use std::io::{self, ErrorKind, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How far a byte order mark and an XML declaration are looked for.
const HEAD: usize = 256;

/// Bytes that are decoded at a time.
const CHUNK: usize = 1 << 16;

/// Reads bytes in whatever encoding the file says, and gives UTF-8 without a byte order mark.
pub(super) struct DecodedStream<R> {
    input: R,
    decoder: Decoder,
    encoding: &'static Encoding,
    /// Bytes that are read and not decoded.
    raw: Vec<u8>,
    /// Text that is decoded and not taken.
    decoded: Vec<u8>,
    taken: usize,
    ended: bool,
}

impl<R: Read> DecodedStream<R> {
    /// Reads the beginning, which says the encoding.
    pub(super) fn new(mut input: R) -> io::Result<Self> {
        let mut raw = Vec::with_capacity(HEAD);
        (&mut input).take(HEAD as u64).read_to_end(&mut raw)?;
        let encoding = encoding_of(&raw);
        let decoder = encoding.new_decoder_with_bom_removal();
        Ok(Self { input, decoder, encoding, raw, decoded: Vec::new(), taken: 0, ended: false })
    }

    /// Decodes the next bytes.
    fn fill(&mut self) -> io::Result<()> {
        if self.raw.is_empty() {
            self.raw.resize(CHUNK, 0);
            let read = loop {
                match self.input.read(&mut self.raw) {
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    read => break read?,
                }
            };
            self.raw.truncate(read);
        }
        self.ended = self.raw.is_empty();
        let room = self.decoder.max_utf8_buffer_length_without_replacement(self.raw.len());
        self.decoded.resize(room.unwrap_or(4 * CHUNK), 0);
        let (result, read, written) =
            self.decoder.decode_to_utf8_without_replacement(&self.raw, &mut self.decoded, self.ended);
        self.decoded.truncate(written);
        self.taken = 0;
        self.raw.drain(..read);
        match result {
            DecoderResult::InputEmpty | DecoderResult::OutputFull => Ok(()),
            DecoderResult::Malformed(..) => {
                let message = format!("it is not valid {}", self.encoding.name());
                Err(io::Error::new(ErrorKind::InvalidData, message))
            }
        }
    }
}

impl<R: Read> Read for DecodedStream<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.decoded.len() && !self.ended {
            self.fill()?;
        }
        let left = &self.decoded[self.taken..];
        let count = left.len().min(out.len());
        out[..count].copy_from_slice(&left[..count]);
        self.taken += count;
        Ok(count)
    }
}

/// The encoding of an XML file by its beginning.
fn encoding_of(head: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return encoding;
    }
    match head {
        [b'<', 0, ..] => UTF_16LE,
        [0, b'<', ..] => UTF_16BE,
        _ => declared(head).unwrap_or(UTF_8),
    }
}

/// The encoding that an XML declaration names.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(head);
    let declaration = head.strip_prefix("<?xml")?.split_once("?>")?.0;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let encoding = Encoding::for_label(value[1..].split(quote).next()?.as_bytes())?;
    // One byte a letter can be read, so a name with two was true of the file before somebody saved it anew.
    Some(encoding).filter(|encoding| *encoding != UTF_16LE && *encoding != UTF_16BE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> io::Result<String> {
        let mut text = String::new();
        DecodedStream::new(bytes)?.read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn a_file_is_read_in_the_encoding_that_it_says() {
        let text =
            format!("<?xml version=\"1.0\" encoding=\"UTF-16\"?><a>{}</a>", "Flüge – 🚀 ".repeat(20_000));
        let wide = |mark: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            format!("{mark}{text}").encode_utf16().flat_map(order).collect()
        };
        for bytes in [
            wide("\u{feff}", u16::to_le_bytes),
            wide("\u{feff}", u16::to_be_bytes),
            wide("", u16::to_le_bytes),
            wide("", u16::to_be_bytes),
            text.clone().into_bytes(),
            format!("\u{feff}{text}").into_bytes(),
        ] {
            assert!(read(&bytes).expect("read") == text);
        }
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xfcber</a>";
        assert!(read(latin).expect("read").contains("über"));
    }

    #[test]
    fn wrong_bytes_are_an_error() {
        assert!(read(b"<a>\xfcber</a>").expect_err("wrong").to_string().contains("UTF-8"));
        assert!(read(b"\xff\xfe<\0a").is_err());
        assert_eq!(read(b"").expect("empty"), "");
    }
}
