//! Whether two spellings are transliterations of one name.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::tables::{must, rows};

/// Letters and the common form they have, longest first, by their first byte: every name of a corpus is held against every
/// word of its sentence.
static SOUNDS: LazyLock<Vec<Vec<[&str; 2]>>> = LazyLock::new(|| {
    let rows = must(rows("english/data/transliteration.tsv", include_str!("data/transliteration.tsv")));
    let mut sounds = vec![Vec::new(); usize::from(u8::MAX) + 1];
    for [letters, sound] in rows.iter().map(|row| row.cells) {
        if let Some(first) = letters.bytes().next() {
            sounds[usize::from(first)].push([letters, sound]);
        }
    }
    for beginning_alike in &mut sounds {
        beginning_alike.sort_by_key(|[letters, _]| std::cmp::Reverse(letters.len()));
    }
    sounds
});

/// Whether `found` is `name` in another transliteration; both folded. Without capitals only the same sounds count.
///
/// An inflected or derived word (`German` for `Germany`) is another word, so only the inside may differ where the
/// sounds are not the same.
pub(crate) fn is_alike(found: &str, name: &str, capitals: bool) -> bool {
    /// Short names are too often near other words.
    const SHORTEST: usize = 6;
    /// From this length one letter may be another one.
    const LONG: usize = 8;
    if found == name || name.chars().count() < SHORTEST {
        return false;
    }
    let (own, wanted) = (sounds(found), sounds(name));
    if own == wanted {
        return true;
    }
    let ends = |text: &str| (text.chars().next(), text.chars().rev().take(2).collect::<String>());
    capitals
        && wanted.chars().count() >= LONG
        && ends(&own) == ends(&wanted)
        && strsim::osa_distance(&own, &wanted) == 1
}

/// The sounds of a name: letters that stand for the same sound made equal, doubled ones single.
pub(crate) fn sounds(name: &str) -> String {
    let plain = plain(name);
    let mut out = String::with_capacity(plain.len());
    let mut rest = plain.as_str();
    while let Some(first) = rest.chars().next() {
        let beginning_alike = &SOUNDS[usize::from(rest.as_bytes()[0])];
        let known = beginning_alike.iter().find(|[letters, _]| rest.starts_with(letters));
        let (letters, sound) =
            known.map_or((first.len_utf8(), &rest[..first.len_utf8()]), |[l, s]| (l.len(), *s));
        // A doubled letter, be it in the spelling or because two spellings of one sound meet.
        if !out.ends_with(sound) {
            out.push_str(sound);
        }
        rest = &rest[letters..];
    }
    out
}

/// Without diacritics; umlauts are two letters, as where they cannot be typed.
fn plain(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            'ä' | 'æ' => out.push_str("ae"),
            'ö' | 'ø' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'ß' => out.push_str("ss"),
            'ł' => out.push('l'),
            'ı' => out.push('i'),
            c if c.is_ascii() => out.push(c),
            c => out.extend(std::iter::once(c).nfd().filter(|d| !is_combining_mark(*d))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transliterations_are_told_from_other_words() {
        for (found, name) in [
            ("shostakovitch", "shostakovich"),
            ("schostakowitsch", "shostakovich"),
            ("tchaikovski", "tchaikovsky"),
            ("jerewan", "yerevan"),
            ("käthchen", "kaethchen"),
            ("dostojevskij", "dostoyevsky"),
        ] {
            assert!(is_alike(found, name, true), "{found} {name} {} {}", sounds(found), sounds(name));
        }
        for (found, name) in [
            ("german", "germany"),
            ("bavarians", "bavaria"),
            ("australia", "austria"),
            ("slovakia", "slovenia"),
            ("norwegian", "norway"),
        ] {
            assert!(!is_alike(found, name, true), "{found} {name}");
        }
        assert!(is_alike("jerewan", "yerevan", false) && !is_alike("gorbachov", "gorbachev", false));
    }
}
