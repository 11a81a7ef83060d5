//! Plain text.

use super::Reader;
use crate::model::{Block, BlockKind};

/// Plain text, whose blocks are told by its layout and its words.
#[derive(Debug)]
pub(super) struct PlainText {
    /// Whether lines are wrapped.
    pub(super) wrap: Option<bool>,
}

impl Reader for PlainText {
    fn blocks(&self, text: &str) -> Vec<Block> {
        lines(text, self.wrap)
    }
}

/// Every line that is not blank is a paragraph.
fn lines(text: &str, _wrap: Option<bool>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        let begin = start + line.len() - line.trim_start().len();
        let span = begin..begin + line.trim().len();
        if !span.is_empty() {
            blocks.push(Block { kind: BlockKind::Paragraph, span });
        }
        start += line.len();
    }
    blocks
}
