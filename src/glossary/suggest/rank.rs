//! From counts to a ranking.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::super::folding::fold;
use super::counts::CandidateCounts;
use super::suggestion::Suggestion;
use super::words::{SuggestClass, ends, is, is_title};
use crate::model::EntryKind;

/// Endings that the last word of a term may have beside its dictionary form; longer ones first.
const ENDINGS: [&str; 5] = ["es", "en", "s", "n", "e"];
/// Endings of adjectives; longer ones first.
const ADJECTIVE: [&str; 5] = ["en", "er", "es", "em", "e"];
/// A shorter candidate of which this share stands inside one longer candidate is only a piece of it.
const PIECE: f64 = 0.7;
/// From this length on, a closed compound is more likely a term than an everyday word.
const COMPOUND: usize = 14;

/// Puts forms together, drops pieces, and ranks the rest.
pub(super) fn ranked(seen: HashMap<String, CandidateCounts>, limit: usize, min: u32) -> Vec<Suggestion> {
    let words = Words::of(&seen);
    let mut all = spellings_joined(forms_joined(seen));
    drop_glued(&mut all, &words);
    drop_pieces(&mut all);
    let mut out: Vec<Suggestion> = all
        .into_iter()
        .filter(|(_, seen)| seen.count >= min)
        .map(|(source, seen)| {
            let score = score(&source, &seen, &words);
            let kind = if is_name(&source, &seen) { EntryKind::Name } else { EntryKind::Term };
            Suggestion { source, kind, count: seen.count, score, place: seen.place, example: seen.example }
        })
        .collect();
    out.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.source.cmp(&b.source)));
    out.truncate(limit);
    out
}

/// Adds what is counted for a form with an ending to the form without it.
fn forms_joined(seen: HashMap<String, CandidateCounts>) -> HashMap<String, CandidateCounts> {
    let mut names: Vec<String> = seen.keys().cloned().collect();
    // Longer forms first, so that Raketenstarts goes to Raketenstart before that goes anywhere.
    names.sort_by_key(|name| (Reverse(name.len()), name.clone()));
    let mut all = seen;
    for name in names {
        let base = ENDINGS.iter().filter_map(|ending| name.strip_suffix(ending));
        let Some(base) = base.filter(|base| base.len() > 2).find(|base| all.contains_key(*base)) else {
            continue;
        };
        let Some(form) = all.remove(&name) else { continue };
        if let Some(into) = all.get_mut(base) {
            into.add(form);
        }
    }
    all
}

/// Adds what is counted for the spellings of a name and for the forms of its adjectives to the one that stands best for a
/// dictionary form.
fn spellings_joined(seen: HashMap<String, CandidateCounts>) -> HashMap<String, CandidateCounts> {
    let mut groups: BTreeMap<Vec<u8>, Vec<(String, CandidateCounts)>> = BTreeMap::new();
    for (name, counts) in seen {
        groups.entry(spelling_key(&name)).or_default().push((name, counts));
    }
    let mut all = HashMap::with_capacity(groups.len());
    for (_, mut group) in groups {
        group.sort_by(|(a, a_seen), (b, b_seen)| {
            // With a space rather than a hyphen, and with the letters of German rather than in their stead.
            let rank = |name: &str, seen: &CandidateCounts| {
                (is_weak(name), Reverse(seen.count), Reverse(name.split(' ').count()))
            };
            rank(a, a_seen).cmp(&rank(b, b_seen)).then_with(|| b.cmp(a))
        });
        let mut group = group.into_iter();
        let Some((name, mut counts)) = group.next() else { continue };
        group.for_each(|(_, other)| counts.add(other));
        all.insert(name, counts);
    }
    all
}

/// What the spellings of a name have in common: its letters without hyphens and spaces, and its adjectives without their
/// endings.
fn spelling_key(name: &str) -> Vec<u8> {
    let words: Vec<&str> = name.split([' ', '-']).collect();
    let Some((last, before)) = words.split_last() else { return Vec::new() };
    let stem =
        |word: &&str| fold(ADJECTIVE.iter().find_map(|ending| adjective(word, ending)).unwrap_or(word));
    before.iter().flat_map(stem).chain(fold(last)).collect()
}

