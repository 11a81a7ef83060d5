//! From bytes to text, without losing or changing a character.
//!
//! A byte order mark decides. Without one, bytes that are valid UTF-8 are UTF-8; otherwise the file is
//! UTF-16 if the NUL bytes of Latin letters stand where UTF-16 has them, and an older one-byte encoding
//! if nothing in it is UTF-8 beyond chance. UTF-8 with some broken bytes is refused with the place of the
//! first one: reading it as something else would garble every umlaut, replacing the bytes would lose them.

use std::path::Path;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::error::ReadError;
use crate::model::Encoding;

/// How files begin that are not text, whatever their name says.
const SIGNATURES: [(&[u8], &str); 14] = [
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b\x08", "a gzip archive"),
    (b"BZh9", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
];

/// At most one character in this many may be a control character.
const CONTROL_SHARE: usize = 20;

/// Decodes the bytes of a file; `path` is for the errors.
pub(super) fn decode(path: &Path, bytes: &[u8]) -> Result<(String, Encoding), ReadError> {
    refuse_binary(path, bytes)?;
    let (text, encoding) = if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        (with(path, encoding, bytes, mark)?, Encoding::known(encoding.name(), true))
    } else {
        let encoding = without_mark(path, bytes)?;
        let is_doubtful = is_doubtful(encoding, bytes);
        let text = with(path, encoding, bytes, 0)?;
        (text, Encoding { is_doubtful, ..Encoding::known(encoding.name(), false) })
    };
    refuse_controls(path, &text)?;
    Ok((text, encoding))
}

/// Refuses what begins like something that is not text; the first bytes of a file are enough.
pub(super) fn refuse_binary(path: &Path, bytes: &[u8]) -> Result<(), ReadError> {
    if bytes.starts_with(b"\xff\xfe\0\0") || bytes.starts_with(b"\0\0\xfe\xff") {
        return Err(binary(path, "it is UTF-32; save it as UTF-8"));
    }
    match SIGNATURES.iter().find(|(start, _)| bytes.starts_with(start)) {
        Some((_, found)) => Err(binary(path, found)),
        None => Ok(()),
    }
}

/// Decodes the bytes of a file that says its one-byte encoding itself, unless that would give text that nobody writes: then
/// the file is mistaken.
pub(super) fn decode_labelled(
    path: &Path,
    bytes: &[u8],
    encoding: &'static encoding_rs::Encoding,
) -> Result<(String, Encoding), ReadError> {
    match with(path, encoding, bytes, 0) {
        Ok(text) if !has_odd_letters(&text) && refuse_controls(path, &text).is_ok() => {
            Ok((text, Encoding::known(encoding.name(), false)))
        }
        _ => decode(path, bytes),
    }
}

/// Decodes what stands behind the byte order mark.
fn with(
    path: &Path,
    encoding: &'static encoding_rs::Encoding,
    bytes: &[u8],
    mark: usize,
) -> Result<String, ReadError> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..]);
    text.map(std::borrow::Cow::into_owned).ok_or_else(|| {
        let offset = mark + wrong_byte(encoding, &bytes[mark..]);
        ReadError::Encoding { path: path.to_owned(), encoding: encoding.name(), offset }
    })
}

/// Where the first byte stands that the encoding does not allow.
fn wrong_byte(encoding: &'static encoding_rs::Encoding, bytes: &[u8]) -> usize {
    if encoding == UTF_8 {
        return std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    }
    if encoding.is_single_byte() {
        let known = |byte| encoding.decode_without_bom_handling_and_without_replacement(&[byte]).is_some();
        return bytes.iter().position(|&byte| !known(byte)).unwrap_or(bytes.len());
    }
    let unit = |pair: &[u8; 2]| {
        if encoding == UTF_16LE { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) }
    };
    let (pairs, _) = bytes.as_chunks();
    let units = char::decode_utf16(pairs.iter().map(unit));
    2 * units.map_while(Result::ok).map(char::len_utf16).sum::<usize>()
}

