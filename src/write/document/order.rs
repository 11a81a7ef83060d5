//! The order in which the markup of a segment stands in its target.

use std::collections::BTreeSet;
use std::ops::Range;

use super::tree::{Tree, TreeItem};

/// The slots of a segment in the order of the target, and what has changed places for that.
#[derive(Debug, Default)]
pub(super) struct Order {
    pub(super) slots: Vec<usize>,
    /// An element, and the one that stands in its place.
    pub(super) moves: Vec<(usize, usize)>,
    /// Slots behind what was put at an end, which get no text.
    pub(super) closed: BTreeSet<usize>,
}

/// Puts siblings into the order of their places in the target, as far as both are known and the format lets them move;
/// what is lost goes to the end.
pub(super) fn order(tree: &Tree, places: &[Option<Range<usize>>], lost: &BTreeSet<usize>) -> Order {
    let mut order = Order::default();
    // Parents whose items are still to be put in order, the next one last: a tree may be deep.
    let mut open: Vec<std::vec::IntoIter<TreeItem>> =
        vec![sorted(tree, None, places, lost, &mut order).into_iter()];
    while let Some(items) = open.last_mut() {
        match items.next() {
            None => drop(open.pop()),
            Some(TreeItem::Slot(slot)) => order.slots.push(slot),
            Some(TreeItem::Element(element)) => {
                if let Some(slot) = tree
                    .slots
                    .iter()
                    .position(|slot| slot.element == Some(element) && tree.elements[element].items.is_empty())
                {
                    order.slots.push(slot);
                }
                open.push(sorted(tree, Some(element), places, lost, &mut order).into_iter());
            }
        }
    }
    order
}

/// What an element, or the root, has in it, in the order of the target.
fn sorted(
    tree: &Tree,
    parent: Option<usize>,
    places: &[Option<Range<usize>>],
    lost: &BTreeSet<usize>,
    order: &mut Order,
) -> Vec<TreeItem> {
    let mut items = tree.items(parent).to_vec();
    let element = |item: &TreeItem| match item {
        TreeItem::Element(element) => Some(*element),
        TreeItem::Slot(_) => None,
    };
    let can_move = |item: &TreeItem| {
        element(item).filter(|&e| tree.elements[e].is_movable && (places[e].is_some() || lost.contains(&e)))
    };
    let old: Vec<usize> = items.iter().filter_map(can_move).collect();
    let place = |e: &usize| places[*e].clone().unwrap_or_default();
    let mut known: Vec<usize> = old.iter().copied().filter(|e| !lost.contains(e)).collect();
    let in_source = known.clone();
    known.sort_by_key(|e| (place(e).start, place(e).end));
    if known.windows(2).any(|pair| place(&pair[1]).start < place(&pair[0]).end) {
        known = in_source;
    }
    known.extend(old.iter().copied().filter(|e| lost.contains(e)));
    let mut new = known.into_iter();
    let mut ended = false;
    for item in &mut items {
        if can_move(item).is_some()
            && let (Some(old), Some(new)) = (element(item), new.next())
        {
            if old != new {
                order.moves.push((old, new));
            }
            *item = TreeItem::Element(new);
            ended |= lost.contains(&new);
        } else if let (TreeItem::Slot(slot), true) = (&item, ended) {
            order.closed.insert(*slot);
        }
    }
    items
}
