//! The text of a file in whichever encoding spreadsheets and CAT tools wrote it.

use std::path::Path;

use encoding_rs::{Encoding, MACINTOSH, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::super::error::{GlossaryError, LineError, LineFault};
use super::super::line_ends::lines;
use crate::model::Origin;

/// Code page 850 from byte 128 on: what Excel calls CSV (MS-DOS).
const CP850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀\
ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

/// How far an XML declaration is looked for.
const DECLARATION: usize = 200;

/// A text, and the encoding it was found to be in where that is a guess.
#[derive(Debug)]
pub(super) struct DecodedText {
    pub(super) text: String,
    pub(super) guessed: Option<&'static str>,
    /// Whether it is UTF-16, which of tables only Excel writes.
    pub(super) is_wide: bool,
}

/// Reads UTF-8 and UTF-16 with and without a byte order mark, what an XML declaration names, and the code pages of Windows,
/// the old Macintosh and DOS.
///
/// # Errors
///
/// If the text is UTF-8 for the most part, but not all of it: then a single character is damaged.
pub(super) fn decoded(path: &Path, bytes: &[u8]) -> Result<DecodedText, GlossaryError> {
    if let Some((encoding, is_guess)) = wide(bytes).or_else(|| declared(bytes).map(|found| (found, false))) {
        let (text, used, _) = encoding.decode(bytes);
        let guessed = is_guess.then_some(used.name());
        return Ok(DecodedText {
            text: unmarked(&text),
            guessed,
            is_wide: used != encoding || is_wide(used),
        });
    }
    let (text, _, is_broken) = encoding_rs::UTF_8.decode(bytes);
    if !is_broken {
        return Ok(DecodedText { text: unmarked(&text), guessed: None, is_wide: false });
    }
    let damaged = text.matches(char::REPLACEMENT_CHARACTER).count();
    let whole = text.chars().filter(|c| !c.is_ascii() && *c != char::REPLACEMENT_CHARACTER).count();
    if whole > damaged {
        let broken = |(_, line): &(usize, &str)| line.contains(char::REPLACEMENT_CHARACTER);
        let (line, shown) = (1..).zip(lines(&text)).find(broken).unwrap_or_default();
        let origin = Origin { path: path.to_owned(), line };
        return Err(LineError::of_line(origin, shown.as_bytes(), LineFault::NotUtf8).into());
    }
    let pages = [
        ("windows-1252", WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()),
        ("macintosh", MACINTOSH.decode_without_bom_handling(bytes).0.into_owned()),
        ("code page 850", dos(bytes)),
    ];
    // The first of equals: without a German letter, hardly anything but Windows is left.
    let best = pages.into_iter().rev().max_by_key(|(_, text)| plausibility(text));
    let (name, text) = best.unwrap_or_default();
    Ok(DecodedText { text, guessed: Some(name), is_wide: false })
}

fn is_wide(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// UTF-16, by its mark or by the zeros that Latin letters have in it; and whether that is a guess.
fn wide(bytes: &[u8]) -> Option<(&'static Encoding, bool)> {
    match bytes {
        [0xff, 0xfe, ..] => return Some((UTF_16LE, false)),
        [0xfe, 0xff, ..] => return Some((UTF_16BE, false)),
        _ => {}
    }
    let zeros = |from: usize| bytes.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (high, low) = (zeros(0), zeros(1));
    let most = bytes.len() / 4;
    match () {
        () if low > most && high == 0 => Some((UTF_16LE, true)),
        () if high > most && low == 0 => Some((UTF_16BE, true)),
        () => None,
    }
}

/// The encoding that an XML declaration names.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(DECLARATION)];
    let head = String::from_utf8_lossy(head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head));
    let declaration = head.strip_prefix("<?xml")?.split_once("?>")?.0;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = value[1..].split(quote).next()?;
    // One byte a letter can be read, so a name with two was true of the file before somebody saved it anew.
    Encoding::for_label(label.as_bytes())
        .filter(|encoding| !is_wide(encoding) && *encoding != encoding_rs::UTF_8)
}

fn unmarked(text: &str) -> String {
    text.trim_start_matches('\u{feff}').to_owned()
}