/// The encoding of a file without a byte order mark.
pub(super) fn without_mark(path: &Path, bytes: &[u8]) -> Result<&'static encoding_rs::Encoding, ReadError> {
    if bytes.contains(&0) {
        return utf16_by_nuls(bytes).ok_or_else(|| binary(path, "it has NUL bytes"));
    }
    let Err(error) = std::str::from_utf8(bytes) else { return Ok(UTF_8) };
    if has_utf8(bytes) {
        return Err(ReadError::Encoding {
            path: path.to_owned(),
            encoding: UTF_8.name(),
            offset: error.valid_up_to(),
        });
    }
    one_byte_encoding(path, bytes)
}

/// UTF-16 recognised by where the NUL bytes are: Latin letters have one in every pair, always on the same side.
fn utf16_by_nuls(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let firsts = pairs.iter().filter(|pair| pair[0] == 0).count();
    let seconds = pairs.iter().filter(|pair| pair[1] == 0).count();
    // Half of the characters Latin, and next to none that would be one on the other side (such as U+0100).
    let clear = |many: usize, few: usize| many * 2 > pairs.len() && few * 50 <= many;
    match rest {
        [] if clear(seconds, firsts) => Some(UTF_16LE),
        [] if clear(firsts, seconds) => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether something in the bytes is UTF-8 that no German text in a one-byte encoding would have: there,
/// the bytes of `ä` or of a typographic quote in UTF-8 read `Ã¤` and `â€œ`. (`ß»`, on the other hand, is
/// valid UTF-8 by chance.)
fn has_utf8(bytes: &[u8]) -> bool {
    bytes.utf8_chunks().any(|chunk| {
        let marks = |pair: &[u8]| matches!(pair, [0xc2 | 0xc3, 0x80..=0xbf] | [0xe2, 0x80..=0x8b]);
        chunk.valid().as_bytes().windows(2).any(marks)
    })
}

fn one_byte_encoding(path: &Path, bytes: &[u8]) -> Result<&'static encoding_rs::Encoding, ReadError> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(Some(b"de"), Utf8Detection::Deny);
    // Guesses of Asian encodings are not followed: with a few umlauts as evidence they are wrong.
    let fits = |bytes| guess.decode_without_bom_handling_and_without_replacement(bytes).is_some();
    if guess != WINDOWS_1252 && guess.is_single_byte() && fits(bytes) {
        return Ok(guess);
    }
    // Five bytes stand for nothing in Windows-1252; decoders make invisible control characters of them.
    match bytes.iter().position(|byte| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)) {
        Some(offset) => {
            Err(ReadError::Encoding { path: path.to_owned(), encoding: WINDOWS_1252.name(), offset })
        }
        None => Ok(WINDOWS_1252),
    }
}

/// Whether a guess of the encoding may well be wrong: it gives another text than the one-byte encoding of German files
/// does, or a text that nobody writes. `ä` in a file of a Macintosh or of DOS reads `Š` or `„` in Windows-1252.
pub(super) fn is_doubtful(encoding: &'static encoding_rs::Encoding, bytes: &[u8]) -> bool {
    if !encoding.is_single_byte() {
        return false;
    }
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    if text != WINDOWS_1252.decode_without_bom_handling(bytes).0 {
        return true;
    }
    has_odd_letters(&text)
}

/// Whether letters stand where no German has them, more often than keyboards slip.
fn has_odd_letters(text: &str) -> bool {
    /// One odd character among this many that are not ASCII may be a slip of the keyboard.
    const SLIPS: usize = 8;
    let (mut foreign, mut odd) = (0_usize, 0_usize);
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if !c.is_ascii() {
            foreign += 1;
            odd += usize::from(is_odd(before, c, rest.peek().copied().unwrap_or(' ')));
        }
        before = c;
    }
    odd * SLIPS > foreign
}

