//! Where renderings stand that an entry does not want.
//!
//! An `avoid` list is written by people who think of one sense of a word; in a translation the same letters may be
//! something else. What grammar or the words around tell to be something else is left out here.

use std::ops::Range;

use compact_str::CompactString;

use super::overlap::overlap;
use crate::english::{
    Occurrence, Rendering, Sentence, Strictness, Word, first_word, is_derived, is_function_word, last_word,
    starts_sentence, words,
};
use crate::model::TermMatch;
use crate::text::characters::is_apostrophe;

/// A place where an unwanted rendering stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unwanted {
    pub(crate) span: Range<usize>,
    /// Whether the noun stands in the plural where the rendering has the singular.
    pub(crate) plural: bool,
    /// Whether it is an accepted rendering but for its capitals and hyphens.
    pub(crate) is_respelt: bool,
    /// As the entry lists it.
    pub(crate) rendering: String,
}

/// The places of unwanted renderings outside the taken ones, disjoint, longer renderings first.
///
/// A rendering that has the words of an accepted one and another spelling is unwanted in that spelling only: `Ito Ren-jun`
/// where the entry has `Ito Ren Jun`.
pub(crate) fn places(term: &TermMatch, target: &Sentence, taken: &[Range<usize>]) -> Vec<Unwanted> {
    let mut out: Vec<Unwanted> = Vec::new();
    let mut wrong: Vec<&str> = term.entry.avoid.iter().map(String::as_str).collect();
    wrong.retain(|rendering| !is_accepted(term, rendering) && !is_other_word(rendering, term.entry.target()));
    wrong.sort_by_key(|rendering| std::cmp::Reverse(rendering.len()));
    for rendering in wrong {
        let is_respelt = term.entry.targets.iter().any(|target| is_same(target, rendering));
        let found = if is_respelt {
            let accepted: Vec<_> =
                term.entry.targets.iter().flat_map(|accepted| letter_by_letter(accepted, target)).collect();
            let mut found = letter_by_letter(rendering, target);
            found.retain(|place| accepted.iter().all(|own| own.span != place.span));
            found
        } else {
            Rendering::new(rendering).find(target)
        };
        for place in found {
            let free =
                !taken.iter().chain(out.iter().map(|found| &found.span)).any(|t| overlap(t, &place.span));
            let is_other = || {
                is_in_name(term, rendering, target.text(), &place.span)
                    && !is_beside(term, target, &place.span)
            };
            if free && (is_respelt || !is_other()) {
                let rendering = rendering.to_owned();
                out.push(Unwanted { span: place.span, plural: place.plural, is_respelt, rendering });
            }
        }
    }
    out
}

/// Where a rendering stands exactly as it is listed.
fn letter_by_letter(rendering: &str, target: &Sentence) -> Vec<Occurrence> {
    let mut found = Rendering::spelt(rendering, Strictness::Name).find(target);
    found.retain(|place| place.deviation.is_none());
    found
}

