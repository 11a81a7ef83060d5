//! Tags of HTML among the words of a sentence.

/// What a tag of HTML is in a text whose other markup is not HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum InlineTag {
    Open(String),
    Close(String),
    /// A line break.
    Break,
    /// A comment, or an element without an end tag.
    Alone,
}

/// Elements that have no end tag.
const VOID: [&str; 8] = ["area", "embed", "hr", "img", "input", "source", "track", "wbr"];

impl InlineTag {
    pub(super) fn of(tag: &str) -> Self {
        let inner = tag.trim_start_matches('<').trim_end_matches('>').trim();
        let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let name =
            |text: &str| text[..text.find(|c| !is_letter(c)).unwrap_or(text.len())].to_ascii_lowercase();
        match inner.strip_prefix('/') {
            Some(inner) => Self::Close(name(inner)),
            None if name(inner) == "br" => Self::Break,
            None if name(inner).is_empty() || inner.ends_with('/') || VOID.contains(&&*name(inner)) => {
                Self::Alone
            }
            None => Self::Open(name(inner)),
        }
    }

    /// Whether an element is no language, by its name, the character before it and what it reads as.
    pub(super) fn reads_as_atom(name: &str, before: Option<char>, text: &str) -> bool {
        match name {
            "code" | "kbd" | "samp" | "var" | "tt" => true,
            "sub" | "sup" => is_script(before, text),
            _ => false,
        }
    }
}

/// Whether raised or lowered text belongs to the word before it or has no word in it: an exponent, an index, the number of
/// a note.
pub(super) fn is_script(before: Option<char>, text: &str) -> bool {
    let is_attached = before.is_some_and(|c| !c.is_whitespace()) && !text.contains(char::is_whitespace);
    is_attached || !text.contains(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_told_apart() {
        let name = |name: &str| name.to_owned();
        for (tag, expected) in [
            ("<a href=\"x\">", InlineTag::Open(name("a"))),
            ("</A >", InlineTag::Close(name("a"))),
            ("<br />", InlineTag::Break),
            ("<img src=x>", InlineTag::Alone),
            ("<x-y/>", InlineTag::Alone),
            ("<!-- a -->", InlineTag::Alone),
        ] {
            assert_eq!(InlineTag::of(tag), expected, "{tag}");
        }
    }

    #[test]
    fn raised_text_is_a_word_only_if_it_stands_on_its_own() {
        assert!(is_script(Some('m'), "2") && is_script(Some('f'), "max") && is_script(None, "[3]"));
        assert!(!is_script(Some(' '), "neu") && !is_script(Some('e'), "siehe oben"));
    }
}