/// Whether a character that is not ASCII stands where no German has it: a capital behind a small letter, a letter of another
/// script in a word, or between two letters a sign that joins no words.
fn is_odd(before: char, c: char, after: char) -> bool {
    let joins = matches!(c, '’' | '‘' | '·' | '•' | '…' | '–' | '—' | '\u{ad}' | '\u{a0}' | '´');
    let capital = c.is_uppercase() && before.is_lowercase();
    // Greek, Cyrillic and all others up to where the rarer Latin letters are.
    let is_other_script = c.is_alphabetic() && ('\u{370}'..'\u{1e00}').contains(&c);
    let in_latin = before.is_ascii_alphabetic() || after.is_ascii_alphabetic();
    capital
        || is_other_script && in_latin
        || !c.is_alphabetic() && !joins && before.is_alphabetic() && after.is_alphabetic()
}

/// Refuses what decodes but is not text.
fn refuse_controls(path: &Path, text: &str) -> Result<(), ReadError> {
    if text.contains('\0') {
        return Err(binary(path, "it has NUL characters"));
    }
    if has_many_controls(text) {
        return Err(binary(path, "it has many control characters"));
    }
    Ok(())
}

/// Whether a text holds more control characters than stray ones, or a NUL.
pub(super) fn has_many_controls(text: &str) -> bool {
    let layout = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}');
    let controls = text.chars().filter(|&c| c.is_control() && !layout(c)).count();
    controls * CONTROL_SHARE > text.chars().count() || text.contains('\0')
}

