//! Markup with some of it replaced.

use std::ops::Range;

/// What is put in the place of some markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum By {
    /// This markup.
    Markup(String),
    /// What these bytes of the markup become: an element that has changed places.
    Element(Range<usize>),
}

/// A place in the markup and what is put there.
pub(super) type Change = (Range<usize>, By);

/// The markup with all changes made. Changes inside a place that is replaced as a whole are not made there.
pub(super) fn render(markup: &str, mut changes: Vec<Change>) -> String {
    changes.sort_by_key(|(place, _)| (place.start, place.end));
    let mut out = String::with_capacity(markup.len() + markup.len() / 8);
    part(markup, &changes, 0..markup.len(), &mut out);
    out
}

/// One stretch of the markup: all of it, or an element that has changed places. What is put right before or behind that
/// one stays where it was, and what comes to its own place does not concern it.
fn part(markup: &str, changes: &[Change], range: Range<usize>, out: &mut String) {
    let whole = range.start == 0 && range.end == markup.len();
    let mut at = range.start;
    let first = changes.partition_point(|(place, _)| place.start < range.start);
    for (place, by) in &changes[first..] {
        if place.start > range.end {
            break;
        }
        let is_edge = place.is_empty() && (place.start == range.start || place.end == range.end);
        let stays_out = !whole && (is_edge || *place == range);
        if stays_out || place.start < at || place.end > range.end {
            continue;
        }
        out.push_str(&markup[at..place.start]);
        match by {
            By::Markup(new) => out.push_str(new),
            By::Element(other) => part(markup, changes, other.clone(), out),
        }
        at = place.end;
    }
    out.push_str(&markup[at..range.end]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_change_places_with_what_was_changed_in_them() {
        let markup = "<p>A <b>bb</b> C <i>ii</i></p>";
        let place = |text: &str| {
            let start = markup.find(text).expect("there");
            start..start + text.len()
        };
        let (bold, italic) = (place("<b>bb</b>"), place("<i>ii</i>"));
        let changes = vec![
            (place("ii"), By::Markup("II".into())),
            (place("A "), By::Markup("a ".into())),
            (bold.clone(), By::Element(italic.clone())),
            (italic.clone(), By::Element(bold.clone())),
            (bold.start..bold.start, By::Markup("before ".into())),
            (italic.end..italic.end, By::Markup(" behind".into())),
        ];
        assert_eq!(render(markup, changes), "<p>a before <i>II</i> C <b>bb</b> behind</p>");
    }
}
