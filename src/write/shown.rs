//! What formats show for the segments of a document.

use super::format::OutputFormat;
use super::view::{View, views};
use crate::model::{BlockKind, ParallelDocument};

/// What the English of a format shows for each segment; nothing for one that it leaves out.
#[must_use]
pub fn segment_texts(format: OutputFormat, document: &ParallelDocument) -> Vec<String> {
    let text = |view: View<'_>| match format {
        OutputFormat::Lines => view.texts().shown_in_lines().into_owned(),
        OutputFormat::Text if view.is_kept(&[BlockKind::Furniture]) || view.kind == BlockKind::Attribute => {
            String::new()
        }
        _ => view.english(),
    };
    views(document).map(text).collect()
}
