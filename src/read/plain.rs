//! Plain text.

use super::Reader;
use crate::model::Block;
use crate::text;

/// Plain text, whose blocks are told by its layout and its words.
#[derive(Debug)]
pub(super) struct PlainText {
    /// Whether lines are wrapped.
    pub(super) wrap: Option<bool>,
}

impl Reader for PlainText {
    fn blocks(&self, text: &str) -> Vec<Block> {
        text::blocks(text, self.wrap)
    }
}
