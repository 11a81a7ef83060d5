//! Putting words in the place of others and mending what is around them.

use std::ops::Range;

use super::rules::search::Replacement;
use crate::english::{
    Sentence, Word, article, asks_for_singular, capitalised, fold, is_determiner, is_function_word,
    is_plural_form, is_spelt_out, starts_sentence, with_apostrophes_of, words,
};
use crate::text::characters::{is_apostrophe, is_hyphen};

/// Replaces words and mends what is around them; `None` where a plural would stand behind `a`, `one` or `each`.
pub(super) fn replace(english: &Sentence, place: &Replacement) -> Option<String> {
    let target = english.text();
    let span = without_doubles(english, &place.span, &place.by);
    let mut before = target[..span.start].to_owned();
    let listed = with_apostrophes_of(target, &place.by);
    let mut by = listed.as_str();
    let trimmed = before.trim_end();
    if is_plural_form(by) && ends_with(trimmed, asks_for_singular) {
        return None;
    }
    if let Some(bare) = by.strip_prefix("the ").or_else(|| by.strip_prefix("The "))
        && ends_with(trimmed, is_determiner)
    {
        by = bare;
    }
    set_article(&mut before, by);
    let old = &target[span.clone()];
    let by = match () {
        () if starts_sentence(&before) => capitalised(by),
        () if is_shouted(target, old) => by.to_uppercase(),
        () if !place.german && is_title(old) => titled(by),
        () => by.to_owned(),
    };
    let mut rest = &target[span.end..];
    // `USS (universal spine system)`: the marks around are there already.
    let tail = &by[by.trim_end_matches(|c: char| !c.is_alphanumeric()).len()..];
    rest = rest.strip_prefix(tail).unwrap_or(rest);
    let possessive = rest.chars().next().filter(|c| is_apostrophe(*c));
    // "Kiews’" or "Kiew’s" where the house form brings its own possessive.
    let ending = by.strip_suffix('s').unwrap_or(&by);
    if ending.ends_with(is_apostrophe)
        && let Some(mark) = possessive
    {
        rest = &rest[mark.len_utf8()..];
        rest = rest.strip_prefix('s').unwrap_or(rest);
    }
    Some(format!("{before}{by}{rest}"))
}

/// Whether all words but function words have a capital, as in a title before a name. Abbreviations have theirs anyway.
fn is_title(text: &str) -> bool {
    let spelt = |w: &Word| {
        let word = &text[w.span.clone()];
        is_spelt_out(word.strip_suffix('s').unwrap_or(word))
    };
    let content = words(text).into_iter().filter(|w| !is_function_word(&w.folded) && !spelt(w));
    let mut content = content.peekable();
    content.peek().is_some() && content.all(|w| text[w.span].starts_with(|c: char| !c.is_lowercase()))
}

/// With capitals as in a title.
fn titled(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let possessive = |w: &Word| w.folded == "s" && text[..w.span.start].ends_with(is_apostrophe);
    for word in words(text).into_iter().filter(|w| !is_function_word(&w.folded) && !possessive(w)) {
        out.push_str(&text[at..word.span.start]);
        out.push_str(&capitalised(&text[word.span.clone()]));
        at = word.span.end;
    }
    out + &text[at..]
}

/// Widens a span by the words beside it that the new words have anyway.
fn without_doubles(english: &Sentence, span: &Range<usize>, by: &str) -> Range<usize> {
    // The s of a possessive belongs to the word before it.
    let own: Vec<Word> = words(by).into_iter().filter(|w| w.folded != "s").collect();
    let (target, all) = (english.text(), english.words());
    let has =
        |w: &Word| own.len() > 1 && !is_function_word(&w.folded) && own.iter().any(|o| o.folded == w.folded);
    let beside = |gap: &str| !gap.is_empty() && gap.chars().all(|c| c.is_whitespace() || is_hyphen(c));
    let mut out = span.clone();
    for word in all.iter().rev().filter(|w| w.span.end <= span.start) {
        if !has(word) || !beside(&target[word.span.end..out.start]) {
            break;
        }
        out.start = word.span.start;
    }
    for word in all.iter().filter(|w| w.span.start >= span.end) {
        if !has(word) || !beside(&target[out.end..word.span.start]) {
            break;
        }
        out.end = word.span.end;
    }
    out
}

