//! Whether two spellings are transliterations of one name.

use std::sync::LazyLock;

use compact_str::CompactString;
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

/// A word as it sounds. Each word of a sentence is held against many others, so what every comparison needs is worked out
/// once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heard {
    folded: CompactString,
    sounds: CompactString,
    /// Characters of the folded word and of its sounds.
    letters: usize,
    length: usize,
    /// A bit for each letter that its sounds have, the low bits of its code point.
    has: u64,
}

impl Heard {
    /// A word in lower case; see [`fold`](super::fold).
    pub(crate) fn of(folded: &str) -> Self {
        let sounds = sounds(folded);
        Self {
            folded: folded.into(),
            letters: folded.chars().count(),
            length: sounds.chars().count(),
            has: sounds.chars().fold(0, |has, c| has | 1 << (u32::from(c) % u64::BITS)),
            sounds,
        }
    }

    /// Letters that stand for the same sound made equal, doubled ones single.
    pub(crate) fn sounds(&self) -> &str {
        &self.sounds
    }

    /// The characters of the word.
    pub(crate) fn letters(&self) -> usize {
        self.letters
    }

    /// The characters of its sounds.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// Whether this is `name` in another transliteration. Without capitals only the same sounds count.
    ///
    /// An inflected or derived word (`German` for `Germany`) is another word, so only the inside may differ where the
    /// sounds are not the same.
    pub(crate) fn is_alike(&self, name: &Self, capitals: bool) -> bool {
        /// Short names are too often near other words.
        const SHORTEST: usize = 6;
        /// From this length one letter may be another one.
        const LONG: usize = 8;
        if self.folded == name.folded || name.letters < SHORTEST {
            return false;
        }
        let (own, wanted) = (self.sounds.as_str(), name.sounds.as_str());
        if own == wanted {
            return true;
        }
        let ends = |text: &str| {
            let mut last = text.chars().rev();
            (text.chars().next(), last.next(), last.next())
        };
        capitals
            && name.length >= LONG
            && self.length.abs_diff(name.length) <= 1
            && ends(own) == ends(wanted)
            && strsim::osa_distance(own, wanted) == 1
    }

    /// Whether the Jaro-Winkler similarity of the sounds is `least` or more.
    pub(crate) fn resembles(&self, other: &Self, least: f64) -> bool {
        self.most_similar(other) >= least && strsim::jaro_winkler(&self.sounds, &other.sounds) >= least
    }

    /// What the similarity cannot exceed, from the letters alone: one that the other word does not have at all has no match.
    #[expect(clippy::cast_precision_loss, reason = "lengths of words")]
    fn most_similar(&self, other: &Self) -> f64 {
        /// Winkler's weight of each letter that both begin with, of which four count.
        const BOOST: f64 = 0.1;
        if self.length == 0 || other.length == 0 {
            return 1.0;
        }
        let alone = |own: &Self, other: &Self| (own.has & !other.has).count_ones() as usize;
        let matches = (self.length - alone(self, other)).min(other.length - alone(other, self)) as f64;
        let jaro = (matches / self.length as f64 + matches / other.length as f64 + 1.0) / 3.0;
        let beginning = self.sounds.chars().zip(other.sounds.chars()).take(4).take_while(|(a, b)| a == b);
        // A hair more than the sum in another order may come to.
        jaro + BOOST * beginning.count() as f64 * (1.0 - jaro) + 1e-9
    }
}

/// Whether `found` is `name` in another transliteration; see [`Heard::is_alike`].
pub(crate) fn is_alike(found: &str, name: &str, capitals: bool) -> bool {
    Heard::of(found).is_alike(&Heard::of(name), capitals)
}

/// The sounds of a name: letters that stand for the same sound made equal, doubled ones single.
fn sounds(name: &str) -> CompactString {
    let plain = plain(name);
    let mut out = CompactString::with_capacity(plain.len());
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
fn plain(name: &str) -> CompactString {
    let mut out = CompactString::with_capacity(name.len());
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
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_too_far_apart_is_known_without_measuring(
            words in proptest::array::uniform2("[abcdeäß\u{101}]{0,9}|[a-z]{3,9}"),
            least in 0.6_f64..0.95,
        ) {
            let [a, b] = words.map(|word| Heard::of(&word));
            let measured = strsim::jaro_winkler(a.sounds(), b.sounds());
            prop_assert!(a.most_similar(&b) >= measured);
            prop_assert_eq!(a.resembles(&b, least), measured >= least);
        }
    }

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
