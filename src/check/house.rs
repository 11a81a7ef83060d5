//! Writing the house form where another accepted rendering stands.

use std::ops::Range;

use super::english::{
    Rendering, first_word, has_postmodifier, is_hyphen, is_mass, is_plural_form, last_word, plural, words,
};
use super::lexicon::is_function_word;
use super::mend::{Replacement, replace};
use super::terms::outcomes;
use crate::model::{MatchKind, TermMatch, TermOutcome};

/// Puts the house form in the place of other accepted renderings, in the number, case and capitals that stand there.
///
/// Where grammar does not allow it the accepted rendering stays. Returns `None` if nothing was changed.
#[must_use]
pub fn house(terms: &[TermMatch], target: &str) -> Option<String> {
    let mut text = target.to_owned();
    let mut now = outcomes(terms, &text);
    for (at, term) in terms.iter().enumerate() {
        let Some(span) = now[at].held.as_ref().filter(|_| term.kind != MatchKind::Part) else { continue };
        let place = replacement(&text, term, span).or_else(|| respelled(&text, term, span));
        let mended = place.and_then(|place| replace(&text, &place));
        let Some(mended) = mended else { continue };
        let then = outcomes(terms, &mended);
        if keeps(&now, &then) {
            (text, now) = (mended, then);
        }
    }
    (text != target).then_some(text)
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
    let verb = first_word(rest).is_some_and(|w| matches!(w.folded.as_str(), "are" | "were" | "have"));
    let collective = verb && !is_plural_form(accepted) && house.starts_with(char::is_lowercase);
    let by = if many || collective { plural(house) } else { house.to_owned() };
    let span = without_article(text, span, accepted, house);
    Some(Replacement { span, by, german: false })
}

/// The accepted rendering that stands there with other hyphens, in its own spelling.
fn respelled(text: &str, term: &TermMatch, span: &Range<usize>) -> Option<Replacement> {
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

/// Whether a surface is a rendering in the plural; `None` if it is another one.
fn whole(target: &str, surface: &str) -> Option<bool> {
    let places = Rendering::new(target).find(surface, &words(surface));
    places.into_iter().find(|place| place.span == (0..surface.len())).map(|place| place.plural)
}

/// Which of the accepted renderings other than the first a surface is, and whether in the plural.
fn standing<'a>(targets: &'a [String], surface: &str) -> Option<(&'a str, bool)> {
    let (house, others) = targets.split_first()?;
    let found = |target: &'a String| Some((target.as_str(), whole(target, surface)?));
    // A hyphen stands for a space, unless the entry lists both.
    let exact = others
        .iter()
        .find(|t| spelling(t) == spelling(surface))
        .filter(|_| spelling(house) != spelling(surface));
    match whole(house, surface) {
        Some(_) => exact.filter(|t| t.contains(is_hyphen) != house.contains(is_hyphen)).and_then(found),
        None => exact.and_then(found).or_else(|| others.iter().find_map(found)),
    }
}

/// Which of several accepted renderings a surface is; `None` if there is only one.
pub(super) fn accepted<'a>(targets: &'a [String], surface: &str) -> Option<&'a str> {
    let house = targets.first().filter(|_| targets.len() > 1)?;
    Some(standing(targets, surface).map_or(house, |(accepted, _)| accepted))
}

/// Lower case, hyphens of one kind.
fn spelling(text: &str) -> String {
    text.chars().map(|c| if is_hyphen(c) { '-' } else { c }).flat_map(char::to_lowercase).collect()
}

/// Whether a word that is no function word stands directly behind.
fn next_content(rest: &str) -> bool {
    let next = first_word(rest);
    next.is_some_and(|w| rest[..w.span.start] == *" " && !is_function_word(&w.folded))
}

/// Whether an article or the like stands directly before.
fn has_determiner(before: &str) -> bool {
    let last = last_word(before).filter(|w| before[w.span.end..] == *" ");
    let word = last.map(|w| w.folded).unwrap_or_default();
    matches!(
        word.as_str(),
        "the" | "a" | "an" | "this" | "that" | "his" | "her" | "its" | "their" | "our" | "your" | "s"
    )
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

#[cfg(test)]
mod tests {
    use super::super::tests_support::term;
    use super::*;

    fn housed(targets: &str, target: &str) -> Option<String> {
        house(&[term("Wort", targets, 0)], target)
    }

    #[test]
    fn accepted_renderings_become_the_house_form() {
        for (targets, target, expected) in [
            ("inland sea|lake", "A lake and two houses.", "An inland sea and two houses."),
            ("inland sea|lake", "Lakes are deep.", "Inland seas are deep."),
            ("inland sea|lake", "The lake’s shore.", "The inland sea’s shore."),
            ("Leeds University|University of Leeds", "At the University of Leeds.", "At Leeds University."),
            ("Leeds University|University of Leeds", "The University of Leeds is.", "Leeds University is."),
            (
                "Ministry of Health|Health Ministry",
                "the Health Ministry’s man",
                "the Ministry of Health’s man",
            ),
            ("North Park|North-Park", "in North-Park today", "in North Park today"),
            ("fire-safety plan", "a fire safety plan today", "a fire-safety plan today"),
            ("water born plants", "Water-born plants.", "Water born plants."),
            ("US chancellor|U.S. chancellor", "and U.S. Chancellor Meyer", "and US Chancellor Meyer"),
            ("forest guard|forest police", "The forest police are here.", "The forest guards are here."),
        ] {
            assert_eq!(housed(targets, target).as_deref(), Some(expected), "{target}");
        }
    }

    #[test]
    fn where_grammar_forbids_it_the_accepted_rendering_stays() {
        for (targets, target) in [
            ("Ministry of Health|Health Ministry", "a Health Ministry spokesman"),
            ("reapers|harvest hand", "a young harvest hand came"),
            ("forest guard|forest protection", "The word was forest protection."),
            ("inland sea|lake", "the inland-sea port"),
            ("North Park", "in North-Park today"),
        ] {
            assert_eq!(housed(targets, target), None, "{target}");
        }
    }
}