/// The rest of a word that has the ending of an adjective and something before it.
fn adjective<'a>(word: &'a str, ending: &str) -> Option<&'a str> {
    /// Shorter rests are names more often than adjectives: Helen, Peter.
    const SHORTEST: usize = 3;
    word.strip_suffix(ending).filter(|rest| rest.chars().count() >= SHORTEST)
}

/// Whether an adjective of a name has an ending that it has only behind an article or in another case.
fn is_weak(name: &str) -> bool {
    let mut words = name.split(' ').rev().skip(1);
    words.any(|word| ["en", "em"].iter().any(|ending| adjective(word, ending).is_some()))
}

/// Drops names that stood side by side once and otherwise stand alone: `Moskau Peking` out of a heading.
fn drop_glued(all: &mut HashMap<String, CandidateCounts>, known: &Words) {
    all.retain(|name, seen| {
        let mut words = name.split(' ');
        let alone = |word: &str| known.0.get(word).is_some_and(|(count, _)| *count > seen.count);
        seen.count > 1 || !name.contains(' ') || !words.all(alone)
    });
}

/// Drops candidates that hardly occur but inside a longer one.
fn drop_pieces(all: &mut HashMap<String, CandidateCounts>) {
    let mut pieces: HashMap<String, u32> = HashMap::new();
    for (name, seen) in all.iter() {
        let words: Vec<&str> = name.split(' ').collect();
        // A title and a name, or two nouns that met once, are no reason to drop the parts.
        if is_apposition(&words) || (seen.count < 2 && !is_whole(&words)) {
            continue;
        }
        for start in 0..words.len() {
            for end in start + 1..=words.len() {
                if end - start < words.len() {
                    let most = pieces.entry(words[start..end].join(" ")).or_default();
                    *most = (*most).max(seen.count);
                }
            }
        }
    }
    all.retain(|name, seen| {
        pieces.get(name).is_none_or(|most| f64::from(*most) < PIECE * f64::from(seen.count))
    });
}

/// Whether words are a title or a genitive and something else, rather than one name.
fn is_apposition(words: &[&str]) -> bool {
    let Some((last, before)) = words.split_last() else { return false };
    let genitive = |word: &&str| word.ends_with('s') && word.len() > 4 && word.is_ascii();
    let number = |word: &str| word.bytes().all(|b| b.is_ascii_digit());
    before.iter().any(|word| is_title(word) || genitive(word)) || (!before.is_empty() && number(last))
}

/// Whether words that met once are likely one name: German hardly puts two nouns side by side.
fn is_whole(words: &[&str]) -> bool {
    words.len() > 1
        && words.iter().all(|word| !is(SuggestClass::Noun, word) && !ends(SuggestClass::Suffix, word))
}

/// The share of occurrences that do not look like a noun: not behind an article.
fn bareness(seen: &CandidateCounts) -> f64 {
    1.0 - f64::from(seen.behind) / f64::from(seen.count.max(1))
}

/// Whether a word has capitals or digits where nouns have none.
fn is_special(word: &str) -> bool {
    let capitals = word.chars().filter(|c| c.is_uppercase()).count();
    capitals > 1 || word.chars().any(|c| c.is_ascii_digit())
}

/// Whether a candidate looks like a name.
fn is_name(source: &str, seen: &CandidateCounts) -> bool {
    let words: Vec<&str> = source.split(' ').collect();
    let ordinary = |word: &str| is(SuggestClass::Noun, word) || ends(SuggestClass::Suffix, word);
    let bare = bareness(seen) > 0.7 || words.len() > 1;
    let short = words.len() > 1 || source.chars().count() < COMPOUND;
    seen.as_name > 0 && bare || (bare && short && !words.iter().any(|word| ordinary(word)))
}

/// How much a candidate looks like a name or term.
fn score(source: &str, seen: &CandidateCounts, known: &Words) -> f64 {
    let words: Vec<&str> = source.split(' ').collect();
    // Every sentence begins with a capital: a word that is only seen there may be anything.
    let seldom = if seen.inside > 0 { 1.0 } else { 0.4 };
    let frequent = (1.0 + f64::from(seen.count)).ln() * seldom;
    frequent * if let [word] = words[..] { single(word, seen) } else { several(&words, seen, known) }
}