fn dos(bytes: &[u8]) -> String {
    let upper: Vec<char> = CP850.chars().collect();
    let letter = |byte: &u8| match byte.checked_sub(128) {
        None => char::from(*byte),
        Some(at) => upper.get(usize::from(at)).copied().unwrap_or(char::REPLACEMENT_CHARACTER),
    };
    bytes.iter().map(letter).collect()
}

/// How much a text reads as German or English: letters with marks where words have them, and typographic signs, less what
/// stands in no word.
fn plausibility(text: &str) -> i64 {
    let mut score = 0;
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        let inside = before.is_ascii_alphabetic() || after.is_ascii_alphabetic();
        score += match c {
            'ä' | 'ö' | 'ü' | 'ß' if after.is_uppercase() && !before.is_uppercase() => -1,
            'ä' | 'ö' | 'ü' | 'ß' if inside => 2,
            'Ä' | 'Ö' | 'Ü' if after.is_lowercase() && !before.is_alphabetic() => 2,
            '„' | '“' | '”' | '‚' | '‘' | '’' | '–' | '…' | '€' | '»' | '«' | '§' => 1,
            _ if c.is_ascii() => 0,
            _ if c.is_control() || (!c.is_alphabetic() && inside) => -2,
            _ if c.is_uppercase() && before.is_lowercase() => -2,
            _ => 0,
        };
        before = c;
    }
    score
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Deutsch;Englisch\r\nFlugkörper;missile\r\nÄmter;offices\r\nStraße;road\r\n";

    fn read(bytes: &[u8]) -> DecodedText {
        decoded(Path::new("g.csv"), bytes).unwrap()
    }

    #[test]
    fn every_encoding_of_a_spreadsheet_gives_the_same_text() {
        let wide = |mark: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            format!("{mark}{TEXT}").encode_utf16().flat_map(order).collect()
        };
        let single = |page: &str| -> Vec<u8> {
            let byte = |c: char| page.chars().position(|other| other == c).map_or(0, |at| at + 128);
            TEXT.chars()
                .map(|c| if c.is_ascii() { c as u8 } else { u8::try_from(byte(c)).unwrap() })
                .collect()
        };
        let upper: Vec<u8> = (128..=255).collect();
        let mac = MACINTOSH.decode_without_bom_handling(&upper).0.into_owned();
        let windows = WINDOWS_1252.decode_without_bom_handling(&upper).0.into_owned();
        for (bytes, guessed) in [
            (TEXT.as_bytes().to_vec(), None),
            (format!("\u{feff}{TEXT}").into_bytes(), None),
            (wide("\u{feff}", u16::to_le_bytes), None),
            (wide("\u{feff}", u16::to_be_bytes), None),
            (wide("", u16::to_le_bytes), Some("UTF-16LE")),
            (wide("", u16::to_be_bytes), Some("UTF-16BE")),
            (single(&windows), Some("windows-1252")),
            (single(&mac), Some("macintosh")),
            (single(CP850), Some("code page 850")),
        ] {
            let found = read(&bytes);
            assert_eq!((found.text.as_str(), found.guessed), (TEXT, guessed));
        }
        assert_eq!(CP850.chars().count(), 128);
    }

    #[test]
    fn quotation_marks_of_windows_are_no_letters_of_dos() {
        assert_eq!(read(b"\x84Spiegel\x93;\x84Spiegel\x94\n").text, "„Spiegel“;„Spiegel”\n");
    }

    #[test]
    fn a_declaration_is_believed_and_a_damaged_letter_is_told() {
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xfcber</a>";
        assert!(read(latin).text.contains("über"));
        let saved_anew = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a>über</a>";
        assert_eq!(read(saved_anew.as_bytes()).text, saved_anew);
        let damaged =
            decoded(Path::new("g.csv"), "über,Öl\nFl\u{fc}sse".as_bytes().strip_suffix(b"sse").unwrap());
        assert!(damaged.is_ok());
        let damaged = [("über,Öl\nKühe,".as_bytes()), b"\xff\n"].concat();
        let error = decoded(Path::new("g.csv"), &damaged).unwrap_err().to_string();
        assert!(error.starts_with("g.csv:2: "), "{error}");
    }
}
