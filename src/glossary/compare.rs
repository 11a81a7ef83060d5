//! Two glossaries side by side, entry by entry.

use std::collections::HashMap;
use std::sync::Arc;

use super::entry_pair::{EntryPair, pair};
use super::load::Glossary;
use crate::model::Entry;

/// How an entry differs between two glossaries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    Left(Arc<Entry>),
    Right(Arc<Entry>),
    Both(EntryPair),
}

/// The entries that two glossaries do not have alike: those of the left one in its order, then those that only
/// the right one has. Of entries with the same source, the first counts.
#[must_use]
pub fn compare(left: &Glossary, right: &Glossary) -> Vec<Difference> {
    let index = |glossary: &Glossary| {
        let mut first: HashMap<String, Arc<Entry>> = HashMap::with_capacity(glossary.entries().len());
        for entry in glossary.entries() {
            first.entry(entry.source.clone()).or_insert_with(|| Arc::clone(entry));
        }
        first
    };
    let (lefts, rights) = (index(left), index(right));
    let is_first = |entry: &&Arc<Entry>, all: &HashMap<String, Arc<Entry>>| {
        all.get(&entry.source).is_some_and(|first| Arc::ptr_eq(first, entry))
    };
    let mut out = Vec::new();
    for entry in left.entries().iter().filter(|entry| is_first(entry, &lefts)) {
        match rights.get(&entry.source) {
            None => out.push(Difference::Left(Arc::clone(entry))),
            Some(other) => out.extend(pair(entry, other).map(Difference::Both)),
        }
    }
    let only =
        right.entries().iter().filter(|entry| is_first(entry, &rights) && !lefts.contains_key(&entry.source));
    out.extend(only.cloned().map(Difference::Right));
    out
}

#[cfg(test)]
mod tests {
    use super::super::entry_pair::GlossarySide;
    use super::*;
    use crate::model::Origin;

    fn glossary(rows: &[(&str, &str, &str)]) -> Glossary {
        let entry = |(at, (source, target, note)): (usize, &(&str, &str, &str))| {
            let origin = Origin { path: "g".into(), line: at + 2 };
            Entry { note: (*note).to_owned(), ..Entry::new(source, target, origin) }
        };
        Glossary::of(rows.iter().enumerate().map(entry).collect())
    }

    #[test]
    fn differences_come_in_order() {
        let left = glossary(&[
            ("Elbe", "Elbe", ""),
            ("Oder", "Oder", ""),
            ("Rhein", "Rhine", ""),
            ("Inn", "Inn", ""),
        ]);
        let right = glossary(&[
            ("Rhein", "River Rhine", ""),
            ("Inn", "Inn", "river"),
            ("Elbe", "Elbe", ""),
            ("Spree", "Spree", ""),
        ]);
        let shown: Vec<String> = compare(&left, &right)
            .iter()
            .map(|difference| match difference {
                Difference::Left(entry) => format!("-{}", entry.source),
                Difference::Right(entry) => format!("+{}", entry.source),
                Difference::Both(pair) => format!("{}{}", pair.left.source, u8::from(pair.is_conflict())),
            })
            .collect();
        assert_eq!(shown, ["-Oder", "Rhein1", "Inn0", "+Spree"]);
    }

    #[test]
    fn a_merge_fills_empty_cells_and_decides_conflicts() {
        let (left, right) = (glossary(&[("Inn", "Inn", "")]), glossary(&[("Inn", "River Inn", "river")]));
        let [Difference::Both(pair)] = &compare(&left, &right)[..] else { panic!("one difference") };
        let note = ("note".to_owned(), "river".to_owned());
        assert_eq!(pair.merged(GlossarySide::Left), std::slice::from_ref(&note));
        assert_eq!(pair.merged(GlossarySide::Right), [("target".to_owned(), "River Inn".to_owned()), note]);
    }
}