/// What speaks for a single word.
fn single(word: &str, seen: &CandidateCounts) -> f64 {
    let mut factor = 0.4 + bareness(seen);
    if seen.as_name > 0 {
        factor += 0.5;
    }
    if is_special(word) {
        return factor * 1.6;
    }
    let is_compound = word.chars().count() >= COMPOUND;
    factor *= match () {
        () if is(SuggestClass::Noun, word) => 0.1,
        () if ends(SuggestClass::Foreign, word) => 1.5,
        () if is_compound => 1.2,
        () if ends(SuggestClass::Suffix, word) => 0.4,
        () if seen.as_name > 0 => 1.2,
        () => 0.8,
    };
    factor
}

/// What speaks for several words together.
fn several(words: &[&str], seen: &CandidateCounts, known: &Words) -> f64 {
    let ordinary = words.iter().filter(|word| known.is_ordinary(word)).count();
    let met = if seen.count > 1 { 2.6 } else { 2.4 };
    let foreign = words.iter().any(|word| ends(SuggestClass::Foreign, word) || is_special(word));
    let pure = match ordinary {
        _ if known.is_title_of_its_own(words, seen) => 1.0,
        0 if foreign => 1.1,
        0 => 0.9,
        some if some == words.len() => 0.2,
        _ => 0.5,
    };
    let chance = if seen.count == 1 && known.is_chance(words) { 0.3 } else { 1.0 };
    let linked = if words.contains(&"von") && !words.contains(&"der") { 0.4 } else { 1.0 };
    met * pure * chance * linked * if is_apposition(words) { 0.2 } else { 1.0 }
}

/// What the corpus says about single words: how often each occurs, and how often behind an article.
struct Words(HashMap<String, (u32, u32)>);

impl Words {
    /// A word that stands behind an article this often is a noun, not a name.
    const NOUN: f64 = 0.3;

    fn of(seen: &HashMap<String, CandidateCounts>) -> Self {
        let single = seen.iter().filter(|(name, _)| !name.contains(' '));
        Self(single.map(|(name, seen)| (name.clone(), (seen.count, seen.behind))).collect())
    }

    fn is_ordinary(&self, word: &str) -> bool {
        let (count, behind) = self.0.get(word).copied().unwrap_or_default();
        let is_noun = count > 1 && f64::from(behind) > Self::NOUN * f64::from(count);
        is_noun || is(SuggestClass::Noun, word) || ends(SuggestClass::Suffix, word)
    }

    /// Whether words that met once did so by chance: one of them is a noun of any text, or the first is often seen
    /// without the others, which names of persons hardly are (`Putin Nordkorea`; but `Kim Jong-il`).
    fn is_chance(&self, words: &[&str]) -> bool {
        /// Occurrences from which on a word counts as frequent.
        const OFTEN: u32 = 3;
        let first = self.0.get(words[0]).is_some_and(|(count, _)| *count >= OFTEN);
        words.iter().any(|word| is(SuggestClass::Noun, word)) || (first && !words[1].contains('-'))
    }

    /// Whether the first word is an adjective with a capital in the middle of a sentence, which it has only in
    /// names (`Ferner Osten`, `Vereinte Nationen`): it has the ending of one and occurs nowhere else.
    fn is_title_of_its_own(&self, words: &[&str], seen: &CandidateCounts) -> bool {
        let [first, second, ..] = words else { return false };
        if words.iter().any(|word| is(SuggestClass::Noun, word)) {
            return false;
        }
        let adjective = ["e", "en", "er", "es", "em"].iter().any(|ending| first.ends_with(ending));
        let alone = self.0.get(*first).is_none_or(|(count, _)| *count <= seen.count);
        let names = second.chars().next().is_some_and(char::is_uppercase) && words.len() < 4;
        adjective && alone && names && seen.inside > 0 && !is_title(first) && first.len() > 4
    }
}
