//! Which blocks of a page are its article.
//!
//! `dom_smoothie`, an implementation of Readability, names the text that is surely the article's. From there on the page's own
//! structure decides: text that looks like that of the article is the article's, wherever Readability stopped; text in elements that
//! say they are something else, and text that is mostly links, is none of it.

use std::collections::{HashMap, HashSet};

use dom_smoothie::Readability;

use super::marks::ElementMark;
use super::scan::{PageBlock, PageScan, PageSize, PageText, ScannedPage};
use super::tree::PageElement;
use crate::model::{Block, BlockKind};

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
/// Running text, in characters: shorter blocks say too little to be judged by what they look like.
const RUNNING_TEXT: usize = 60;
/// Titles of pages name their site, too; a heading has to be this long, in bytes, to be found in one.
const SHORTEST_TITLE: usize = 12;

/// An element with more than this part of the article in it is not what its name says.
const ARTICLE_SHARE: usize = 3;
/// A link to another article is at least this part of the text around it.
const LINKED_SHARE: usize = 5;

/// What was found to be the article.
struct Main {
    title: String,
    texts: HashSet<String>,
}

/// Makes furniture of all blocks that are not part of the article. Where no article is found, all is text that does not stand
/// in navigation and the like.
pub(super) fn mark(markup: &str, page: &mut ScannedPage) {
    let main = main(markup, page.size);
    let (blocks, text) = page.draft.blocks();
    let judged = Judgement::new(blocks, text, main.as_ref(), &page.blocks, &page.elements);
    let taken = if main.is_some() { judged.taken() } else { judged.unmarked() };
    judged.place(&mut page.texts, &taken);
    let (blocks, _) = page.draft.blocks();
    for ((block, taken), evidence) in blocks.iter_mut().zip(taken).zip(&judged.evidence) {
        if !taken && block.kind != BlockKind::Verbatim {
            block.kind = BlockKind::Furniture;
            block.reason = Some(evidence.against());
        }
    }
}

fn main(markup: &str, size: PageSize) -> Option<Main> {
    let PageSize { tags, depth, attributes, escapes } = size;
    let small = markup.len() <= LARGEST && tags <= MOST_TAGS && depth <= DEEPEST;
    if !small || attributes > MOST_ATTRIBUTES || escapes > MOST_ESCAPES {
        return None;
    }
    let article = Readability::new(markup, None, None).ok()?.parse().ok()?;
    let mut draft = PageScan::new(&article.content).run().draft;
    let (blocks, text) = draft.blocks();
    let texts = blocks.iter().map(|block| text[block.span.clone()].to_owned()).collect();
    Some(Main { title: article.title, texts })
}

/// What speaks for and against a block.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a sign of its own")]
struct BlockEvidence {
    bytes: usize,
    look: u64,
    /// Whether Readability took it.
    is_main: bool,
    is_title: bool,
    /// Whether it is the first heading of the highest rank.
    is_heading: bool,
    /// Whether it is another heading.
    is_subheading: bool,
    is_running: bool,
    is_linked: bool,
    /// Why the elements around it are none of the article, if they say so.
    reason: Option<&'static str>,
}

struct Judgement {
    evidence: Vec<BlockEvidence>,
    /// The bytes of running text of the article by what they look like.
    looks: HashMap<u64, usize>,
    /// Why each element is none of the article, if it is none.
    reasons: Vec<Option<&'static str>>,
}

impl Judgement {
    fn new(
        blocks: &[Block],
        text: &str,
        main: Option<&Main>,
        found: &[PageBlock],
        elements: &[PageElement],
    ) -> Self {
        let title = main.map_or("", |main| main.title.trim());
        let evidence = |(block, page): (&Block, &PageBlock)| {
            let own = &text[block.span.clone()];
            let is_heading = matches!(block.kind, BlockKind::Title | BlockKind::Heading);
            let share = if block.kind == BlockKind::Paragraph { 3 } else { 2 };
            let is_linked = page.linked * share > own.len() * (share - 1);
            BlockEvidence {
                bytes: own.len(),
                look: elements[page.element].look,
                // Of a page without an article all counts that is not mostly links.
                is_main: main.map_or(!is_linked, |main| main.texts.contains(own)),
                is_title: is_heading && names(title, own, block.kind == BlockKind::Title),
                is_heading: block.kind == BlockKind::Title,
                is_subheading: block.kind == BlockKind::Heading,
                is_running: own.chars().nth(RUNNING_TEXT).is_some(),
                is_linked,
                reason: None,
            }
        };
        let mut evidence: Vec<BlockEvidence> = blocks.iter().zip(found).map(evidence).collect();
        let reasons = reasons(&evidence, found, elements);
        for (evidence, page) in evidence.iter_mut().zip(found) {
            evidence.reason = reasons[page.element];
        }
        let mut looks: HashMap<u64, usize> = HashMap::new();
        for block in evidence.iter().filter(|block| block.is_main && block.is_running && block.is_own()) {
            *looks.entry(block.look).or_default() += block.bytes;
        }
        Self { evidence, looks, reasons }
    }

