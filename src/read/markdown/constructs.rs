//! What Markdown tools add to `CommonMark`, by the rules of `data/constructs.tsv`.

use std::sync::LazyLock;

use crate::tables::{Kinds, TableError, must};

/// Two marks between which no language stands.
#[derive(Debug)]
pub(super) struct PairRule {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    /// Whether it is part of its sentence; otherwise it reads as nothing.
    pub(super) reads: bool,
}

/// All rules.
#[derive(Debug)]
pub(super) struct Constructs {
    pub(super) pairs: Vec<PairRule>,
    pub(super) verbatim: Vec<&'static str>,
    pub(super) words: Vec<&'static str>,
    pub(super) containers: Vec<&'static str>,
    pub(super) directives: Vec<&'static str>,
    pub(super) lines: Vec<&'static str>,
    pub(super) openings: Vec<&'static str>,
    pub(super) keys: Vec<&'static str>,
    pub(super) marks: Vec<&'static str>,
    pub(super) fields: Vec<&'static str>,
}

pub(super) static CONSTRUCTS: LazyLock<Constructs> =
    LazyLock::new(|| must(parse(include_str!("data/constructs.tsv"))));

const KINDS: [&str; 10] =
    ["pair", "verbatim", "words", "container", "directive", "line", "opening", "key", "mark", "field"];

fn parse(data: &'static str) -> Result<Constructs, TableError> {
    let kinds = Kinds::read("read/markdown/data/constructs.tsv", data, &KINDS)?;
    let mut pairs = Vec::new();
    for row in kinds.rows::<4>("pair")? {
        let [open, close, reads, _origin] = row.cells;
        let reads = match reads {
            "itself" => true,
            "nothing" => false,
            other => return Err(row.error(format!("{other:?} is neither itself nor nothing"))),
        };
        pairs.push(PairRule { open, close, reads });
    }
    let containers = kinds.rows::<2>("container")?.into_iter().map(|row| row.cells[0]).collect();
    Ok(Constructs {
        pairs,
        verbatim: kinds.values("verbatim")?,
        words: kinds.values("words")?,
        containers,
        directives: kinds.values("directive")?,
        lines: kinds.values("line")?,
        openings: kinds.values("opening")?,
        keys: kinds.values("key")?,
        marks: kinds.values("mark")?,
        fields: kinds.values("field")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_are_read() {
        assert!(CONSTRUCTS.pairs.len() > 10);
        // A longer mark must come before the one that it begins with.
        for (at, pair) in CONSTRUCTS.pairs.iter().enumerate() {
            let longer = |later: &&PairRule| later.open.starts_with(pair.open);
            assert!(CONSTRUCTS.pairs[at + 1..].iter().find(longer).is_none(), "{pair:?}");
        }
    }
}
