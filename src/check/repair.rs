//! Mending a translation in which terms do not hold, without asking an engine again.

use std::ops::Range;

use super::alike::is_alike;
use super::avoid;
use super::english::{Place, Word, fold, is_apostrophe, last_word, plural, words};
use super::inline::rendering;
use super::lexicon::{is_function_word, is_german_function_word};
use super::mend::{Replacement, replace};
use super::near::Near;
use super::terms::{outcomes, overlap};
use crate::model::{Alignment, MatchKind, TermMatch, TermOutcome};

/// Marks that no rendering goes across.
pub(super) const BREAKS: [char; 8] = [',', ';', ':', '(', ')', '"', '“', '”'];

/// Of more terms of one segment that do not hold the rest is left: each look goes through all its words.
const LOOKS: usize = 24;

/// Puts house forms in the place of wrong renderings.
///
/// For each term that does not hold, in this order: a rendering that the entry wants avoided, the German left
/// as it was, the words aligned to the term, a name in another transliteration, words near the house form. The words
/// around are mended:
/// `a` and `an`, doubled words and articles, plural, possessive, capitals at the start of a sentence. A
/// replacement that would make another term not hold is undone. Returns `None` if nothing was changed.
#[must_use]
pub fn repair(
    source: &str,
    target: &str,
    terms: &[TermMatch],
    alignment: Option<&Alignment>,
) -> Option<String> {
    let mut text = target.to_owned();
    let mut aligned = alignment;
    let mut now = outcomes(terms, &text);
    let mut looks = 0;
    for at in 0..terms.len() {
        if now[at].held.is_some() || terms[at].kind == MatchKind::Part {
            continue;
        }
        looks += 1;
        if looks > LOOKS {
            break;
        }
        let place = Repair { source, target: &text, outcomes: &now, at }.place(aligned);
        let Some(place) = place else { continue };
        let Some(mended) = replace(&text, &place) else { continue };
        let then = outcomes(terms, &mended);
        if improves(&now, &then) {
            (text, now) = (mended, then);
            // The byte ranges of the alignment are those of the text as it came.
            aligned = None;
        }
    }
    (text != target).then_some(text)
}

/// Whether more terms hold than before and none was lost.
fn improves(before: &[TermOutcome], after: &[TermOutcome]) -> bool {
    let pairs = || before.iter().zip(after);
    pairs().all(|(b, a)| a.held.is_some() || b.held.is_none())
        && pairs().any(|(b, a)| a.held.is_some() && b.held.is_none())
}

/// The search for the words that stand for one term.
pub(super) struct Repair<'a> {
    pub(super) source: &'a str,
    pub(super) target: &'a str,
    pub(super) outcomes: &'a [TermOutcome],
    pub(super) at: usize,
}