/// The place that stands for one occurrence of a term, of which `open` do not hold; `None` if that cannot be known.
pub(crate) fn choose(
    mut places: Vec<Unwanted>,
    source: &str,
    target: &str,
    term: &TermMatch,
    open: usize,
) -> Option<Unwanted> {
    if places.len() <= open.max(1) {
        return (!places.is_empty()).then(|| places.swap_remove(0));
    }
    // Names and numbers are the same in both languages: a place between the same ones is the term's.
    let own = neighbours(source, &term.span);
    let same = |place: &Unwanted| {
        let found = neighbours(target, &place.span);
        own.iter().zip(&found).any(|(a, b)| a.is_some() && a == b)
    };
    let mut fitting = places.into_iter().filter(same);
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

/// The words beside a place that are no function words.
fn neighbours(text: &str, span: &Range<usize>) -> [Option<CompactString>; 2] {
    let content = |word: Option<Word>| word.map(|w| w.folded).filter(|w| !is_function_word(w));
    let before = last_word(&text[..span.start]);
    let behind = behind_possessive(&text[span.end..]);
    [content(before), content(behind)]
}

/// The first word that is not the `s` of a possessive.
fn behind_possessive(text: &str) -> Option<Word> {
    let first = first_word(text)?;
    if first.folded == "s" { behind_possessive(&text[first.span.end..]) } else { Some(first) }
}

/// Whether a rendering is an accepted one, perhaps as a possessive.
fn is_accepted(term: &TermMatch, rendering: &str) -> bool {
    let bare = |text: &str| {
        let end = words(text).last().filter(|word| word.folded == "s").map_or(text.len(), |s| s.span.start);
        text[..end].trim_end_matches(is_apostrophe).to_owned()
    };
    term.entry.targets.iter().any(|target| bare(target) == bare(rendering))
}

/// Whether two renderings have the same words.
fn is_same(one: &str, other: &str) -> bool {
    let folded = |text: &str| words(text).into_iter().map(|word| word.folded).collect::<Vec<_>>();
    folded(one) == folded(other)
}

/// Whether a rendering is of another class of words than the house form: replaced, it would break the sentence.
fn is_other_word(rendering: &str, house: &str) -> bool {
    let single = |text: &str| !text.contains([' ', '-']);
    let participle = |text: &str| text.ends_with("ed") || text.ends_with("ly");
    single(rendering) && participle(rendering) && !(single(house) && participle(house))
        || single(rendering) && single(house) && is_derived(&rendering.to_lowercase(), &house.to_lowercase())
}

/// Whether a place is a piece of a longer name: `state` in `Free State`, `President` in `Vice President`.
fn is_in_name(term: &TermMatch, rendering: &str, target: &str, span: &Range<usize>) -> bool {
    if !target[span.clone()].starts_with(char::is_uppercase) || rendering.contains(' ') {
        return false;
    }
    let before = &target[..span.start];
    let Some(word) = last_word(before) else { return false };
    let beside = matches!(&before[word.span.end..], " " | "-" | "\u{a0}");
    let capital = before[word.span.clone()].starts_with(char::is_uppercase);
    let house = words(term.entry.target()).iter().any(|w| w.folded == word.folded);
    beside
        && capital
        && !house
        && !is_function_word(&word.folded)
        && !starts_sentence(&before[..word.span.start])
}

/// Whether an accepted rendering stands directly behind a place: `Wladimir` in `President Wladimir Putin` is a piece of no
/// other name.
fn is_beside(term: &TermMatch, target: &Sentence, span: &Range<usize>) -> bool {
    let mut found = term.entry.targets.iter().flat_map(|accepted| Rendering::new(accepted).find(target));
    found.any(|place| target.text().get(span.end..place.span.start) == Some(" "))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::testing::term;
    use super::*;

    fn found(house: &str, avoid: &str, target: &str) -> Vec<String> {
        let mut term = term("Wort", house, 0);
        Arc::make_mut(&mut term.entry).avoid = vec![avoid.to_owned()];
        let places = places(&term, &Sentence::new(target), &[]);
        places.into_iter().map(|place| target[place.span].to_owned()).collect()
    }

    #[test]
    fn what_is_something_else_is_no_unwanted_rendering() {
        assert_eq!(found("county", "district", "the districts"), ["districts"]);
        assert!(found("county", "district", "the old Lake District").is_empty());
        assert_eq!(found("Orlow", "Sergej", "So Minister Sergej Orlow came."), ["Sergej"]);
        assert!(found("Orlow", "Sergej", "So Minister Sergej Berg saw Orlow.").is_empty());
        assert!(found("Bavaria", "Bavarian", "the Bavarian border").is_empty());
        assert!(found("scope of supply", "included", "not included").is_empty());
        assert!(found("Mary Celeste", "Mary Celeste's", "the Mary Celeste's crew").is_empty());
        assert_eq!(found("IT", "it", "it is"), ["it"]);
        assert_eq!(found("Ito Ren Jun", "Ito Ren-jun", "Ito Ren-jun saw Ito Ren Jun"), ["Ito Ren-jun"]);
        assert_eq!(found("Coral Sea", "coral sea", "The coral sea, the Coral Sea"), ["coral sea"]);
        assert!(found("Coral Sea", "coral sea", "Storm on the Coral Sea").is_empty());
        assert_eq!(found("air-sea rescue", "air sea rescue", "The air sea rescue"), ["air sea rescue"]);
    }

    #[test]
    fn of_several_places_the_one_between_the_same_names_is_taken() {
        let source = "Der Landrat Meyer kam.";
        let target = "The head met the head Meyer.";
        let term = term("Landrat", "district administrator", 4);
        let place = |at: usize| Unwanted {
            span: at..at + 4,
            plural: false,
            is_respelt: false,
            rendering: "head".to_owned(),
        };
        let both = || vec![place(4), place(17)];
        let chosen = choose(both(), source, target, &term, 1).expect("one of them");
        assert_eq!(chosen.span, 17..21);
        assert!(choose(both(), "Der Landrat kam.", target, &term, 1).is_none());
        assert!(choose(both(), source, target, &term, 2).is_some());
    }
}
