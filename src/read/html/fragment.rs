//! HTML in a field of a corpus, as content systems export it.

use super::scan::PageScan;
use crate::model::{Article, ArticleId, Encoding, Markup};

/// Elements that the text of an article is made of. A tag of another name may be anything that stands in angle brackets.
const ELEMENTS: [&str; 52] = [
    "a",
    "abbr",
    "article",
    "b",
    "blockquote",
    "br",
    "center",
    "cite",
    "code",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "iframe",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "picture",
    "pre",
    "q",
    "s",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "tr",
    "u",
    "ul",
];

/// Whether a text has a tag or a character reference of HTML in it.
pub(in crate::read) fn is_html(text: &str) -> bool {
    text.match_indices(['<', '&']).any(|(at, mark)| {
        let rest = &text[at + 1..];
        if mark == "<" { is_tag(rest) } else { is_reference(rest) }
    })
}

/// Whether what stands behind `<` is the rest of a tag.
fn is_tag(rest: &str) -> bool {
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let name = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(name);
    let closes = || rest.find(['<', '>']).is_some_and(|at| rest[at..].starts_with('>'));
    ELEMENTS.iter().any(|known| known.eq_ignore_ascii_case(name))
        && rest.starts_with(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'))
        && closes()
}

/// Whether what stands behind `&` is the rest of a character reference.
fn is_reference(rest: &str) -> bool {
    /// `&CounterClockwiseContourIntegral;` is the longest name.
    const LONGEST: usize = 32;
    let Some(end) = rest.bytes().take(LONGEST + 1).position(|byte| byte == b';') else { return false };
    let name = &rest[..end];
    match name.strip_prefix('#') {
        Some(number) => {
            let digits = number.strip_prefix(['x', 'X']).unwrap_or(number);
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
        None => quick_xml::escape::resolve_html5_entity(name).is_some(),
    }
}

/// The article that a text of HTML is: all of it, as nothing stands around the text of a field.
pub(in crate::read) fn fragment(id: ArticleId, markup: String) -> Article {
    let mut draft = PageScan::new(&markup).run().into_draft();
    draft.part_in_work().markup = markup;
    draft.finish(id, Encoding::utf8(), Markup::Html, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_references_are_html_and_what_looks_like_them_is_not() {
        for text in [
            "<p>Text",
            "a<br>b",
            "<BR/>",
            "</li>",
            "<a href='x'>y</a>",
            "f&uuml;r",
            "A &amp; B",
            "&#8211;",
            "&#x2013;",
        ] {
            assert!(is_html(text), "{text}");
        }
        for text in [
            "",
            "a < b > c",
            "<platz>",
            "<p",
            "<p<br",
            "<http://example.org>",
            "x&y;",
            "A & B",
            "R&D; mehr",
            "&#;",
            "<3",
        ] {
            assert!(!is_html(text), "{text}");
        }
    }

    #[test]
    fn all_of_a_field_is_its_text() {
        let markup =
            "<p>Der <b>Hafen</b> war leer. Es war f&uuml;nf.</p><ul><li>Ein Punkt</li></ul>".to_owned();
        let article = fragment(ArticleId::new("a.csv#2"), markup);
        let blocks: Vec<_> = article.blocks.iter().map(|block| &article.text[block.span.clone()]).collect();
        assert_eq!(blocks, ["Der Hafen war leer. Es war fünf.", "Ein Punkt"]);
    }
}
