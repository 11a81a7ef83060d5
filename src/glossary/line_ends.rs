//! How the lines of a glossary file end: in a line feed, with a carriage return before it or not, or in a carriage return
//! alone, as old Macintosh programs write them.

/// The byte that ends the lines of a file. A carriage return alone does only where there is no line feed at all: elsewhere
/// it is one before a line feed, or a stray one inside a cell.
pub(super) fn line_end(bytes: &[u8]) -> u8 {
    let only_returns = memchr::memchr(b'\n', bytes).is_none() && memchr::memchr(b'\r', bytes).is_some();
    if only_returns { b'\r' } else { b'\n' }
}

/// The lines of a text without what ends them.
#[cfg(feature = "documents")]
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let end = char::from(line_end(text.as_bytes()));
    let lines = text.split_terminator(end);
    lines.map(|line| line.strip_suffix('\r').unwrap_or(line))
}

/// A file behind its byte order mark, which belongs to no line.
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}
