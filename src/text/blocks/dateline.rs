//! Datelines: the place, day and agency that open a report.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::tables::words;
use crate::text::german::LISTS;

/// A dateline is not longer than this, in bytes.
const LONGEST: usize = 100;
/// A place without agency or day is a dateline only before running text of at least this many bytes: a short line may be a heading that begins with a city.
const RUNNING_TEXT: usize = 120;
/// Words that open sentences but do not prove that the city before them stands alone.
const NO_PROOF: [&str; 6] = ["Sie", "Ihr", "Ihre", "Am", "An", "Und"];

static CITIES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("../data/dateline-cities.txt")).collect());
static AGENCIES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("../data/agencies.txt")).collect());

/// The bytes of the dateline that `block` begins with, its dash included.
pub(super) fn dateline(block: &str) -> Option<usize> {
    if !block.starts_with(char::is_uppercase) {
        return None;
    }
    let end = block.char_indices().map(|(at, _)| at).take_while(|&at| at <= LONGEST).last().unwrap_or(0);
    let window = &block[..end];
    with_agency(window).or_else(|| with_dash(window, block)).or_else(|| bare_city(block))
}

/// `BERLIN (dpa) –`, `Wien, 3. Mai (APA).`
fn with_agency(window: &str) -> Option<usize> {
    let (place, rest) = window.split_once('(')?;
    let (agency, after) = rest.split_once(')')?;
    let known = agency
        .split(['/', ','])
        .next()
        .is_some_and(|name| AGENCIES.contains(name.trim().to_lowercase().as_str()));
    if !known || !is_place(place) {
        return None;
    }
    let blank = after.len() - after.trim_start().len();
    let mark = after.trim_start().chars().next().filter(|c| matches!(c, '–' | '-' | '—' | '.' | ':'));
    let closed = place.len() + agency.len() + 2;
    Some(mark.map_or(closed, |mark| closed + blank + mark.len_utf8()))
}

/// `Moskau, 3. Mai –`, `BERLIN –`, `Berlin –`
fn with_dash(window: &str, block: &str) -> Option<usize> {
    let (place, dash) =
        [" – ", " — ", " -- ", " - "].iter().find_map(|dash| Some((window.split_once(dash)?.0, dash)))?;
    let dated = place.split_whitespace().any(|word| LISTS.is_month(word.trim_end_matches('.')));
    let alone =
        block.len() >= RUNNING_TEXT && place.split('/').all(|city| CITIES.contains(city) || is_shouted(city));
    (is_place(place) && (dated || alone)).then(|| place.len() + dash.trim_end().len())
}

/// `Tokio Der Kaiser …`: a listed city, then a word that cannot follow it in a sentence.
fn bare_city(block: &str) -> Option<usize> {
    let mut words = block.split(' ');
    let (city, next) = (words.next()?, words.next()?);
    let proven = CITIES.contains(city) && LISTS.is_starter(next) && !NO_PROOF.contains(&next);
    (proven && block.len() >= RUNNING_TEXT).then_some(city.len())
}

/// Whether all words can belong to the names of places or to a day.
fn is_place(place: &str) -> bool {
    let mut words = place.split(|c: char| c.is_whitespace() || c == '/').filter(|word| !word.is_empty());
    let fits = |word: &str| {
        word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
            || matches!(word, "am" | "an" | "der" | "im" | "bei" | "und")
    };
    place.split_whitespace().count() <= 7 && !place.trim().is_empty() && words.all(fits)
}

/// Capitals throughout.
fn is_shouted(word: &str) -> bool {
    word.chars().count() > 2 && word.chars().all(|c| c.is_uppercase() || c == '-' || c == ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datelines_are_measured() {
        let tail = "Der Rat hat am Abend getagt und den Plan gebilligt, der seit Wochen umstritten war. Die Mehrheit war am Ende sehr knapp.";
        for head in [
            "BERLIN (dpa) –",
            "Wien, 3. Mai (APA)",
            "Moskau, 3. Mai –",
            "Rom –",
            "NEW YORK –",
            "Genf",
            "Kiew/Moskau (dpa/afp) -",
        ] {
            assert_eq!(dateline(&format!("{head} {tail}")), Some(head.len()), "{head}");
        }
    }

    #[test]
    fn sentences_that_begin_with_a_city_are_none() {
        for text in [
            "Berlin (Ost) – das war einmal eine Hauptstadt, und mancher erinnert sich noch gern daran. Andere sind froh, dass sie es nicht mehr ist.",
            "Berlin Mitte ist teuer geworden, und wer dort noch eine Wohnung sucht, braucht viel Geduld und noch mehr Geld. So ist es.",
            "Die Lage – ernst",
        ] {
            assert_eq!(dateline(text), None, "{text}");
        }
    }
}
