//! What is written where a term holds: the hyphens of the entry, and the house form if it is asked for.

use std::ops::Range;

use super::super::repaired::Repaired;
use super::super::replace::replace;
use super::search::Replacement;
use crate::check::{outcomes, standing, whole};
use crate::english::{
    Sentence, first_word, has_postmodifier, is_determiner, is_function_word, is_mass, is_plural_form,
    is_plural_verb, last_word, plural, words,
};
use crate::model::{RepairRule, TermMatch, TermOutcome};
use crate::text::characters::is_hyphen;

/// Writes accepted renderings in the hyphens of the entry and, if `is_house` says so, the house form in their place, in
/// the number, case and capitals that stand there.
///
/// Where grammar does not allow it the accepted rendering stays. `None` if nothing was changed.
pub(in crate::enforce) fn house_form(
    source: &Sentence,
    terms: &[TermMatch],
    target: &Sentence,
    is_house: bool,
) -> Option<Repaired> {
    let mut housed = Repaired { english: target.clone(), rules: vec![None; terms.len()] };
    let mut now = outcomes(source, terms, target);
    for (at, term) in terms.iter().enumerate() {
        let Some(span) = now[at].held.as_ref().filter(|_| term.is_required()) else { continue };
        let text = housed.english.text();
        let house = is_house.then(|| replacement(text, term, span)).flatten();
        let house = house.map(|place| (RepairRule::HouseForm, place));
        let place =
            house.or_else(|| rehyphenated(text, term, span).map(|place| (RepairRule::Hyphens, place)));
        let Some((rule, place)) = place else { continue };
        let Some(text) = replace(&housed.english, &place) else { continue };
        let english = Sentence::new(text);
        let then = outcomes(source, terms, &english);
        if keeps(&now, &then) {
            (housed.english, now) = (english, then);
            housed.rules[at] = Some(rule);
        }
    }
    (housed.english.text() != target.text()).then_some(housed)
}

/// Whether every term that held still does.
fn keeps(before: &[TermOutcome], after: &[TermOutcome]) -> bool {
    before.iter().zip(after).all(|(b, a)| a.held.is_some() || b.held.is_none())
}

/// What to put where an accepted rendering stands that is not the house form.
fn replacement(text: &str, term: &TermMatch, span: &Range<usize>) -> Option<Replacement> {
    let (surface, house) = (&text[span.clone()], term.entry.target());
    let (accepted, many) = standing(&term.entry.targets, surface)?;
    let rest = &text[span.end..];
    // `Interior Ministry spokesman`: a noun that stands before another takes nothing behind it.
    let attribute = has_postmodifier(house) && !has_postmodifier(accepted) && next_content(rest);
    // `a harvest worker` where the house form is `harvesters`.
    let number = is_plural_form(house) && !is_plural_form(accepted) && !many;
    // `the word “border protection”`: a noun that can be counted needs an article.
    let common = house.starts_with(char::is_lowercase) && !is_plural_form(house);
    let bare =
        common && !many && is_mass(accepted) && !is_mass(house) && !has_determiner(&text[..span.start]);
    if attribute || number || bare {
        return None;
    }
    let verb = first_word(rest).is_some_and(|w| is_plural_verb(&w.folded));
    let collective = verb && !is_plural_form(accepted) && house.starts_with(char::is_lowercase);
    let by = if many || collective { plural(house) } else { house.to_owned() };
    let span = without_article(text, span, accepted, house);
    Some(Replacement { span, by, german: false })
}

/// The accepted rendering that stands there with other hyphens, in its own spelling.
fn rehyphenated(text: &str, term: &TermMatch, span: &Range<usize>) -> Option<Replacement> {
    let surface = &text[span.clone()];
    let found = term.entry.targets.iter().find_map(|target| Some((target, whole(target, surface)?)));
    let (target, many) = found?;
    let by = if many { plural(target) } else { target.clone() };
    let hyphens = |text: &str| text.chars().filter(|c| is_hyphen(*c)).count();
    // Before another noun the hyphen may be grammar: `the inland-sea port`.
    let rest = &text[span.end..];
    let attribute = hyphens(surface) > hyphens(&by) && next_content(rest)
        || rest.starts_with(is_hyphen)
        || text[..span.start].ends_with(is_hyphen);
    let same = hyphens(surface) == hyphens(&by) || words(&by).len() != words(surface).len();
    (!same && !attribute).then(|| Replacement { span: span.clone(), by, german: false })
}

/// Whether a word that is no function word stands directly behind.
fn next_content(rest: &str) -> bool {
    let next = first_word(rest);
    next.is_some_and(|w| rest[..w.span.start] == *" " && !is_function_word(&w.folded))
}

/// Whether an article or the like stands directly before.
fn has_determiner(before: &str) -> bool {
    let last = last_word(before).filter(|w| before[w.span.end..] == *" ");
    // The s of a possessive does what an article does: `Meyer’s word`.
    last.is_some_and(|w| is_determiner(&w.folded) || w.folded == "s")
}

/// Takes in the article before `University of Leeds` where the house form is the name `Leeds University`.
fn without_article(text: &str, span: &Range<usize>, accepted: &str, house: &str) -> Range<usize> {
    let name = words(house).iter().all(|w| house[w.span.clone()].starts_with(char::is_uppercase));
    let before = &text[..span.start];
    let article = before.strip_suffix("the ").or_else(|| before.strip_suffix("The "));
    let start = article.filter(|b| !b.ends_with(char::is_alphanumeric)).map(str::len);
    let drops = name && has_postmodifier(accepted) && !has_postmodifier(house);
    start.filter(|_| drops).unwrap_or(span.start)..span.end
}
