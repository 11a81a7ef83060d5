//! Which blocks of a page are its article.

use std::collections::HashSet;

use dom_smoothie::Readability;

use super::scan::{PageScan, PageSize};
use crate::model::{Block, BlockKind};
use crate::read::draft::ArticleDraft;

/// Larger pages, in bytes, are read whole: what decides on the main text builds a tree of the page and walks
/// through it many times.
const LARGEST: usize = 4 << 20;
/// Pages with more tags are read whole.
const MOST_TAGS: usize = 60_000;
/// Pages whose elements lie deeper in each other are read whole.
const DEEPEST: usize = 200;
/// Pages with more attributes in one tag are read whole.
const MOST_ATTRIBUTES: usize = 500;
/// Pages with a text whose length times its escaped characters is more are read whole: the tree is written
/// out in time that grows with both.
const MOST_ESCAPES: usize = 20_000_000;
/// Running text within the article, in characters, is part of it even if it was left out as a teaser.
const RUNNING_TEXT: usize = 60;

/// What was found to be the article.
struct Main {
    title: String,
    texts: HashSet<String>,
}

/// Makes furniture of all blocks that are not part of the article. Where no article is found, all is text
/// that does not stand in navigation and the like.
pub(super) fn mark(markup: &str, shape: PageSize, draft: &mut ArticleDraft) {
    let small = markup.len() <= LARGEST && shape.tags <= MOST_TAGS && shape.depth <= DEEPEST;
    if !small || shape.attributes > MOST_ATTRIBUTES || shape.escapes > MOST_ESCAPES {
        return;
    }
    let Some(main) = main(markup) else { return };
    let (blocks, text) = draft.blocks();
    restrict(blocks, text, &main);
}

fn main(markup: &str) -> Option<Main> {
    let article = Readability::new(markup, None, None).ok()?.parse().ok()?;
    let mut scan = PageScan::new(&article.content, false);
    scan.run();
    let mut draft = scan.into_draft();
    let (blocks, text) = draft.blocks();
    let texts = blocks.iter().map(|block| text[block.span.clone()].to_owned()).collect();
    Some(Main { title: article.title, texts })
}

fn restrict(blocks: &mut [Block], text: &str, main: &Main) {
    let is_main = |block: &Block| main.texts.contains(&text[block.span.clone()]);
    let is_title = |block: &Block| {
        let own = &text[block.span.clone()];
        block.kind == BlockKind::Title && (main.title.contains(own) || own.contains(main.title.as_str()))
    };
    let Some(last) = blocks.iter().rposition(is_main) else { return };
    let first = blocks.iter().position(|block| is_main(block) || is_title(block)).unwrap_or(last);
    for (index, block) in blocks.iter_mut().enumerate() {
        let inside = (first..=last).contains(&index);
        let is_long = text[block.span.clone()].chars().nth(RUNNING_TEXT).is_some();
        let is_text = is_main(block) || is_title(block) || is_long;
        if block.kind != BlockKind::Verbatim && !(inside && is_text) {
            block.kind = BlockKind::Furniture;
        }
    }
}
