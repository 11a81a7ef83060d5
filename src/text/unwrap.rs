//! What wrapping leaves inside a sentence: words divided at the ends of lines, and the marker of a quotation before each of
//! its lines.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use super::characters::is_hyphen;
use crate::tables::words;

static JOINING: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| words(include_str!("data/half-word-conjunctions.txt")).collect());

/// A sentence as it was before it was wrapped: `Minis-⏎terium` is one word again, `EU-⏎Gipfel` one with its hyphen, and the
/// markers of a quotation (`⏎> `) are gone. Line breaks elsewhere stay.
#[must_use]
pub fn unwrapped(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut taken = 0;
    for (at, _) in text.match_indices('\n') {
        // A break that the one before it has taken in.
        if at < taken {
            continue;
        }
        let line = text[taken..at].trim_end();
        let break_start = taken + line.len();
        let next = &text[at + 1..];
        let next = next.trim_start_matches(|c: char| c == '>' || (c.is_whitespace() && c != '\n'));
        let quoted = text[at + 1..text.len() - next.len()].contains('>');
        let kept = match divided(line, next) {
            Some(kept) => kept,
            None if quoted => "\n",
            None => continue,
        };
        let hyphen = line.chars().next_back().map_or(0, char::len_utf8);
        let end = if kept.is_empty() { break_start - hyphen } else { break_start };
        out.push_str(&text[taken..end]);
        out.push_str(if kept == "-" { "" } else { kept });
        taken = text.len() - next.len();
    }
    if taken == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[taken..]);
    Cow::Owned(out)
}

/// If a word is divided between two lines, what is left of its hyphen: nothing, or `-` for the hyphen as it stands.
fn divided(line: &str, next: &str) -> Option<&'static str> {
    let word = line.strip_suffix(|c| is_hyphen(c) || c == '\u{ad}')?;
    let dash = line[word.len()..].starts_with(['–', '−']);
    let first = next.chars().next()?;
    if dash || !word.ends_with(char::is_alphanumeric) || !first.is_alphanumeric() {
        return None;
    }
    let end = next.find(|c: char| !c.is_alphanumeric()).unwrap_or(next.len());
    match first.is_lowercase() {
        true if JOINING.contains(&next[..end]) => None,
        true if word.ends_with(char::is_lowercase) => Some(""),
        _ => Some("-"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn divided_words_are_whole_again() {
        for (text, whole) in [
            ("das Minis-\nterium tagt", "das Ministerium tagt"),
            ("das Minis\u{ad}\r\n  terium", "das Ministerium"),
            ("der EU-\nGipfel", "der EU-Gipfel"),
            ("im A-\nkader", "im A-kader"),
            ("Hwasong-\n18", "Hwasong-18"),
            ("Lang- und\nKurzstrecke", "Lang- und\nKurzstrecke"),
            ("Lang-\nund Kurzstrecke", "Lang-\nund Kurzstrecke"),
            ("Er kam –\nund ging", "Er kam –\nund ging"),
        ] {
            assert_eq!(unwrapped(text), whole);
        }
    }

    #[test]
    fn markers_of_a_quotation_are_no_words() {
        assert_eq!(unwrapped("einen Brief, den\n> dieser bekam"), "einen Brief, den\ndieser bekam");
        assert_eq!(unwrapped("a\r\n>> b\n>c"), "a\nb\nc");
        assert_eq!(unwrapped("der Bot-\n> schafter"), "der Botschafter");
        assert_eq!(unwrapped("3 > 2\nund"), "3 > 2\nund");
    }

    proptest! {
        #[test]
        fn no_letter_is_lost(text in "([a-zA-Zäß0-9,.]{0,6}[ -]?[\r\n]{0,2}[> ]{0,2}){0,8}|.*") {
            let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            prop_assert_eq!(letters(&unwrapped(&text)), letters(&text));
            let whole = unwrapped(&text).into_owned();
            prop_assert!(!text.contains('\n') || whole.len() <= text.len());
        }
    }
}
