//! Whether a text is German.

use std::collections::HashSet;
use std::sync::LazyLock;

use whatlang::{Lang, Script, detect};

use crate::tables::words;

/// Shorter texts, in letters, are not judged: a few words say too little.
const ENOUGH: usize = 200;

/// The percentage of German from which on a text is German: articles quote, and list foreign names.
const GERMAN_SHARE: usize = 20;

/// How many bytes of a longer text are looked at: enough for a reliable guess, and its time does not grow with the text.
const SAMPLE: usize = 16 << 10;

/// One word in this many is of those that mark German, in a text that needs no further look. Of running German it is one in
/// seven; with a third of that, well over [`GERMAN_SHARE`] of a text is German.
const MARKED: usize = 20;

static MARKS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words(include_str!("data/german-marks.txt")).collect());

/// Whether a text is German by its small words alone. Comparing letters with all languages takes a hundred times as long.
fn is_plainly_german(text: &str) -> bool {
    let (mut all, mut marks) = (0, 0);
    for word in text.split_whitespace() {
        all += 1;
        marks += usize::from(MARKS.contains(word));
    }
    marks * MARKED >= all
}

/// The name of the language of a text that is not German; `None` if it is, or if that is uncertain.
///
/// `paragraphs` are its parts. The text as a whole is judged first; if it seems to be in another language,
/// its paragraphs are, one by one, so that German with long quotations in another language is German.
#[must_use]
pub fn foreign<'a>(paragraphs: impl Iterator<Item = &'a str>) -> Option<&'static str> {
    let mut whole = String::new();
    let mut parts = Vec::new();
    for paragraph in paragraphs {
        let start = whole.len();
        whole.push_str(&paragraph[..paragraph.floor_char_boundary(SAMPLE - start.min(SAMPLE))]);
        parts.push(start..whole.len());
        whole.push('\n');
        if whole.len() >= SAMPLE {
            break;
        }
    }
    if letters(&whole) < ENOUGH {
        return None;
    }
    if is_plainly_german(&whole) {
        return None;
    }
    let found = detect(&whole)?;
    // A guess among languages of one script may be wrong; that another script is not German is certain.
    if found.lang() == Lang::Deu || (found.script() == Script::Latin && !found.is_reliable()) {
        return None;
    }
    let is_german = |part: &&str| detect(part).is_some_and(|found| found.lang() == Lang::Deu);
    let german: usize = parts.into_iter().map(|part| &whole[part]).filter(is_german).map(letters).sum();
    (german * 100 < letters(&whole) * GERMAN_SHARE).then(|| found.lang().eng_name())
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphabetic()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: &str = "The ferry left the harbour shortly before seven in the morning, an hour late. \
        According to the operator, a pump had failed during the night and had to be replaced by the crew. \
        Nobody on board was hurt, but many passengers missed their trains to the south of the country.";

    const GERMAN: &str = "Die Fähre verließ den Hafen kurz vor sieben Uhr morgens mit einer Stunde Verspätung. \
        Nach Angaben der Reederei war in der Nacht eine Pumpe ausgefallen und musste ersetzt werden.";

    fn judged(text: &str) -> Option<&'static str> {
        foreign(text.lines())
    }

    #[test]
    fn other_languages_are_named() {
        assert_eq!(judged(ENGLISH), Some("English"));
        let french = "Le bateau a quitté le port peu avant sept heures du matin avec une heure de retard. Selon \
            la compagnie, une pompe était tombée en panne pendant la nuit et l'équipage a dû la remplacer. \
            Personne n'a été blessé, mais beaucoup de passagers ont manqué leur train vers le sud du pays.";
        assert_eq!(judged(french), Some("French"));
        let russian = "Паром вышел из порта незадолго до семи часов утра с опозданием на один час. По данным \
            компании, ночью отказал насос, и экипажу пришлось его заменить. Никто на борту не пострадал, но \
            многие пассажиры опоздали на свои поезда, идущие на юг страны.";
        assert_eq!(judged(&russian.repeat(2)), Some("Russian"));
    }

    #[test]
    fn german_with_much_english_in_it_is_german() {
        assert_eq!(judged(GERMAN), None);
        assert_eq!(judged(&format!("{GERMAN}\n{ENGLISH}\n{GERMAN}")), None);
        assert_eq!(judged(&format!("{GERMAN}\n{ENGLISH} {ENGLISH}")), None);
    }

    #[test]
    fn lists_of_names_and_short_texts_pass() {
        assert_eq!(judged("Only a short note in English."), None);
        assert_eq!(judged(""), None);
        assert_eq!(judged(&"1 234 567 | 8,9 % | 2023-09-01\n".repeat(50)), None);
    }

    #[test]
    fn a_long_text_takes_no_longer_than_its_first_part() {
        assert_eq!(judged(&ENGLISH.repeat(10_000)), Some("English"));
    }
}
