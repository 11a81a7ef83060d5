//! How German words inflect: the rules of `data/endings.tsv`.
//!
//! Rules are applied in one direction only. An entry's word gives stems, each with the endings it may take; a
//! word of the text is a form of it if it is one of the stems followed by one of its endings. Nothing is ever
//! taken off a word of the text, so `Puti` is not a form of `Putin`.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::tables::{self, Kinds, TableError, must, values};

/// The class of a word, which decides the rules that apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::EnumString)]
#[strum(serialize_all = "lowercase")]
pub(super) enum WordClass {
    /// A name whose English is alike.
    Name,
    /// Any other word with a capital.
    Noun,
    Word,
    /// A word before the last one of a term.
    Inner,
    /// A form given as such: it does not inflect, and no row of the table is for it.
    #[strum(disabled)]
    Fixed,
}

/// A stem and what may follow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stem {
    /// Folded letters.
    pub(super) letters: Box<str>,
    /// The endings, each possibly empty.
    pub(super) endings: Endings,
}

/// A set of endings of the tables.
pub(super) type Endings = &'static [&'static str];

/// One row of `endings.tsv`.
#[derive(Debug)]
struct EndingRule {
    takes_off: &'static str,
    plain: Vec<&'static str>,
    umlaut: Vec<&'static str>,
}