impl Repair<'_> {
    pub(super) fn term(&self) -> &TermMatch {
        &self.outcomes[self.at].term
    }

    /// The words to be replaced, and what by.
    pub(super) fn place(&self, alignment: Option<&Alignment>) -> Option<Replacement> {
        let in_target = words(self.target);
        let taken = self.taken();
        self.avoided(&in_target, &taken)
            .or_else(|| self.left(&in_target, &taken))
            .or_else(|| alignment.and_then(|a| self.aligned(a, &in_target, &taken)))
            .or_else(|| self.transliterated(&in_target, &taken))
            .or_else(|| self.near(&in_target, &taken))
    }

    /// Places of terms that hold.
    pub(super) fn taken(&self) -> Vec<Range<usize>> {
        self.outcomes.iter().filter_map(|o| o.held.clone()).collect()
    }

    /// A rendering that shares words with the house form.
    fn near(&self, in_target: &[Word], taken: &[Range<usize>]) -> Option<Replacement> {
        let (source, target, term) = (self.source, self.target, self.term());
        let near = Near { source, target, term, in_target, taken, open: self.open() };
        near.place().filter(|place| !self.is_another_term(&fold(&self.target[place.span.clone()])))
    }

    /// How many occurrences of the entry do not hold.
    pub(super) fn open(&self) -> usize {
        self.outcomes.iter().filter(|o| o.term.entry == self.term().entry && o.held.is_none()).count()
    }

    /// A rendering that the entry names as one to avoid.
    fn avoided(&self, in_target: &[Word], taken: &[Range<usize>]) -> Option<Replacement> {
        let places = avoid::places(self.term(), self.target, in_target, taken);
        let (place, rendering) = avoid::choose(places, (self.source, self.target), self.term(), self.open())?;
        let Place { span, plural: many } = place;
        let house = self.term().entry.target();
        // An entry may list the plural by itself; then the surface tells the number.
        let by = if many { plural(house) } else { self.in_number_of(&rendering) };
        Some(Replacement { span, by, german: false })
    }

    /// The house form, in the plural if the wrong rendering is a plural of nothing else and the German one too.
    fn in_number_of(&self, wrong: &str) -> String {
        let house = self.term().entry.target();
        if wrong.ends_with('s') && !wrong.ends_with("ss") {
            rendering(self.term(), self.source)
        } else {
            house.to_owned()
        }
    }

    /// The German words left as they were; a genitive becomes a possessive.
    fn left(&self, in_target: &[Word], taken: &[Range<usize>]) -> Option<Replacement> {
        let term = self.term();
        let surface = term.surface(self.source);
        let dictionary = term.entry.source.as_str();
        [surface, dictionary].into_iter().find_map(|german| {
            let span = find_words(self.target, german, in_target)?;
            let free = !taken.iter().any(|t| overlap(t, &span));
            // Short and lower-case words may be English by chance.
            let telling = german.chars().count() > 3 && german.chars().any(char::is_uppercase);
            let genitive = surface.strip_prefix(dictionary).is_some_and(|e| matches!(e, "s" | "’s" | "'s"));
            let before_word = self.target[span.end..].starts_with(' ');
            let mut by = rendering(term, self.source);
            let capital = by.chars().next().is_some_and(char::is_uppercase);
            if german == surface && genitive && before_word && capital {
                by.push_str("’s");
            }
            let fits = free && telling && !is_in_kept_name((self.source, self.target), term, &span);
            fits.then_some(Replacement { span, by, german: true })
        })
    }

    /// The words that the engine aligned to the term, if they are few.
    fn aligned(
        &self,
        alignment: &Alignment,
        in_target: &[Word],
        taken: &[Range<usize>],
    ) -> Option<Replacement> {
        let span = self.aligned_words(alignment, in_target, taken)?;
        let by = rendering(self.term(), self.source);
        // Many of them are a paraphrase.
        let many = words(&self.target[span.clone()]).len() > words(&by).len() + 2;
        (!many).then_some(Replacement { span, by, german: false })
    }

    /// The words that the engine aligned to the term, if they stand together: none between them that belongs to
    /// something else, and no mark that ends a phrase.
    pub(super) fn aligned_words(
        &self,
        alignment: &Alignment,
        in_target: &[Word],
        taken: &[Range<usize>],
    ) -> Option<Range<usize>> {
        let span = &self.term().span;
        let ends = alignment.0.iter().filter(|(source, _)| overlap(source, span)).map(|(_, target)| target);
        let touched = |w: &&Word| ends.clone().any(|e| overlap(e, &w.span));
        let first = in_target.iter().position(|w| touched(&w))?;
        let last = in_target.iter().rposition(|w| touched(&w))?;
        let (first, last) = self.without_function_words(in_target, first, last)?;
        let chosen = &in_target[first..=last];
        let span = chosen.first()?.span.start..chosen.last()?.span.end;
        let strangers = chosen.iter().any(|w| !touched(&w) && !is_function_word(&w.folded));
        let broken = self.target[span.clone()].contains(BREAKS);
        let free = !taken.iter().any(|t| overlap(t, &span));
        (free && !strangers && !broken).then_some(span)
    }

    /// Leaves articles and prepositions at the ends of the aligned words standing.
    fn without_function_words(
        &self,
        words: &[Word],
        mut first: usize,
        mut last: usize,
    ) -> Option<(usize, usize)> {
        let stays = |w: &Word| is_function_word(&w.folded) || self.is_possessive_s(w);
        while first < last && stays(&words[first]) {
            first += 1;
        }
        while last > first && stays(&words[last]) {
            last -= 1;
        }
        (!stays(&words[first])).then_some((first, last))
    }

    fn is_possessive_s(&self, word: &Word) -> bool {
        word.folded == "s" && self.target[..word.span.start].ends_with(is_apostrophe)
    }

    /// A name in another transliteration: capitals, as many words, nearly the same letters.
    fn transliterated(&self, in_target: &[Word], taken: &[Range<usize>]) -> Option<Replacement> {
        let entry = &self.term().entry;
        let house = entry.target();
        let name = words(house);
        let capitals = name.iter().all(|w| house[w.span.clone()].starts_with(char::is_uppercase));
        if !capitals || name.is_empty() || in_target.len() < name.len() {
            return None;
        }
        let wanted = joined(&name);
        let german = joined(&words(&entry.source));
        let window = in_target.windows(name.len()).find(|window| {
            let span = window[0].span.start..window[window.len() - 1].span.end;
            let found = joined(window);
            let upper = window.iter().all(|w| self.target[w.span.clone()].starts_with(char::is_uppercase));
            // In this order: few words are alike, and to know all other terms takes long.
            (is_alike(&found, &wanted, upper) || is_alike(&found, &german, upper))
                && !taken.iter().any(|t| overlap(t, &span))
                && !self.is_another_term(&found)
        })?;
        Some(Replacement {
            span: window[0].span.start..window[name.len() - 1].span.end,
            by: house.to_owned(),
            german: false,
        })
    }

    fn is_another_term(&self, found: &str) -> bool {
        let others = self.outcomes.iter().filter(|o| o.term.entry != self.term().entry);
        others
            .flat_map(|o| o.term.entry.targets.iter().chain([&o.term.entry.source]))
            .any(|t| fold(t) == found)
    }
}

