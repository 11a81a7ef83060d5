//! Forms that name all genders, as the press writes them: `Mitarbeiter:innen`, `Mitarbeiter*innen`, `Mitarbeiter_innen`,
//! `Mitarbeiter/-innen`, `Mitarbeiter(innen)`, `MitarbeiterInnen`, `Abgeordnete:r`. All of them are alike.

use super::folding::Folded;
use super::inflection;

/// What stands between the word and the ending of the other gender, longest first. A bracket must close behind it.
const JOINTS: [&str; 11] = [":", "*", "_", "·", "•", "’", "/-", "/", "(-", "(", "!"];
/// The feminine endings; then those of adjectival nouns (`Abgeordnete:r`).
const ENDINGS: [&str; 6] = ["innen", "Innen", "in", "In", "r", "n"];
/// The feminine in brackets inside the plural: `Student(inn)en`.
const BRACKETED: &str = "(inn)en";

/// The bytes of the joint and the ending of the other gender that `rest`, the text behind a word, begins with; 0 if there is
/// none.
#[inline]
pub(super) fn suffix(rest: &str) -> usize {
    // Nearly every word has a blank or a mark of another kind behind it.
    if !matches!(rest.as_bytes().first(), Some(b':' | b'*' | b'_' | b'/' | b'(' | b'!' | 0xc2 | 0xe2)) {
        return 0;
    }
    if let Some(behind) = rest.strip_prefix(BRACKETED) {
        return if behind.starts_with(char::is_alphanumeric) { 0 } else { BRACKETED.len() };
    }
    let of_joint = |joint: &&str| {
        let behind = rest.strip_prefix(*joint)?;
        ENDINGS.iter().find_map(|ending| {
            let behind = behind.strip_prefix(ending)?;
            let behind = if joint.starts_with('(') { behind.strip_prefix(')')? } else { behind };
            (!behind.starts_with(char::is_alphanumeric)).then_some(rest.len() - behind.len())
        })
    };
    JOINTS.iter().find_map(of_joint).unwrap_or(0)
}

/// The letters, in bytes, of the ending that a word has with a capital inside: `MitarbeiterInnen`.
fn inner(surface: &str) -> usize {
    let small = |stem: &str| stem.ends_with(char::is_lowercase);
    ["Innen", "In"].iter().find(|e| surface.strip_suffix(**e).is_some_and(small)).map_or(0, |e| e.len())
}

/// Whether a word that ends at a byte can be a gendered form: one look for the many that are not.
#[inline]
pub(super) fn may_be_gendered(text: &str, end: usize) -> bool {
    text.as_bytes().get(end.wrapping_sub(1)) == Some(&b'n') && inner(&text[..end]) > 0
        || suffix(&text[end..]) > 0
}

/// The folded words that a gendered form may be made of: with the ending taken off, the `-e` or `-er` of the masculine put
/// back and the umlaut of the feminine undone. They are looked for in the glossary as they stand.
pub(super) fn masculines(text: &str, folded: &Folded, token: usize) -> Vec<Vec<u8>> {
    let span = &folded.tokens[token].span;
    let letters = folded.word(token);
    let stem = &letters[..letters.len() - inner(&text[span.clone()]).min(letters.len())];
    let mut stems = vec![stem.to_vec()];
    stems.extend(inflection::without_umlaut(stem));
    let endings = ["", "e", "er"];
    stems.iter().flat_map(|stem| endings.map(|ending| [stem, ending.as_bytes()].concat())).collect()
}

/// The other typographies of a source that is a gendered form itself.
pub(super) fn spellings(source: &str) -> Vec<String> {
    let joint = |c: char| ":*_·•/(!".contains(c);
    let base = match source.find(joint) {
        Some(at) if at > 0 && suffix(&source[at..]) == source.len() - at => &source[..at],
        _ => match inner(source) {
            0 => return Vec::new(),
            ending => &source[..source.len() - ending],
        },
    };
    let Some(ending) = ENDINGS.iter().find(|e| source.trim_end_matches(')').to_lowercase().ends_with(**e))
    else {
        return Vec::new();
    };
    let capital = ending[..1].to_uppercase() + &ending[1..];
    let joined = JOINTS.iter().map(|joint| {
        let close = if joint.starts_with('(') { ")" } else { "" };
        format!("{base}{joint}{ending}{close}")
    });
    joined.chain([format!("{base}{capital}")]).filter(|spelling| spelling != source).collect()
}
