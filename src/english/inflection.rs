//! How English words inflect, and which article stands before them.

use super::capitals::capitalised;
use super::lexicon::FORMS;
use super::words::{Word, fold, words};

/// Whether a folded word may follow the noun of a rendering: `of` in `head of state`.
pub(super) fn is_postmodifier(word: &str) -> bool {
    FORMS.postmodifiers.contains(&word)
}

/// Whether `many` is a plural of `one`; both folded.
pub(crate) fn is_plural(one: &str, many: &str) -> bool {
    if is_uncountable(one) {
        return false;
    }
    let regular = many.strip_prefix(one).is_some_and(|end| matches!(end, "s" | "es"));
    let y = one.strip_suffix('y').is_some_and(|stem| many.strip_suffix("ies") == Some(stem));
    let sis = one.strip_suffix("sis").is_some_and(|stem| many.strip_suffix("ses") == Some(stem));
    regular
        || y
        || sis
        || FORMS.plurals.get(one).is_some_and(|forms| forms.contains(&many))
        || compound(one).is_some_and(|(stem, end)| many.strip_prefix(stem) == Some(end))
}

/// Whether a folded noun has no plural.
fn is_uncountable(folded: &str) -> bool {
    FORMS.uncountable.contains(folded)
}

/// The beginning of a folded compound, and how its plural ends: `police` and `men` of `policeman`.
fn compound(folded: &str) -> Option<(&str, &'static str)> {
    let mut endings = FORMS.compounds.iter().filter(|_| !FORMS.whole.contains(folded));
    endings.find_map(|(one, many)| Some((folded.strip_suffix(one).filter(|stem| !stem.is_empty())?, *many)))
}

/// The plural of a rendering: of its last word, or of the noun before `of` and the like. A noun that has none stays.
pub(crate) fn plural(rendering: &str) -> String {
    let words = words(rendering);
    let Some(noun) = noun(&words) else { return rendering.to_owned() };
    let (head, tail) = rendering.split_at(noun.span.end);
    let (before, own) = head.split_at(noun.span.start);
    let folded = noun.folded.as_str();
    let ends = |ends: &[&str]| ends.iter().any(|end| folded.ends_with(end));
    let many = if let Some(many) = FORMS.plurals.get(folded).and_then(|forms| forms.first()) {
        with_first_of(own, many)
    } else if is_spelt_out(own) {
        format!("{own}s")
    } else if is_uncountable(folded) || looks_plural(folded) {
        own.to_owned()
    } else if let Some((stem, end)) = compound(folded)
        && let Some(stem) = own.get(..stem.len())
    {
        format!("{stem}{end}")
    } else if ends(&["y"]) && own.ends_with('y') && !ends(&["ay", "ey", "oy", "uy"]) {
        format!("{}ies", &own[..own.len() - 1])
    } else if ends(&["sis"]) {
        format!("{}es", &own[..own.len() - 2])
    } else if ends(&["s", "x", "z", "ch", "sh"]) {
        format!("{own}es")
    } else {
        format!("{own}s")
    };
    format!("{before}{many}{tail}")
}

/// The forms in which a rendering may stand in a text, whatever article is before it: as it is listed, and in the plural.
#[must_use]
pub fn forms(rendering: &str) -> Vec<String> {
    let bare = without_article(rendering);
    let many = plural(bare);
    std::iter::once(bare.to_owned()).chain((many != bare).then_some(many)).collect()
}

/// A rendering without the article at its start.
pub(super) fn without_article(rendering: &str) -> &str {
    match words(rendering).as_slice() {
        [first, second, ..] if matches!(first.folded.as_str(), "the" | "a" | "an") => {
            &rendering[second.span.start..]
        }
        _ => rendering,
    }
}

/// A folded word with a capital if another one has it.
fn with_first_of(own: &str, folded: &str) -> String {
    if own.starts_with(char::is_uppercase) { capitalised(folded) } else { folded.to_owned() }
}

/// Whether a word is an abbreviation, whose letters stay what they are: `ICBM`.
pub(crate) fn is_spelt_out(word: &str) -> bool {
    word.chars().count() > 1 && word.chars().all(char::is_uppercase)
}

fn looks_plural(folded: &str) -> bool {
    FORMS.plurals.values().any(|forms| forms.contains(&folded))
        || compound_plural(folded)
        || folded.ends_with('s') && !["ss", "us", "is"].iter().any(|e| folded.ends_with(e))
}

/// Whether a folded word is the plural of a compound: `policemen`.
fn compound_plural(folded: &str) -> bool {
    let mut endings =
        FORMS.compounds.iter().filter(|(one, many)| one != many && !FORMS.whole.contains(folded));
    endings.any(|(_, many)| folded.len() > many.len() && folded.ends_with(many))
}

/// Whether a rendering that begins in lower case is a plural: `harvesters`, not `Cyprus`.
pub(crate) fn is_plural_form(rendering: &str) -> bool {
    let common = rendering.chars().next().is_some_and(char::is_lowercase);
    common && noun(&words(rendering)).is_some_and(|noun| looks_plural(&noun.folded))
}

