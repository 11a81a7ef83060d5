//! Text that was left out and reads as if it belonged to the article.

use crate::model::{Article, BlockKind, Segment, SegmentedArticle};
use crate::text::characters::inside;

/// A sentence has at least this many words: what is shorter may be a button or a label that ends in a full stop.
const SENTENCE_WORDS: usize = 5;
/// A block reads as prose if it has at least this many sentences.
const PROSE_SENTENCES: usize = 2;
/// Characters of a block that are shown: enough to find it in its file.
const SHOWN: usize = 50;

/// What to say about furniture that may be text of the article: it reads as prose and lies between blocks that are translated, or
/// right before the first of them. In plain text each piece of furniture matches a rule of its own, and there is nothing to say.
pub(super) fn doubt(source: &SegmentedArticle) -> Option<String> {
    let article = source.article();
    article.layout.as_ref()?;
    let doubtful = doubtful(source);
    let first = article.text[article.blocks[*doubtful.first()?].span.clone()].chars();
    let head: String = first.map(|c| if c.is_whitespace() { ' ' } else { c }).take(SHOWN).collect();
    let (blocks, reads) = match doubtful.len() {
        1 => ("1 block".to_owned(), "reads"),
        some => (format!("{some} blocks"), "read"),
    };
    Some(format!(
        "{blocks} that {reads} like text of the article did not count as such (“{head}…”); \
         `wortlaut segment FILE` shows them, --furniture translate sends them"
    ))
}

/// The blocks of furniture that may be text of the article.
fn doubtful(source: &SegmentedArticle) -> Vec<usize> {
    let article = source.article();
    let mut sentences = vec![0; article.blocks.len()];
    for segment in source.segments() {
        sentences[segment.block] += usize::from(is_sentence(source, segment));
    }
    let taken = |index: &usize| is_taken(article, *index);
    let all = 0..article.blocks.len();
    let (Some(first), Some(last)) = (all.clone().find(taken), all.clone().rev().find(taken)) else {
        return Vec::new();
    };
    // Dates and the like may stand between an opening paragraph and the next one.
    let is_furniture = |index: usize| article.blocks[index].kind == BlockKind::Furniture;
    let opening = (0..first).rev().find(|&index| is_furniture(index));
    let fits = |index: &usize| {
        let inside = (first..=last).contains(index) || opening == Some(*index);
        is_furniture(*index) && inside && sentences[*index] >= PROSE_SENTENCES
    };
    all.filter(fits).collect()
}

fn is_taken(article: &Article, index: usize) -> bool {
    use BlockKind::{Attribute, Furniture, Metadata, Verbatim};
    !matches!(article.blocks[index].kind, Furniture | Metadata | Verbatim | Attribute)
}

fn is_sentence(source: &SegmentedArticle, segment: &Segment) -> bool {
    let text = inside(source.source(segment));
    text.ends_with(['.', '!', '?', '…']) && text.split_whitespace().nth(SENTENCE_WORDS - 1).is_some()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::model::ArticleId;
    use crate::pipeline::segment;
    use crate::read::{self, ReadOptions};
    use crate::text::German;

    const PROSE: &str = "Der Rat tagte bis in die späte Nacht. Am Ende stimmten alle für den neuen Plan.";

    /// What is said of a page in which the blocks whose text begins with an X are furniture.
    fn doubted(paragraphs: &[&str], name: &str) -> Option<String> {
        let page: String = paragraphs.iter().flat_map(|text| ["<p>", text, "</p>\n"]).collect();
        let article = read::article(&ArticleId::new(name), page.as_bytes(), &ReadOptions::default());
        let mut article = article.expect("read");
        for block in &mut article.blocks {
            let is_left_out = article.text[block.span.clone()].starts_with('X');
            block.kind = if is_left_out { BlockKind::Furniture } else { BlockKind::Paragraph };
        }
        assert!(Path::new(name).extension().is_some());
        doubt(&segment(article, &German::default()).expect("cut"))
    }

    #[test]
    fn prose_that_is_left_out_is_told_where_it_may_belong_to_the_article() {
        let left_out = format!("X {PROSE}");
        let doubt = doubted(&[PROSE, &left_out, PROSE], "a.html").expect("inside");
        assert!(
            doubt.starts_with("1 block that reads like text") && doubt.contains("(“X Der Rat"),
            "{doubt}"
        );
        assert!(doubted(&[&left_out, PROSE], "a.html").is_some(), "right before the first");
        assert!(
            doubted(&[PROSE, &left_out, &left_out, PROSE], "a.html")
                .expect("two")
                .starts_with("2 blocks that read")
        );
        for paragraphs in [
            &[PROSE, &left_out][..],
            &[&left_out, "X Ein Knopf", PROSE],
            &[PROSE, "X Mehr dazu lesen Sie jetzt hier.", PROSE],
            &[PROSE, "X Ja. Nein. Gut so.", PROSE],
            &[&left_out],
        ] {
            assert_eq!(doubted(paragraphs, "a.html"), None, "{paragraphs:?}");
        }
        assert_eq!(doubted(&[PROSE, &left_out, PROSE], "a.txt"), None);
    }
}