/// Whether a text ends with a word of a kind.
fn ends_with(text: &str, is_of_kind: fn(&str) -> bool) -> bool {
    let word = text.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    is_of_kind(&fold(word))
}

/// Whether the replaced words are in capitals in a text that is so throughout.
fn is_shouted(target: &str, old: &str) -> bool {
    let shouted = |text: &str| {
        text.chars().filter(|c| c.is_alphabetic()).count() > 3 && !text.chars().any(char::is_lowercase)
    };
    shouted(target) && shouted(old)
}

/// Sets the `a` or `an` at the end of `before` right for what follows.
pub(super) fn set_article(before: &mut String, next: &str) {
    let trimmed = before.trim_end().len();
    let blank = before[trimmed..].to_owned();
    let start = before[..trimmed]
        .rfind(|c: char| !c.is_alphabetic())
        .map_or(0, |i| i + before[i..].chars().next().map_or(0, char::len_utf8));
    let old = &before[start..trimmed];
    if blank.is_empty() || !matches!(old, "a" | "an" | "A" | "An") {
        return;
    }
    let new = if old.starts_with('A') { capitalised(article(next)) } else { article(next).to_owned() };
    before.truncate(start);
    before.push_str(&new);
    before.push_str(&blank);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn replaced(target: &str, old: &str, by: &str) -> Option<String> {
        let start = target.find(old).expect("the old words stand in the target");
        replace(
            &Sentence::new(target),
            &Replacement { span: start..start + old.len(), by: by.to_owned(), german: false },
        )
    }

    #[test]
    fn the_words_around_are_mended() {
        for (target, old, by, expected) in [
            ("A lake here.", "lake", "inland sea", "An inland sea here."),
            ("He met President Meyer.", "President", "federal president", "He met Federal President Meyer."),
            ("The isles are far.", "isles", "the Azores", "The Azores are far."),
            (
                "The fleet (NS) came.",
                "fleet (NS",
                "Northern Sea fleet (NSF)",
                "The Northern Sea fleet (NSF) came.",
            ),
            ("THE LAKE IS DEEP", "LAKE", "pond", "THE POND IS DEEP"),
            ("At Islands shore.", "Islands", "Iceland’s", "At Iceland's shore."),
            ("The president came.", "president", "head of state", "The head of state came."),
            ("New SLBMs came.", "SLBMs", "submarine missiles", "New submarine missiles came."),
            (
                "He met US Chancellor Meyer",
                "US Chancellor",
                "federal chancellor",
                "He met Federal Chancellor Meyer",
            ),
            ("It’s Islands shore.", "Islands", "Iceland's", "It’s Iceland’s shore."),
        ] {
            assert_eq!(replaced(target, old, by).as_deref(), Some(expected));
        }
        assert_eq!(replaced("Each reaper came.", "reaper", "harvesters"), None);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_outside_the_replaced_words(
            before in "(der|old|went|by|,|x-y|é|„so“| ){0,6}",
            after in "[ .,]{0,2}(old|went|s|’s|,| |!){0,5}",
        ) {
            let target = format!("{before} qqqq {after}");
            let place = Replacement { span: before.len() + 1..before.len() + 5, by: "zzzz".to_owned(), german: false };
            let mended = replace(&Sentence::new(target.as_str()), &place).expect("no article stands before");
            prop_assert_eq!(mended.to_lowercase(), format!("{before} zzzz {after}").to_lowercase());
        }
    }
}