    /// Makes furniture of texts beside the running text that are about what is none of the article.
    fn place(&self, texts: &mut [PageText], taken: &[bool]) {
        let first = taken.iter().position(|&taken| taken).unwrap_or_default();
        let last = taken.iter().rposition(|&taken| taken).unwrap_or(taken.len());
        for text in texts.iter_mut().filter(|text| !text.is_of_page) {
            let is_inside = (first..=last).contains(&text.block);
            let of_block = text.follows_block && taken.get(text.block) == Some(&false);
            if !is_inside || of_block || self.reasons[text.element].is_some() {
                text.text.kind = BlockKind::Furniture;
                text.text.reason = Some("attribute of what is none of the article");
            }
        }
    }

    /// Whether nothing around each block says that it is none of the article.
    fn unmarked(&self) -> Vec<bool> {
        self.evidence.iter().map(|block| block.reason.is_none()).collect()
    }

    /// Whether each block is part of the article.
    fn taken(&self) -> Vec<bool> {
        let all: usize = self.looks.values().sum();
        let looks_main =
            |block: &BlockEvidence| self.looks.get(&block.look).is_some_and(|&own| own * 5 >= all);
        // Short blocks at either end are the article's only if they look like it.
        let is_core = |block: &BlockEvidence| {
            let signs = [block.is_main, block.is_running, looks_main(block)];
            block.is_own() && signs.into_iter().filter(|&sign| sign).count() >= 2
        };
        let Some(mut first) = self.evidence.iter().position(is_core) else {
            return self.unmarked();
        };
        let last = self.evidence.iter().rposition(is_core).unwrap_or(first);
        let before = &self.evidence[..first];
        let title = before.iter().position(|block| block.is_title);
        first = title.or_else(|| before.iter().position(|block| block.is_heading)).unwrap_or(first);
        let taken = |(index, block): (usize, &BlockEvidence)| {
            let inside = (first..=last).contains(&index);
            inside
                && (index == first || block.is_title || block.is_own() && (block.is_main || block.is_running))
        };
        let mut taken: Vec<bool> = self.evidence.iter().enumerate().map(taken).collect();
        // A heading is of what stands under it.
        for index in (first..last).rev() {
            let block = &self.evidence[index];
            taken[index] |= block.is_subheading && block.is_own() && taken[index + 1];
        }
        taken
    }
}

impl BlockEvidence {
    fn is_own(&self) -> bool {
        self.reason.is_none() && !self.is_linked
    }

    /// Why a block that is not taken is not.
    fn against(&self) -> &'static str {
        match self.reason {
            Some(reason) => reason,
            None if self.is_linked => "mostly links",
            None if self.is_running => "before or behind the article",
            None => "short, and not found to be part of the article",
        }
    }
}

/// Whether a heading is the title that a page has, or part of it.
fn names(title: &str, heading: &str, is_highest: bool) -> bool {
    let is_long = |text: &str| is_highest && !text.is_empty() || text.len() >= SHORTEST_TITLE;
    is_long(heading) && title.contains(heading) || is_long(title) && heading.contains(title)
}

/// Why each element is none of the article, if it or one around it says so. What has much of the article in it is
/// called so by mistake.
fn reasons(
    evidence: &[BlockEvidence],
    found: &[PageBlock],
    elements: &[PageElement],
) -> Vec<Option<&'static str>> {
    let mut bytes = vec![0; elements.len()];
    // All text in each element, and that in links.
    let mut sums = vec![(0, 0); elements.len()];
    for (block, page) in evidence.iter().zip(found) {
        bytes[page.element] += if block.is_main { block.bytes } else { 0 };
        sums[page.element].0 += block.bytes;
        sums[page.element].1 += page.linked;
    }
    // Parents stand before their children.
    for index in (1..elements.len()).rev() {
        let parent = elements[index].parent;
        bytes[parent] += bytes[index];
        sums[parent] = (sums[parent].0 + sums[index].0, sums[parent].1 + sums[index].1);
    }
    let mut reasons: Vec<Option<&'static str>> = vec![None; elements.len()];
    for (index, element) in elements.iter().enumerate().skip(1) {
        let (all, linked) = sums[index];
        let is_linked = linked > 0 && linked * LINKED_SHARE >= all;
        let holds =
            |mark: &ElementMark| bytes[index] * ARTICLE_SHARE <= bytes[0] && (is_linked || !mark.needs_link);
        reasons[index] = reasons[element.parent].or(element.mark.filter(holds).map(|mark| mark.reason));
    }
    reasons
}
