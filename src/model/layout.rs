//! The markup that the text of an article was taken out of.

use std::collections::HashMap;
use std::ops::Range;

use strum::VariantArray;

/// A language of markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, VariantArray)]
pub enum Markup {
    /// HTML, as the web has it.
    Html,
    /// Markdown: `CommonMark` with tables, footnotes, task lists and front matter.
    Markdown,
    /// The XML of a Word document, in an archive.
    Docx,
    /// Subtitles (`SubRip`).
    Srt,
}

impl Markup {
    /// The extensions of its files, without the dot and in lower case.
    #[must_use]
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Html => &["html", "htm", "xhtml"],
            Self::Markdown => &["md", "markdown"],
            Self::Docx => &["docx"],
            Self::Srt => &["srt"],
        }
    }

    /// The markup that an extension stands for, capitals aside.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        Self::VARIANTS
            .iter()
            .copied()
            .find(|markup| markup.extensions().iter().any(|known| known.eq_ignore_ascii_case(extension)))
    }
}

/// Where the text of an article stands in its file, so that a translation can be put in its place.
///
/// The text of such an article is readable on its own: what stands between its blocks is put there by the
/// reader and stands nowhere in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// What the parts are written in.
    pub markup: Markup,
    /// The bytes of the file if it is an archive; `None` if the only part is the file itself.
    pub archive: Option<Vec<u8>>,
    /// The files of markup, in the order of the text.
    pub parts: Vec<MarkupPart>,
}

/// One file of markup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MarkupPart {
    /// Its name in the archive; empty if it is the file itself.
    pub name: String,
    pub markup: String,
    /// The text in it, in order; neither their texts nor their places overlap.
    pub nodes: Vec<TextNode>,
    /// The outermost inline elements with their tags, such as links, in order and disjoint: text may be put
    /// right before and right behind one, and they may change places. Empty where neither is allowed.
    pub elements: Vec<Range<usize>>,
    /// What changes in the markup itself when the text becomes English, such as the name of the language:
    /// places in order, disjoint from each other and from the nodes, and what is put there.
    pub edits: Vec<(Range<usize>, String)>,
}

impl MarkupPart {
    /// The outermost inline element that a node lies in.
    #[must_use]
    pub fn element_of(&self, node: &TextNode) -> Option<&Range<usize>> {
        let index = self.elements.partition_point(|element| element.end <= node.place.start);
        let element = self.elements.get(index)?;
        (element.start <= node.place.start && node.place.end <= element.end).then_some(element)
    }

    /// The nodes that have some of these bytes of the text.
    fn nodes_in<'a>(&'a self, span: &'a Range<usize>) -> impl Iterator<Item = &'a TextNode> + Clone {
        let first = self.nodes.partition_point(|node| node.text.end <= span.start);
        self.nodes[first..].iter().take_while(|node| node.text.start < span.end)
    }

    /// The style that most of the text in these bytes has.
    fn main_style(&self, span: &Range<usize>) -> Option<u32> {
        let mut sums: HashMap<u32, usize> = HashMap::new();
        for node in self.nodes_in(span) {
            *sums.entry(node.style).or_default() += node.text.len();
        }
        sums.into_iter().max_by_key(|&(style, sum)| (sum, std::cmp::Reverse(style))).map(|(style, _)| style)
    }
}

impl Layout {
    /// The stretches of these bytes of the text that look different from the rest of them, counted from their
    /// beginning, in order and disjoint: inline elements, or where those are not known, runs of another style
    /// than most of the text has.
    #[must_use]
    pub fn styles(&self, span: &Range<usize>) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for part in &self.parts {
            let main = part.elements.is_empty().then(|| part.main_style(span)).flatten();
            let mut last = None;
            for node in part.nodes_in(span) {
                let look = match main {
                    Some(style) => (node.style != style).then_some((node.style as usize, 0)),
                    None => part.element_of(node).map(|element| (element.start, element.end)),
                };
                let own =
                    node.text.start.max(span.start) - span.start..node.text.end.min(span.end) - span.start;
                match found.last_mut() {
                    Some(stretch) if look.is_some() && look == last => stretch.end = own.end,
                    _ if look.is_some() => found.push(own),
                    _ => {}
                }
                last = look;
            }
        }
        found.retain(|stretch| stretch.len() < span.len());
        found
    }
}

/// A stretch of text as it stands in a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextNode {
    /// Bytes of [`Article::text`](super::Article::text).
    pub text: Range<usize>,
    /// Bytes of [`MarkupPart::markup`] that are replaced when the text is; never cut a character.
    pub place: Range<usize>,
    /// What the text looks like: between neighbours of one style, words may move. Numbers mean nothing on
    /// their own and are used again in other blocks.
    pub style: u32,
    /// Whether it stands in the English as it is: code, addresses.
    pub is_fixed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(styles: &[u32], elements: &[Range<usize>]) -> MarkupPart {
        // Every node is three bytes of text, and stands between two bytes of markup.
        let node = |(index, &style): (usize, &u32)| TextNode {
            text: index * 3..index * 3 + 3,
            place: index * 5 + 1..index * 5 + 4,
            style,
            is_fixed: false,
        };
        let nodes = styles.iter().enumerate().map(node).collect();
        MarkupPart { nodes, elements: elements.to_vec(), ..MarkupPart::default() }
    }

    fn styles(part: MarkupPart, span: Range<usize>) -> Vec<Range<usize>> {
        Layout { markup: Markup::Html, archive: None, parts: vec![part] }.styles(&span)
    }

    #[test]
    fn elements_are_stretches_unless_they_are_all() {
        let elements = [5..10, 15..25];
        let nodes = [0, 1, 0, 2, 3];
        assert_eq!(styles(part(&nodes, &elements), 0..15), [3..6, 9..15]);
        assert_eq!(styles(part(&nodes, &elements), 4..11), [0..2, 5..7]);
        assert!(styles(part(&nodes, &elements), 9..15).is_empty());
    }

    #[test]
    fn without_elements_the_rarer_styles_are_stretches() {
        assert_eq!(styles(part(&[7, 8, 8, 7, 7], &[]), 0..15).first(), Some(&(3..9)));
    }
}