fn binary(path: &Path, found: &'static str) -> ReadError {
    ReadError::Binary { path: path.to_owned(), found }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GERMAN: &str = "Über den Wäldern stand der Mond.\r\n„Groß“, sagte Jürgen – und schwieg.\u{c}\r";

    fn read(bytes: &[u8]) -> Result<(String, Encoding), ReadError> {
        decode(Path::new("a.txt"), bytes)
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    fn offset(bytes: &[u8]) -> usize {
        match read(bytes) {
            Err(ReadError::Encoding { offset, .. }) => offset,
            other => panic!("{other:?}"),
        }
    }

    fn found(bytes: &[u8]) -> &'static str {
        match read(bytes) {
            Err(ReadError::Binary { found, .. }) => found,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_encoding_is_recognised_and_kept_to_the_letter() {
        let marked = |mark: &[u8], bytes: Vec<u8>| [mark, &bytes].concat();
        let (latin, _, _) = WINDOWS_1252.encode(GERMAN);
        for (bytes, name, bom) in [
            (GERMAN.as_bytes().to_vec(), "UTF-8", false),
            (marked(b"\xef\xbb\xbf", GERMAN.into()), "UTF-8", true),
            (marked(b"\xff\xfe", utf16(GERMAN, u16::to_le_bytes)), "UTF-16LE", true),
            (marked(b"\xfe\xff", utf16(GERMAN, u16::to_be_bytes)), "UTF-16BE", true),
            (utf16(GERMAN, u16::to_le_bytes), "UTF-16LE", false),
            (utf16(GERMAN, u16::to_be_bytes), "UTF-16BE", false),
            (latin.into_owned(), "windows-1252", false),
        ] {
            let (text, encoding) = read(&bytes).expect(name);
            assert_eq!(text, GERMAN, "{name}");
            assert_eq!((encoding.name.as_str(), encoding.bom), (name, bom));
        }
    }

    #[test]
    fn chance_pairs_in_windows_1252_are_no_utf8() {
        for text in
            ["»So ein Spaß«, rief sie.", "Der „Spaß“ ging weiter, süß“.", "Straße", "Köln: 5 °C", "80 €"]
        {
            let (bytes, _, _) = WINDOWS_1252.encode(text);
            assert_eq!(read(&bytes).expect(text).0, text);
        }
    }

    #[test]
    fn a_guess_that_gives_odd_letters_is_doubtful() {
        let is_doubtful = |bytes: &[u8]| read(bytes).expect("text").1.is_doubtful;
        // „Das Mädchen mit dem großen Hut weiß, was es möchte.“ and so on, on a Macintosh and under DOS.
        assert!(is_doubtful(
            b"Das M\x8adchen mit dem gro\xa7en Hut wei\xa7, was es m\x9achte. Die V\x9agel fl\x9fgen."
        ));
        assert!(is_doubtful(
            b"Das M\x84dchen mit dem gro\xe1en Hut wei\xe1, was es m\x94chte. Die V\x94gel \x84ngstigten es."
        ));
        let polish =
            encoding_rs::WINDOWS_1250.encode("Łódź, Gdańsk i Wrocław są dużymi miastami, a więc przyjdź").0;
        assert!(is_doubtful(&polish));
    }

    #[test]
    fn german_in_its_own_encodings_is_beyond_doubt() {
        let german = "„Größe“, sagte André Müller-Lüdenscheidt – 20 % über „Maß“ … Kolleg·innen, Ärzt*innen, 5 €/Stück, L’Été";
        for text in [german, GERMAN, "Straße", "Über", "»So ein Spaß«, rief sie.", "5 °C", "„Ja“ (§ 5)"]
        {
            let latin = WINDOWS_1252.encode(text).0;
            for bytes in [latin.as_ref(), text.as_bytes(), &utf16(text, u16::to_le_bytes)] {
                assert!(!read(bytes).expect(text).1.is_doubtful, "{text}");
            }
        }
        for seed in [
            "01-wostotschny.txt",
            "02-sicherheitsrat.txt",
            "03-hwasong.txt",
            "04-nordflotte.txt",
            "06-wirtschaftsforum.txt",
        ] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(seed);
            assert!(!read(&std::fs::read(path).expect("a sample")).expect(seed).1.is_doubtful, "{seed}");
        }
    }

    #[test]
    fn broken_utf8_is_refused_with_its_place() {
        assert_eq!(offset(b"Gr\xc3\xbc\xc3\x9fe aus K\xf6ln"), 13);
        assert_eq!(offset("„Ja“, sagte sie. \u{fc}".as_bytes().split_last().expect("bytes").1), 21);
        assert_eq!(offset(b"\xef\xbb\xbfJa\xffNein"), 5);
    }

    #[test]
    fn broken_utf16_is_refused_with_its_place() {
        let mut bytes = utf16("\u{feff}Ein Satz", u16::to_le_bytes);
        bytes.extend([0x00, 0xd8, b'.', 0]);
        assert_eq!(offset(&bytes), 18);
        bytes.truncate(17);
        assert_eq!(offset(&bytes), 16);
    }

    #[test]
    fn bytes_that_stand_for_nothing_are_refused() {
        assert_eq!(offset(b"M\x81ller und Meier"), 1);
    }

    #[test]
    fn what_is_no_text_is_refused_by_name() {
        assert_eq!(found(b"%PDF-1.7\n..."), "a PDF document");
        assert_eq!(found(b"PK\x03\x04\x14\0"), "a ZIP archive or office document");
        assert_eq!(found(b"\x89PNG\r\n\x1a\n\0\0"), "a PNG image");
        assert_eq!(found(b"Text\0Text"), "it has NUL bytes");
        assert_eq!(found(&utf16("\u{feff}a\0b", u16::to_le_bytes)), "it has NUL characters");
        assert_eq!(found(&[1, 2, 3, b'a', 4, 5, 6]), "it has many control characters");
        assert_eq!(found(b"\xff\xfe\0\0a\0\0\0"), "it is UTF-32; save it as UTF-8");
    }

    proptest! {
        #[test]
        fn utf8_is_never_changed(text in "[^\0-\x08\x0e-\x1f\x7f-\u{9f}\u{feff}]*") {
            let refused = SIGNATURES.iter().any(|(start, _)| text.as_bytes().starts_with(start));
            prop_assume!(!refused);
            prop_assert_eq!(read(text.as_bytes()).expect("text").0, text);
        }

        #[test]
        fn any_bytes_give_text_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok((text, encoding)) = read(&bytes) {
                let encoding = encoding_rs::Encoding::for_label(encoding.name.as_bytes()).expect("known");
                prop_assert_eq!(text, encoding.decode(&bytes).0);
            }
        }
    }
}
