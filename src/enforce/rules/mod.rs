//! The rules of the rung `repair`: each finds the words that stand for a term that does not hold.
//!
//! The first rules are sure of their place: words that the entry names, German words, words that the engine aligned, a
//! name in another spelling. The rest look for renderings near the house form, which share a word or a stem with it: an
//! engine that writes `corona crisis` where the house says `coronavirus crisis` has rendered the term at a place that can
//! be known. Each asks enough of what stands around the place that nothing else of the sentence is mistaken for the term.
//!
//! `cases.tsv` shows what each rule does and leaves alone. To add one: a variant of [`RepairRule`], a file with `find`, a
//! line in [`RULES`], and cases.

mod adjective;
pub(super) mod aligned;
mod avoided;
mod dotted;
mod half_german;
mod head_alone;
pub(super) mod house_form;
mod left_german;
mod near_words;
pub(super) mod nearness;
mod other_word;
mod participle;
mod punctuation;
mod respelt;
pub(super) mod search;
mod singular;
mod stem;
#[cfg(test)]
mod tests;
mod transliterated;
mod word_less;
mod word_order;

use search::{Replacement, Search};

use crate::english::fold;
use crate::model::RepairRule;

/// Finds places where a term is rendered otherwise than the glossary says.
type Find = fn(&Search<'_>) -> Vec<Replacement>;

/// The rules in the order in which they are tried.
const RULES: [(RepairRule, Find); 19] = [
    (RepairRule::Avoided, avoided::find),
    (RepairRule::Capitals, respelt::capitals),
    (RepairRule::Hyphens, respelt::hyphens),
    (RepairRule::BareS, respelt::bare_s),
    (RepairRule::LeftGerman, left_german::find),
    (RepairRule::Aligned, aligned::find),
    (RepairRule::Transliterated, transliterated::find),
    (RepairRule::HalfGerman, half_german::find),
    (RepairRule::Adjective, adjective::find),
    (RepairRule::NearWords, near_words::find),
    (RepairRule::WordLess, word_less::find),
    (RepairRule::Singular, singular::find),
    (RepairRule::HeadAlone, head_alone::find),
    (RepairRule::OtherWord, other_word::find),
    (RepairRule::Stem, stem::find),
    (RepairRule::Participle, participle::find),
    (RepairRule::Punctuation, punctuation::find),
    (RepairRule::Dotted, dotted::find),
    (RepairRule::WordOrder, word_order::find),
];

/// Whether a rule goes by likeness to the house form, and so needs one with words and may take another term for this one.
fn is_near(rule: RepairRule) -> bool {
    rule >= RepairRule::HalfGerman
}

/// The words that stand for the term, by the first rule that finds any. If that one finds more places than occurrences
/// that do not hold, it cannot be known which are meant, and no later, weaker rule decides it either.
pub(super) fn place(search: &Search<'_>) -> Option<(RepairRule, Replacement)> {
    let has_words = !search.house.words().is_empty();
    let rules = RULES.iter().filter(|(rule, _)| has_words || !is_near(*rule));
    let mut found = rules.map(|(rule, find)| (*rule, find(search)));
    let (rule, places) = found.find(|(_, places)| !places.is_empty())?;
    if places.len() > search.open.max(1) {
        return None;
    }
    let place = places.into_iter().next()?;
    let is_other = is_near(rule) && search.is_another_term(&fold(&search.target.text()[place.span.clone()]));
    (!is_other).then_some((rule, place))
}
