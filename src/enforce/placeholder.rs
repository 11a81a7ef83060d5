//! Tokens that stand in a term's place while a segment is translated.

use std::ops::Range;

use super::replace::set_article;
use super::rewritten::Rewritten;
use crate::english::{capitalised, first_word, fold, is_plural, with_apostrophes_of};
use crate::model::TermMatch;
use crate::text::characters::is_hyphen;

/// Letters that begin a token: no word of either language, so services leave them alone.
const LETTERS: [&str; 3] = ["ZQX", "XQZ", "QZX"];

/// Characters of a token: three letters, the number and a letter; a segment has room for fewer than a thousand terms.
pub(super) const LONGEST_TOKEN: usize = 7;

/// A token that stands in a German text, and the rendering it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placeholder {
    token: String,
    rendering: String,
}

/// Puts a token in the place of each term.
///
/// Matches inside closed compounds are left as they are. Tokens differ from everything in the source.
pub(super) fn placeholders(source: &str, terms: &[TermMatch]) -> (Rewritten, Vec<Placeholder>) {
    let upper = source.to_uppercase();
    let letters = LETTERS.iter().find(|l| !upper.contains(**l)).unwrap_or(&LETTERS[0]);
    let mut tokens = Vec::new();
    let rewritten = Rewritten::new(source, terms, |term| {
        // Two digits and a letter behind them, so that no token is the beginning of another and no digits run together.
        let token = format!("{letters}{:02}X", tokens.len() + 10);
        tokens.push(Placeholder { token: token.clone(), rendering: term.entry.target().to_owned() });
        token
    });
    (rewritten, tokens)
}

/// Whether a token stands in a German text.
#[must_use]
pub fn has_placeholder(text: &str) -> bool {
    let is_number =
        |rest: &str| rest.as_bytes().iter().take(2).filter(|byte| byte.is_ascii_digit()).count() == 2;
    LETTERS.iter().any(|letters| text.split(letters).skip(1).any(is_number))
}

/// Puts the renderings back in the place of their tokens.
///
/// Services may have changed the case of a token or put blanks or hyphens into it. Returns `None` if a token is
/// lost or stands there twice.
pub(super) fn restore(target: &str, tokens: &[Placeholder]) -> Option<String> {
    let mut places = Vec::with_capacity(tokens.len());
    for Placeholder { token, rendering } in tokens {
        let mut found = occurrences(target, token);
        let place = found.next()?;
        if found.next().is_some() {
            return None;
        }
        places.push((place, rendering.as_str()));
    }
    places.sort_by_key(|(place, _)| place.start);
    let mut out = String::with_capacity(target.len());
    let mut at = 0;
    for (place, rendering) in places {
        out.push_str(target.get(at..place.start)?);
        let rendering = with_apostrophes_of(target, without_double(rendering, target.get(place.end..)?));
        set_article(&mut out, &rendering);
        if out.trim_end().is_empty() {
            out.push_str(&capitalised(&rendering));
        } else {
            out.push_str(&rendering);
        }
        at = place.end;
    }
    out.push_str(target.get(at..)?);
    Some(out)
}

/// A rendering without its last word if that word follows anyway: `ZQX10X missiles` for `long-range missile`.
fn without_double<'a>(rendering: &'a str, rest: &str) -> &'a str {
    let Some((before, last)) = rendering.rsplit_once(' ') else { return rendering };
    let next = first_word(rest).filter(|w| rest[..w.span.start] == *" ");
    let double = next.is_some_and(|w| w.folded == fold(last) || is_plural(&fold(last), &w.folded));
    if double { before } else { rendering }
}

/// Where a token stands, whatever its case and with blanks and hyphens in it.
fn occurrences(target: &str, token: &str) -> impl Iterator<Item = Range<usize>> {
    let starts = target.char_indices().filter_map(move |(at, c)| {
        let before = target[..at].chars().next_back();
        (c.is_alphabetic() && !before.is_some_and(char::is_alphanumeric)).then_some(at)
    });
    starts.filter_map(move |start| {
        let mut wanted = token.chars().peekable();
        for (at, c) in target[start..].char_indices() {
            let Some(next) = wanted.peek() else {
                return (!c.is_alphanumeric()).then_some(start..start + at);
            };
            if c.eq_ignore_ascii_case(next) {
                wanted.next();
            } else if !(c == ' ' || is_hyphen(c)) {
                return None;
            }
        }
        wanted.peek().is_none().then_some(start..target.len())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::check::testing::term;

    #[test]
    fn tokens_come_back_as_renderings() {
        let terms = [term("Feuerwehr", "fire brigade", 4), term("Eisbrecher", "ice breaker", 22)];
        let (Rewritten { text, .. }, tokens) = placeholders("Die Feuerwehr und der Eisbrecher.", &terms);
        assert_eq!(text, "Die ZQX10X und der ZQX11X.");
        assert!(has_placeholder(&text) && !has_placeholder("Die ZQX und der ZQX1ä"));
        assert_eq!(
            restore("A zqx 11 x and ZQX-10X’s men", &tokens).unwrap(),
            "An ice breaker and fire brigade’s men"
        );
        assert_eq!(restore("ZQX10X brigades, ZQX11X", &tokens).unwrap(), "Fire brigades, ice breaker");
        assert_eq!(restore("ZQX10X and ZQX11X", &tokens).unwrap(), "Fire brigade and ice breaker");
    }

    proptest! {
        #[test]
        fn what_stands_around_tokens_comes_back_unchanged(
            source in "([A-Za-zäöüß]{1,8}|[0-9]{1,3}|[,.„“-]| ){0,30}",
            at in prop::collection::vec(0_usize..200, 0..4),
        ) {
            let mut at: Vec<usize> = at.into_iter().filter(|i| source.is_char_boundary(*i)).collect();
            at.sort_unstable();
            let mut text = source;
            for place in at.iter_mut().rev() {
                *place = (*place).min(text.len());
                text.insert_str(*place, " Feuer ");
            }
            let places = text.match_indices(" Feuer ").map(|(i, _)| i + 1).collect::<Vec<_>>();
            let terms: Vec<_> = places.iter().map(|i| term("Feuer", "Feuer", *i)).collect();
            let (sent, tokens) = placeholders(&text, &terms);
            let sent = sent.text;
            prop_assert_eq!(tokens.len(), terms.len());
            prop_assert_eq!(restore(&sent, &tokens), Some(text));
        }
    }

    #[test]
    fn lost_and_doubled_tokens_are_no_translation() {
        let (_, tokens) = placeholders("Feuerwehr", &[term("Feuerwehr", "fire brigade", 0)]);
        assert_eq!(restore("The men", &tokens), None);
        assert_eq!(restore("ZQX10X and ZQX10X", &tokens), None);
        assert_eq!(restore("ZQX10XA", &tokens), None);
    }
}
