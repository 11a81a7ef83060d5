//! Markdown: its blocks are those of its structure.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};

use super::Reader;
use crate::model::{Block, BlockKind};

/// Markdown. Markers of headings, lists and quotations stand in the gaps; links and emphasis in the blocks.
#[derive(Debug)]
pub(super) struct Markdown;

impl Reader for Markdown {
    fn blocks(&self, text: &str) -> Vec<Block> {
        let mut blocks = Blocks { text, ..Blocks::default() };
        let body = front_matter(text);
        if body > 0 {
            blocks.push(BlockKind::Metadata, 0..body);
        }
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_HEADING_ATTRIBUTES
            | Options::ENABLE_GFM;
        for (event, span) in Parser::new_ext(&text[body..], options).into_offset_iter() {
            blocks.event(&event, body + span.start..body + span.end);
        }
        blocks.end_of_text();
        blocks.done
    }
}

/// Where the front matter ends, 0 if there is none. Only what opens the file is front matter: further
/// down, lines between two rules are text.
fn front_matter(text: &str) -> usize {
    if !text.starts_with("---") && !text.starts_with("+++") {
        return 0;
    }
    let options =
        Options::ENABLE_YAML_STYLE_METADATA_BLOCKS | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    match Parser::new_ext(text, options).into_offset_iter().next() {
        Some((Event::Start(Tag::MetadataBlock(_)), span)) if span.start == 0 => span.end,
        _ => 0,
    }
}

/// The blocks as far as they are found.
#[derive(Default)]
struct Blocks<'a> {
    text: &'a str,
    done: Vec<Block>,
    /// The heading, list items and quotations that are open, the innermost last.
    open: Vec<BlockKind>,
    has_title: bool,
    /// The inline text that is being read.
    inline: Option<Range<usize>>,
    /// Whether there is language in it: more than an image, a bare link or code.
    language: bool,
    /// The links and images that are open, and whether each hides what stands in it: image descriptions
    /// and bare addresses are no language.
    links: Vec<bool>,
    /// Whether a code block, HTML block or table is open; what stands in it is in its block already.
    verbatim: bool,
}