/// The parsed tables.
struct InflectionTables {
    rules: HashMap<WordClass, HashMap<&'static str, Vec<EndingRule>>>,
    longest_suffix: usize,
    longest_ending: usize,
    not_forms: HashMap<&'static str, Vec<&'static str>>,
    ordinals: Vec<[&'static str; 3]>,
    links: Vec<&'static str>,
    derive: HashSet<&'static str>,
    longest_derivation: usize,
    verb_endings: HashSet<&'static str>,
    small_verb_endings: HashSet<&'static str>,
    conjunctions: HashSet<&'static str>,
    common_nouns: HashSet<&'static str>,
    look_alikes: Vec<&'static str>,
}

static TABLES: LazyLock<InflectionTables> = LazyLock::new(|| must(InflectionTables::read()));

impl InflectionTables {
    fn read() -> Result<Self, TableError> {
        let mut rules: HashMap<_, HashMap<_, Vec<EndingRule>>> = HashMap::new();
        for row in tables::rows::<4>("glossary/data/endings.tsv", include_str!("data/endings.tsv"))? {
            let [class, suffix, takes_off, endings] = row.cells;
            let class = class.parse().map_err(|_| row.error(format!("there is no class {class:?}")))?;
            let class: &mut HashMap<_, Vec<EndingRule>> = rules.entry(class).or_default();
            for suffix in values(suffix) {
                class.entry(suffix).or_default().push(rule(takes_off, endings));
            }
        }
        let suffixes = rules.values().flat_map(HashMap::keys).map(|s: &&str| s.len()).max().unwrap_or(0);
        let endings =
            rules.values().flat_map(HashMap::values).flatten().flat_map(|r| r.plain.iter().chain(&r.umlaut));
        let longest_ending = endings.map(|e| e.len()).max().unwrap_or(0);
        let compounds = Kinds::read(
            "glossary/data/compounds.tsv",
            include_str!("data/compounds.tsv"),
            &["link", "derive", "verb", "small-verb", "other", "conjunction"],
        )?;
        let derive: HashSet<&str> = compounds.values("derive")?;
        let not_forms = tables::rows::<2>("glossary/data/not_forms.tsv", include_str!("data/not_forms.tsv"))?;
        let ordinals = tables::rows::<3>("glossary/data/ordinals.tsv", include_str!("data/ordinals.tsv"))?;
        Ok(Self {
            longest_suffix: suffixes,
            longest_ending,
            rules,
            not_forms: not_forms.iter().map(|row| (row.cells[0], values(row.cells[1]).collect())).collect(),
            ordinals: ordinals.iter().map(|row| row.cells).collect(),
            links: compounds.values("link")?,
            longest_derivation: derive.iter().map(|d| d.len()).max().unwrap_or(0),
            derive,
            verb_endings: compounds.values("verb")?,
            small_verb_endings: compounds.values("small-verb")?,
            look_alikes: compounds.values("other")?,
            conjunctions: compounds.values("conjunction")?,
            common_nouns: tables::words(include_str!("data/common_nouns.txt")).collect(),
        })
    }
}

fn rule(takes_off: &'static str, endings: &'static str) -> EndingRule {
    let (umlaut, plain): (Vec<_>, Vec<_>) = values(endings).partition(|e| e.starts_with('^'));
    let umlaut = umlaut.into_iter().map(|e| if e == "^." { "" } else { &e[1..] }).collect();
    let takes_off = if takes_off == "." { "" } else { takes_off };
    EndingRule { takes_off, plain, umlaut }
}

/// The longest ending of the tables, in bytes.
pub(super) fn longest_ending() -> usize {
    TABLES.longest_ending
}

/// Whether `word` joins an elided half to a whole word.
pub(super) fn is_conjunction(word: &str) -> bool {
    TABLES.conjunctions.contains(word)
}

/// What may stand between two members of a closed compound.
pub(super) fn links() -> Endings {
    &TABLES.links
}

/// Whether `rest` behind a word makes another word of it (`er`, `ismus`, `nistik`), not a compound.
pub(super) fn is_derivation(rest: &str) -> bool {
    /// Suffixes as long as this are also seen behind one or two letters that only join them to the stem.
    const LONG: usize = 4;
    /// Letters that may stand before such a suffix.
    const JOINED: usize = 2;
    if rest.len() > TABLES.longest_derivation + JOINED {
        return false;
    }
    let joined = rest.char_indices().skip(1).take(JOINED).map(|(at, _)| &rest[at..]);
    TABLES.derive.contains(rest)
        || joined.filter(|s| s.len() >= LONG).any(|suffix| TABLES.derive.contains(suffix))
}

/// Whether `rest` behind a noun makes a verb of it: `landete` is no compound of Land. `small` says whether the word is
/// written small.
pub(super) fn is_verb_ending(rest: &str, small: bool) -> bool {
    TABLES.verb_endings.contains(rest) || (small && TABLES.small_verb_endings.contains(rest))
}

/// Whether a folded word only looks like a compound of the word that it begins with: Preiselbeere.
pub(super) fn looks_compound(folded: &str) -> bool {
    TABLES.look_alikes.iter().any(|start| folded.starts_with(start))
}

/// Whether a folded word is, or ends in, a noun that has a like noun in English: Kongress, Parlament.
pub(super) fn is_common_noun(folded: &str) -> bool {
    /// The fewest letters of a member before such a noun: with fewer it is the end of another word.
    const MEMBER: usize = 3;
    let ends = (MEMBER..folded.len()).filter_map(|at| folded.get(at..));
    std::iter::once(folded).chain(ends).any(|end| TABLES.common_nouns.contains(end))
}

/// The digits and the Roman numeral that an ordinal is also written as.
pub(super) fn ordinal(folded: &str) -> Option<[&'static str; 2]> {
    let found = TABLES.ordinals.iter().find(|[stem, ..]| {
        folded.strip_prefix(stem).is_some_and(|e| matches!(e, "e" | "er" | "es" | "en" | "em"))
    })?;
    Some([found[1], found[2]])
}

/// The stems of a folded word; the first is the word itself.
pub(super) fn stems(folded: &str, class: WordClass) -> Vec<Stem> {
    let mut out = vec![Stem { letters: folded.into(), endings: &[""] }];
    for rule in rules_for(folded, class) {
        let base = folded.strip_suffix(rule.takes_off).unwrap_or(folded);
        if base.len() < 2 {
            continue;
        }
        push(&mut out, base.to_owned(), &rule.plain);
        if let Some(base) = umlaut(base).filter(|_| !rule.umlaut.is_empty()) {
            push(&mut out, base, &rule.umlaut);
        }
    }
    if class == WordClass::Word {
        participles(folded, &mut out);
    }
    out
}

fn push(out: &mut Vec<Stem>, letters: String, endings: &'static [&'static str]) {
    if !endings.is_empty() {
        out.push(Stem { letters: letters.into(), endings });
    }
}

/// `geteilt` for `teilen`: the participle of weak verbs.
fn participles(folded: &str, out: &mut Vec<Stem>) {
    let stem = folded
        .strip_suffix("en")
        .or_else(|| folded.strip_suffix('n').filter(|s| s.ends_with("el") || s.ends_with("er")));
    if let Some(stem) = stem.filter(|s| s.len() > 2) {
        let endings = &["t", "te", "ter", "tes", "ten", "tem"];
        out.push(Stem { letters: format!("ge{stem}").into(), endings });
    }
}

fn rules_for(folded: &str, class: WordClass) -> &'static [EndingRule] {
    let tables: &'static InflectionTables = &TABLES;
    let Some(rules) = tables.rules.get(&class) else { return &[] };
    (1..=tables.longest_suffix.min(folded.len()))
        .rev()
        .filter_map(|length| folded.get(folded.len() - length..))
        .chain(["*"])
        .find_map(|suffix| rules.get(suffix))
        .map_or(&[], Vec::as_slice)
}

