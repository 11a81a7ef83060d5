//! How English words inflect, and which article stands before them.

use super::lexicon::FORMS;
use super::words::{Word, fold, words};

/// Whether a folded word may follow the noun of a rendering: `of` in `head of state`.
pub(super) fn is_postmodifier(word: &str) -> bool {
    FORMS.postmodifiers.contains(&word)
}

/// Whether `many` is a plural of `one`; both folded.
pub(crate) fn is_plural(one: &str, many: &str) -> bool {
    let regular = many.strip_prefix(one).is_some_and(|end| matches!(end, "s" | "es"));
    let y = one.strip_suffix('y').is_some_and(|stem| many.strip_suffix("ies") == Some(stem));
    let sis = one.strip_suffix("sis").is_some_and(|stem| many.strip_suffix("ses") == Some(stem));
    regular || y || sis || FORMS.plurals.get(one).is_some_and(|forms| forms.contains(&many))
}

/// The plural of a rendering: of its last word, or of the noun before `of` and the like.
pub(crate) fn plural(rendering: &str) -> String {
    let words = words(rendering);
    let Some(noun) = noun(&words) else { return rendering.to_owned() };
    let (head, tail) = rendering.split_at(noun.span.end);
    let folded = noun.folded.as_str();
    if looks_plural(folded) {
        return rendering.to_owned();
    }
    if let Some(many) = FORMS.plurals.get(folded).and_then(|forms| forms.first()) {
        return format!("{}{many}{tail}", &rendering[..noun.span.start]);
    }
    let vowel_y = ["ay", "ey", "oy", "uy"].iter().any(|e| folded.ends_with(e));
    match () {
        () if folded.ends_with('y') && !vowel_y && head.ends_with('y') => {
            format!("{}ies{tail}", &head[..head.len() - 1])
        }
        () if folded.ends_with("sis") => format!("{}es{tail}", &head[..head.len() - 2]),
        () if ["s", "x", "z", "ch", "sh"].iter().any(|e| folded.ends_with(e)) => format!("{head}es{tail}"),
        () => format!("{head}s{tail}"),
    }
}

fn looks_plural(folded: &str) -> bool {
    FORMS.plurals.values().any(|forms| forms.contains(&folded))
        || folded.ends_with('s') && !["ss", "us", "is"].iter().any(|e| folded.ends_with(e))
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
    fn plurals_and_articles() {
        assert_eq!(plural("head of state"), "heads of state");
        assert_eq!(plural("fire brigade"), "fire brigades");
        assert_eq!(plural("shipping company"), "shipping companies");
        assert_eq!(plural("shipping costs"), "shipping costs");
        assert_eq!(plural("food crisis"), "food crises");
        assert_eq!(plural("small children"), "small children");
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