impl Blocks<'_> {
    fn event(&mut self, event: &Event<'_>, span: Range<usize>) {
        match event {
            Event::End(tag) => self.end(*tag),
            _ if self.verbatim => {}
            Event::Start(tag) => self.start(tag, span),
            Event::Rule => {
                self.end_of_text();
                self.push(BlockKind::Verbatim, span);
            }
            Event::TaskListMarker(_) => {}
            Event::Text(text) => {
                self.language |= !self.links.contains(&true) && text.chars().any(char::is_alphanumeric);
                self.extend_text(span);
            }
            _ => self.extend_text(span),
        }
    }

    fn start(&mut self, tag: &Tag<'_>, span: Range<usize>) {
        match tag {
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => self.extend_text(span),
            Tag::Link { link_type, .. } => {
                self.extend_text(span);
                self.links.push(matches!(link_type, LinkType::Autolink | LinkType::Email));
            }
            Tag::Image { .. } => {
                self.extend_text(span);
                self.links.push(true);
            }
            Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::Table(_) => {
                self.end_of_text();
                self.push(BlockKind::Verbatim, span);
                self.verbatim = true;
            }
            Tag::Heading { level: HeadingLevel::H1, .. } if !self.has_title => {
                self.has_title = true;
                self.open(BlockKind::Title);
            }
            Tag::Heading { .. } => self.open(BlockKind::Heading),
            Tag::Item => self.open(BlockKind::ListItem),
            Tag::BlockQuote(_) => self.open(BlockKind::Quotation),
            _ => self.end_of_text(),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::Table => self.verbatim = false,
            _ if self.verbatim => {}
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {}
            TagEnd::Link | TagEnd::Image => drop(self.links.pop()),
            TagEnd::Heading(_) | TagEnd::Item | TagEnd::BlockQuote(_) => {
                self.end_of_text();
                self.open.pop();
            }
            _ => self.end_of_text(),
        }
    }

    /// Opens a heading, list item or quotation.
    fn open(&mut self, kind: BlockKind) {
        self.end_of_text();
        self.open.push(kind);
    }

    /// Adds a piece to the inline text.
    fn extend_text(&mut self, span: Range<usize>) {
        match &mut self.inline {
            Some(inline) => inline.end = inline.end.max(span.end),
            None => self.inline = Some(span),
        }
    }

    /// Makes a block of the inline text.
    fn end_of_text(&mut self) {
        if let Some(span) = self.inline.take() {
            let kind = self.open.last().copied().unwrap_or(BlockKind::Paragraph);
            self.push(if self.language { kind } else { BlockKind::Verbatim }, span);
        }
        self.language = false;
    }

    /// Adds a block without the white space around it; blocks never overlap.
    fn push(&mut self, kind: BlockKind, span: Range<usize>) {
        let start = span.start.max(self.done.last().map_or(0, |block| block.span.end));
        let Some(text) = self.text.get(start..span.end) else { return };
        let start = start + text.len() - text.trim_start().len();
        let span = start..start + text.trim().len();
        if !span.is_empty() {
            self.done.push(Block { kind, span });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVERYTHING: &str = "\
---
title: Der Start
---

# Der *Start* #

Ein Satz mit [Verweis](https://example.org/a).
Und einer, der `code` hat.\\
Neue Zeile.

## Teil zwei {#zwei}

- [ ] Erstens
  - darunter
- Zweitens

  mit Absatz
1) Drittens

> Ein Zitat.
>
> - mit Punkt

```rust
let x = 1;
```

<div>HTML</div>

| a | b |
|---|---|
| 1 | 2 |

***

![Bild](x.png)

<https://example.org>

Unterstrichen
=============

Fußnote[^1].

[^1]: Die Anmerkung.

[a]: https://example.org
";

    fn blocks(text: &str) -> Vec<(BlockKind, &str)> {
        Markdown.blocks(text).into_iter().map(|block| (block.kind, &text[block.span])).collect()
    }

    #[test]
    fn every_structure_has_its_blocks() {
        use BlockKind::{Heading, ListItem, Metadata, Paragraph, Quotation, Title, Verbatim};
        assert_eq!(
            blocks(EVERYTHING),
            [
                (Metadata, "---\ntitle: Der Start\n---"),
                (Title, "Der *Start*"),
                (
                    Paragraph,
                    "Ein Satz mit [Verweis](https://example.org/a).\nUnd einer, der `code` hat.\\\nNeue Zeile."
                ),
                (Heading, "Teil zwei"),
                (ListItem, "Erstens"),
                (ListItem, "darunter"),
                (ListItem, "Zweitens"),
                (ListItem, "mit Absatz"),
                (ListItem, "Drittens"),
                (Quotation, "Ein Zitat."),
                (ListItem, "mit Punkt"),
                (Verbatim, "```rust\nlet x = 1;\n```"),
                (Verbatim, "<div>HTML</div>"),
                (Verbatim, "| a | b |\n|---|---|\n| 1 | 2 |"),
                (Verbatim, "***"),
                (Verbatim, "![Bild](x.png)"),
                (Verbatim, "<https://example.org>"),
                (Heading, "Unterstrichen"),
                (Paragraph, "Fußnote[^1]."),
                (Paragraph, "Die Anmerkung."),
            ]
        );
    }

    #[test]
    fn text_between_two_rules_is_text() {
        let found = blocks("Eins.\n\n---\nZwei: drei.\n\n---\nVier.\n");
        assert!(found.iter().any(|(_, text)| text.contains("Zwei")), "{found:?}");
        assert!(found.iter().all(|(kind, _)| *kind != BlockKind::Metadata), "{found:?}");
    }

    #[test]
    fn crlf_and_markers_stay_out_of_the_blocks() {
        assert_eq!(
            blocks("# Titel\r\n\r\n* Punkt\r\n\r\nSatz.\r\n"),
            [(BlockKind::Title, "Titel"), (BlockKind::ListItem, "Punkt"), (BlockKind::Paragraph, "Satz."),]
        );
    }

    #[test]
    fn deep_nesting_is_survived() {
        for text in ["> ".repeat(20_000), "- ".repeat(20_000), "*a ".repeat(20_000), "[".repeat(20_000)] {
            Markdown.blocks(&format!("{text}Ende."));
        }
    }

    proptest! {
        #[test]
        fn blocks_are_in_order_and_on_character_borders(
            text in prop_oneof![any::<String>(), "([-#>*`|+ \r\n\\[\\]()!<ä\\\\]|1\\. |---\n|Wort|```\n|<b>){0,40}"]
        ) {
            let mut end = 0;
            for block in Markdown.blocks(&text) {
                prop_assert!(end <= block.span.start && !block.span.is_empty());
                let inside = text.get(block.span.clone());
                prop_assert_eq!(inside.map(str::trim), inside);
                prop_assert!(inside.is_some());
                end = block.span.end;
            }
        }
    }
}
