//! Articles that show each kind of block.

use super::*;

fn kinds(text: &str) -> Vec<(BlockKind, &str)> {
    blocks(text, None).into_iter().map(|block| (block.kind, &text[block.span])).collect()
}
