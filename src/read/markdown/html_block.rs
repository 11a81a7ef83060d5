//! Blocks of HTML between the blocks of Markdown.

use std::ops::Range;

use crate::read::html::{Role, role};
use crate::read::tag::InlineTag;

/// A piece of a block of HTML, in bytes of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum HtmlPiece {
    Text(Range<usize>),
    /// A tag among words.
    Tag(Range<usize>),
    /// Where a block begins or ends.
    Border,
}

/// The pieces of a block of HTML, without what is no language.
pub(super) fn pieces(html: &str) -> Vec<HtmlPiece> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < html.len() {
        let Some(open) = html[at..].find('<').map(|open| at + open) else {
            pieces.push(HtmlPiece::Text(at..html.len()));
            break;
        };
        if at < open {
            pieces.push(HtmlPiece::Text(at..open));
        }
        let Some(end) = tag_end(&html[open..]).map(|length| open + length) else { break };
        let tag = &html[open..end];
        at = end;
        if tag.starts_with("<!") || tag.starts_with("<?") {
            continue;
        }
        let (name, opens) = match InlineTag::of(tag) {
            InlineTag::Open(name) => (name, true),
            InlineTag::Close(name) => (name, false),
            InlineTag::Break | InlineTag::Alone => (String::new(), false),
        };
        // The names of components begin with a capital.
        let is_component = tag.trim_start_matches(['<', '/']).starts_with(|c: char| c.is_ascii_uppercase());
        match role(name.as_bytes()) {
            Role::Skipped => {
                pieces.push(HtmlPiece::Border);
                if opens {
                    at = skipped(html, end, &name);
                }
            }
            Role::Block(_) => pieces.push(HtmlPiece::Border),
            _ if is_component => pieces.push(HtmlPiece::Border),
            _ => pieces.push(HtmlPiece::Tag(open..end)),
        }
    }
    pieces
}

/// The length of the tag or comment that a text begins with.
fn tag_end(text: &str) -> Option<usize> {
    if text.starts_with("<!--") {
        return text.find("-->").map(|end| end + 3);
    }
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at + 1),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    None
}

/// Where the element ends that began before this byte, all of the text if it does not.
fn skipped(html: &str, from: usize, name: &str) -> usize {
    let rest = &html[from..];
    let ends =
        |at: &usize| rest[at + 2..].get(..name.len()).is_some_and(|end| end.eq_ignore_ascii_case(name));
    rest.match_indices("</").map(|(at, _)| at).find(ends).map_or(html.len(), |at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_and_code_and_comments_are_not() {
        let html = "<details title='a>b'><summary>Mehr <b>da</b></summary><!-- <p> --><pre>let <i>x</i></pre><Tab>Ja</Tab><br>";
        let found: Vec<_> = pieces(html)
            .into_iter()
            .map(|piece| match piece {
                HtmlPiece::Border => "|",
                HtmlPiece::Text(place) | HtmlPiece::Tag(place) => &html[place],
            })
            .collect();
        assert_eq!(found, ["|", "|", "Mehr ", "<b>", "da", "</b>", "|", "|", "|", "|", "Ja", "|", "<br>"]);
        for odd in ["<", "a < b", "<a", "</", "<!-- x", "<script>"] {
            pieces(odd);
        }
    }
}