/// Whether the word before, a capital, is the one before the German words too: `Royal Nizza` was kept as a name of
/// its own.
fn is_in_kept_name((source, target): (&str, &str), term: &TermMatch, span: &Range<usize>) -> bool {
    let word_before = |text: &str| last_word(text).map(|w| text[w.span.start..].trim_end().to_owned());
    let before = |text: &str, at: usize| text.get(..at).and_then(word_before);
    let is_name = |w: &String| w.starts_with(char::is_uppercase) && !is_german_function_word(&fold(w));
    let kept = before(target, span.start).filter(is_name);
    let own = before(source, term.span.start);
    // The German one may have a case ending: `des Verlages Nizza`.
    kept.zip(own).is_some_and(|(kept, own)| {
        own.strip_prefix(&kept).is_some_and(|ending| matches!(ending, "" | "s" | "es" | "n" | "en"))
    })
}

fn joined(words: &[Word]) -> String {
    words.iter().map(|w| w.folded.as_str()).collect::<Vec<_>>().join(" ")
}

/// Where the words of a phrase stand in a row, with the same gaps.
fn find_words(target: &str, phrase: &str, in_target: &[Word]) -> Option<Range<usize>> {
    let own = words(phrase);
    let found = in_target.windows(own.len().max(1)).find(|window| {
        let span = window[0].span.start..window[window.len() - 1].span.end;
        !own.is_empty() && target.get(span) == Some(phrase)
    })?;
    Some(found[0].span.start..found[found.len() - 1].span.end)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::tests_support::{surface, term};
    use super::*;

    fn avoiding(mut term: TermMatch, avoid: &str) -> TermMatch {
        Arc::make_mut(&mut term.entry).avoid.push(avoid.to_owned());
        term
    }

    fn repaired(source: &str, target: &str, terms: &[TermMatch]) -> Option<String> {
        repair(source, target, terms, None)
    }

    #[test]
    fn avoided_renderings_are_replaced_and_the_words_around_mended() {
        let fire = avoiding(term("Feuerwehr", "ambulance service", 4), "fire department");
        let source = "Die Feuerwehr kam.";
        let terms = [fire];
        for (before, after) in [
            ("A fire department came.", "An ambulance service came."),
            ("Fire department's men came.", "Ambulance service's men came."),
            ("The fire departments came.", "The ambulance services came."),
            ("The fire department service came.", "The ambulance service came."),
        ] {
            assert_eq!(repaired(source, before, &terms).as_deref(), Some(after));
        }
        assert_eq!(repaired(source, "The firemen came.", &terms), None);
    }

    #[test]
    fn german_left_standing_becomes_english() {
        let builder = [term("Bauleiter", "site manager", 4)];
        assert_eq!(
            repaired("Der Bauleiter", "The Bauleiter came.", &builder).unwrap(),
            "The site manager came."
        );
        let terms = [surface("Nizza", "Nice", 0..6)];
        assert_eq!(repaired("Nizzas Hafen", "Nizzas harbour", &terms).unwrap(), "Nice’s harbour");
        assert_eq!(repaired("Nizzas Hafen", "Nizza's harbour", &terms).unwrap(), "Nice's harbour");
    }

    #[test]
    fn a_name_that_was_kept_stays() {
        let terms = [term("Nizza", "Nice", 10)];
        assert_eq!(repaired("Bei Royal Nizza spielt er.", "He plays for Royal Nizza.", &terms), None);
        assert_eq!(repaired("Auch Das  Nizza", "Das Nizza", &terms).unwrap(), "Das Nice");
    }

    #[test]
    fn other_transliterations_become_the_house_form_and_other_names_stay() {
        let terms = [term("Schostakowitsch", "Shostakovich", 0)];
        assert_eq!(
            repaired("Schostakowitsch kam.", "Shostakovitch came.", &terms).unwrap(),
            "Shostakovich came."
        );
        assert_eq!(repaired("Schostakowitsch kam.", "Stravinsky came.", &terms), None);
    }

    #[test]
    fn aligned_words_are_replaced_where_they_stand_together() {
        let source = "Die Feuerwehr kam.";
        let terms = [term("Feuerwehr", "fire brigade", 4)];
        let alignment = Alignment(vec![(0..3, 0..3), (4..13, 4..11), (14..17, 12..16)]);
        let mended = repair(source, "The firemen came.", &terms, Some(&alignment));
        assert_eq!(mended.as_deref(), Some("The fire brigade came."));
        let scattered = Alignment(vec![(4..13, 0..3), (4..13, 4..7), (4..13, 27..31)]);
        assert_eq!(repair(source, "The men, as always in time, came.", &terms, Some(&scattered)), None);
    }

    #[test]
    fn a_term_that_holds_is_not_broken_for_another() {
        let terms = [avoiding(term("Wehr", "weir", 0), "fire brigade"), term("Feuerwehr", "fire brigade", 9)];
        assert_eq!(repaired("Wehr und Feuerwehr", "The fire brigade", &terms), None);
    }
}
