//! The German words left as they were; a genitive becomes a possessive.

use std::ops::Range;

use super::super::inline::rendering;
use super::search::{Replacement, Search};
use crate::check::overlap;
use crate::english::{Sentence, fold, is_german_function_word, last_word, possessive, words};

/// Words of at most this many letters may be English by chance.
const SHORT: usize = 3;

pub(super) fn find(search: &Search<'_>) -> Vec<Replacement> {
    let (term, source, target) = (search.term(), search.source.text(), search.target.text());
    let surface = term.surface(source);
    let dictionary = term.entry.source.as_str();
    let found = [surface, dictionary].into_iter().find_map(|german| {
        let span = find_words(search.target, german)?;
        let free = !search.taken.iter().any(|t| overlap(t, &span));
        let telling = german.chars().count() > SHORT && german.chars().any(char::is_uppercase);
        let genitive = surface.strip_prefix(dictionary).is_some_and(|e| matches!(e, "s" | "’s" | "'s"));
        let before_word = target[span.end..].starts_with(' ');
        let mut by = rendering(term, source);
        let capital = by.chars().next().is_some_and(char::is_uppercase);
        if german == surface && genitive && before_word && capital {
            by = possessive(&by, '’');
        }
        let fits = free && telling && !is_in_kept_name(search, &span);
        fits.then_some(Replacement { span, by, german: true })
    });
    found.into_iter().collect()
}

/// Whether the word before, a capital, is the one before the German words too: `Royal Nizza` was kept as a name of
/// its own.
fn is_in_kept_name(search: &Search<'_>, span: &Range<usize>) -> bool {
    let (source, target) = (search.source.text(), search.target.text());
    let word_before = |text: &str| last_word(text).map(|w| text[w.span.start..].trim_end().to_owned());
    let before = |text: &str, at: usize| text.get(..at).and_then(word_before);
    let is_name = |w: &String| w.starts_with(char::is_uppercase) && !is_german_function_word(&fold(w));
    let kept = before(target, span.start).filter(is_name);
    let own = before(source, search.term().span.start);
    // The German one may have a case ending: `des Verlages Nizza`.
    kept.zip(own).is_some_and(|(kept, own)| {
        own.strip_prefix(&kept).is_some_and(|ending| matches!(ending, "" | "s" | "es" | "n" | "en"))
    })
}

/// Where the words of a phrase stand in a row, with the same gaps.
fn find_words(target: &Sentence, phrase: &str) -> Option<Range<usize>> {
    let own = words(phrase);
    let found = target.words().windows(own.len().max(1)).find(|window| {
        let span = window[0].span.start..window[window.len() - 1].span.end;
        !own.is_empty() && target.text().get(span) == Some(phrase)
    })?;
    Some(found[0].span.start..found[found.len() - 1].span.end)
}