/// The noun that takes the plural.
fn noun(words: &[Word]) -> Option<&Word> {
    let before_of = words.windows(2).position(|w| is_postmodifier(&w[1].folded));
    words.get(before_of.unwrap_or(words.len().saturating_sub(1)))
}

/// Whether something stands behind the noun of a rendering: `Ministry of Justice`.
pub(crate) fn has_postmodifier(rendering: &str) -> bool {
    words(rendering).iter().skip(1).any(|w| is_postmodifier(&w.folded))
}

/// Whether a word is an adjective or a people made of a name: `Polish` and `Poles` of `Poland`.
pub(crate) fn is_derived(word: &str, name: &str) -> bool {
    /// Letters that the two begin with alike.
    const STEM: usize = 3;
    let shared = word.chars().zip(name.chars()).take_while(|(a, b)| a == b).count();
    let ends = |end: &&str| match end.strip_prefix('+') {
        Some(end) => word.strip_suffix(end) == Some(name),
        None => word.ends_with(*end) && !name.ends_with(*end),
    };
    shared >= STEM && FORMS.derived.iter().any(ends)
}

/// Whether a folded word is a plural, an adjective or a people made of another one: `norwegians` of `norwegian`.
pub(crate) fn is_inflected(word: &str, of: &str) -> bool {
    is_plural(of, word) || is_derived(word, of)
}

/// Whether a rendering looks like a noun that stands without an article in the singular.
pub(crate) fn is_mass(rendering: &str) -> bool {
    let words = words(rendering);
    noun(&words).is_some_and(|noun| FORMS.mass.iter().any(|end| noun.folded.ends_with(end)))
}

/// The indefinite article before a word: `an` or `a`.
pub(crate) fn article(next: &str) -> &'static str {
    let word: String = next.chars().take_while(|c| c.is_alphanumeric()).collect();
    let folded = fold(&word);
    let listed = FORMS.articles.iter().filter(|(start, _)| folded.starts_with(start));
    let spelt = word.chars().count() > 1 && word.chars().all(char::is_uppercase);
    let an = match listed.max_by_key(|(start, _)| start.len()) {
        _ if spelt && !FORMS.spoken.contains(&folded.as_str()) => {
            FORMS.letters.iter().any(|letter| folded.starts_with(letter))
        }
        Some((_, an)) => *an,
        None => folded.starts_with(['a', 'e', 'i', 'o', 'u']) || folded == "8" || folded.starts_with("80"),
    };
    if an { "an" } else { "a" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_keep_their_letters() {
        for (one, many) in
            [("SLBM", "SLBMs"), ("UAV", "UAVs"), ("APS", "APSs"), ("TVX", "TVXs"), ("IFV crew", "IFV crews")]
        {
            assert_eq!(plural(one), many);
            assert!(is_plural(&fold(one), &fold(many)));
        }
    }

    #[test]
    fn no_noun_without_a_plural_is_ever_given_one() {
        for noun in &FORMS.uncountable {
            assert_eq!(plural(noun), *noun);
            assert_eq!(plural(&format!("naval {noun}")), format!("naval {noun}"));
            assert!(
                !is_plural(noun, &format!("{noun}s")) && !is_plural(noun, &format!("{noun}es")),
                "{noun}"
            );
        }
    }

    #[test]
    fn a_listed_plural_is_one_and_has_no_plural_of_its_own() {
        for (one, forms) in &FORMS.plurals {
            for many in forms {
                assert!(FORMS.uncountable.contains(one) || is_plural(one, many), "{one} {many}");
                assert_eq!(plural(many), *many);
            }
        }
    }

    #[test]
    fn a_rendering_stands_as_it_is_listed_or_in_the_plural() {
        assert_eq!(forms("ice breaker"), ["ice breaker", "ice breakers"]);
        assert_eq!(forms("the head of state"), ["head of state", "heads of state"]);
        assert_eq!(forms("the Azores"), ["Azores"]);
    }

    #[test]
    fn plurals_and_articles() {
        assert_eq!(plural("head of state"), "heads of state");
        assert_eq!(plural("fire brigade"), "fire brigades");
        assert_eq!(plural("shipping company"), "shipping companies");
        assert_eq!(plural("shipping costs"), "shipping costs");
        assert_eq!(plural("food crisis"), "food crises");
        assert_eq!(plural("small children"), "small children");
        assert_eq!(plural("crime against humanity"), "crimes against humanity");
        assert_eq!(plural("harbour policeman"), "harbour policemen");
        assert_eq!(plural("Oligarch"), "Oligarchs");
        assert_eq!(plural("German"), "Germans");
        for (next, expected) in [
            ("hour", "an"),
            ("European", "a"),
            ("EU", "an"),
            ("UN", "a"),
            ("FBI", "an"),
            ("NATO", "a"),
            ("apple", "an"),
            ("uninformed", "an"),
        ] {
            assert_eq!(article(next), expected, "{next}");
        }
    }
}
