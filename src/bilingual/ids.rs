//! Names that are each used once.

use std::collections::HashMap;

/// Ids that are taken, each with the number of the next one like it.
#[derive(Debug, Default)]
pub(super) struct UsedIds(HashMap<String, usize>);

impl UsedIds {
    /// An id that is not taken yet: `b3`, `b3-2`, `b3-3`.
    pub(super) fn next(&mut self, wanted: String) -> String {
        let mut wanted = wanted;
        while let Some(number) = self.0.get_mut(&wanted) {
            let next = format!("{wanted}-{number}");
            *number += 1;
            wanted = next;
        }
        self.0.insert(wanted.clone(), 2);
        wanted
    }

    /// Whether an id is taken.
    pub(super) fn contains(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_taken_gets_a_number() {
        let mut ids = UsedIds::default();
        let all = ["a", "a", "a-2", "a", ""].map(|id| ids.next(id.to_owned()));
        assert_eq!(all, ["a", "a-2", "a-2-2", "a-3", ""]);
    }
}
