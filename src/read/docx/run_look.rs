//! What the properties of a run say about its words.

use crate::read::xml::Tag;

/// What is set for a run or a style; `None` where nothing is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RunLook {
    raised: Option<bool>,
    moved: Option<bool>,
    hidden: Option<bool>,
}

impl RunLook {
    /// Takes in a property.
    pub(super) fn property(&mut self, name: &str, tag: &Tag<'_>) {
        let value = || tag.attribute("val");
        match name {
            "vertAlign" => self.raised = Some(value().is_some_and(|value| value != "baseline")),
            // In half points; letters stand higher or lower by it.
            "position" => self.moved = Some(value().is_some_and(|value| value.trim() != "0")),
            "vanish" => self.hidden = Some(!matches!(value().as_deref(), Some("0" | "false" | "off"))),
            _ => {}
        }
    }

    /// This look where it says something, and another one elsewhere.
    pub(super) fn over(self, other: Self) -> Self {
        Self {
            raised: self.raised.or(other.raised),
            moved: self.moved.or(other.moved),
            hidden: self.hidden.or(other.hidden),
        }
    }

    /// Whether it stands above or below the line.
    pub(super) fn is_raised(self) -> bool {
        self.raised == Some(true) || self.moved == Some(true)
    }

    /// Whether it is hidden text, which is neither shown nor printed.
    pub(super) fn is_hidden(self) -> bool {
        self.hidden == Some(true)
    }
}