/// The forms of `word` that the tables name as words of their own.
pub(super) fn other_words(word: &str) -> impl Iterator<Item = &'static str> {
    TABLES.not_forms.get(word).into_iter().flatten().copied()
}

/// Puts an umlaut on the last vowel that can take one: `rat` → `raet`, `haus` → `haeus`.
fn umlaut(stem: &str) -> Option<String> {
    let bytes = stem.as_bytes();
    let at = bytes.iter().rposition(|b| matches!(b, b'a' | b'o' | b'u'))?;
    let at = if bytes[at] == b'u' && at > 0 && bytes[at - 1] == b'a' { at - 1 } else { at };
    let next = bytes.get(at + 1);
    let before = at.checked_sub(1).map(|i| bytes[i]);
    // An umlaut already (ae), or the second half of eu, ou and the like.
    if next == Some(&b'e') || (bytes[at] == b'u' && matches!(before, Some(b'e' | b'o' | b'q'))) {
        return None;
    }
    // The umlaut sits in the last syllable, before -er, -el, -en in the one before: no vowel may follow
    // except such an e.
    let tail = &stem[at + 1..];
    let tail = if bytes[at] == b'a' { tail.strip_prefix('u').unwrap_or(tail) } else { tail };
    let vowels = tail.bytes().filter(|b| matches!(b, b'e' | b'i' | b'y')).count();
    let weak = ["er", "el", "en"].iter().any(|e| tail.ends_with(e));
    (vowels == usize::from(weak)).then(|| format!("{}e{}", &stem[..=at], &stem[at + 1..]))
}

/// Takes the umlaut off the last vowel that has one: `aerzt` → `arzt`.
pub(super) fn without_umlaut(stem: &[u8]) -> Option<Vec<u8>> {
    let at = stem.windows(2).rposition(|pair| matches!(pair, b"ae" | b"oe" | b"ue"))?;
    Some([&stem[..=at], &stem[at + 2..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_can_be_read() {
        assert_eq!(InflectionTables::read().err(), None);
    }

    fn is_form(word: &str, class: WordClass, form: &str) -> bool {
        stems(word, class)
            .iter()
            .any(|s| form.strip_prefix(&*s.letters).is_some_and(|e| s.endings.contains(&e)))
            && other_words(word).all(|other| other != form)
    }

    #[test]
    fn nouns_inflect() {
        for (word, forms) in [
            ("vertrag", "vertrags vertrages vertraege vertraegen"),
            ("haus", "hauses haeuser haeusern"),
            ("garten", "gartens gaerten"),
            ("ministerium", "ministeriums ministerien"),
            ("abkommen", "abkommens"),
            ("lehrerin", "lehrerinnen"),
            ("erlaubnis", "erlaubnisse erlaubnissen"),
            ("name", "namen namens"),
            ("kaufmann", "kaufleute kaufmaenner kaufmanns"),
            ("praesident", "praesidenten"),
            ("konto", "kontos konten"),
            ("bauernhof", "bauernhoefe"),
        ] {
            for form in forms.split(' ') {
                assert!(is_form(word, WordClass::Noun, form), "{word} {form}");
            }
        }
    }

    #[test]
    fn derived_words_are_no_forms() {
        for (word, form) in
            [("leipzig", "leipziger"), ("technik", "techniker"), ("tanz", "taenzer"), ("burg", "buerger")]
        {
            assert!(!is_form(word, WordClass::Noun, form), "{word} {form}");
        }
        assert!(!is_form("martin", WordClass::Name, "marti"));
        assert!(!is_form("reis", WordClass::Noun, "reise"));
    }

    #[test]
    fn attributes_take_weak_and_strong_endings() {
        for form in ["rote", "roter", "rotes", "roten", "rotem"] {
            assert!(is_form("rotes", WordClass::Inner, form), "{form}");
            assert!(is_form("roter", WordClass::Inner, form), "{form}");
        }
    }

    #[test]
    fn verbs_conjugate() {
        for form in ["teilt", "teilte", "geteilt", "geteilten", "teilend"] {
            assert!(is_form("teilen", WordClass::Word, form), "{form}");
        }
    }

    #[test]
    fn suffixes_that_derive_are_told_from_compounds() {
        assert!(is_derivation("nistik") && is_derivation("ismus") && is_derivation("nische"));
        assert!(!is_derivation("politik") && !is_derivation("abkommen"));
    }
}
