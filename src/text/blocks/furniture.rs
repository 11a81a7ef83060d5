//! Furniture and metadata, recognised by the rules of `data/furniture.tsv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::pattern::{Pattern, fold};
use crate::model::BlockKind;

/// Longer blocks, in bytes, are text of the article whatever they begin with.
const LONGEST: usize = 220;
/// So many blocks at the end of an article are its tail.
const TAIL: usize = 8;
/// So many blocks at the beginning of an article are its head.
const HEAD: usize = 6;

/// What of a block a pattern must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Line,
    Tail,
    Head,
    Prefix,
    Suffix,
    Lead,
}

/// One line of the data file.
struct Rule {
    kind: BlockKind,
    scope: Scope,
    pattern: Pattern,
}

/// The rules by the character that their patterns begin with.
struct Rules {
    by_first: HashMap<char, Vec<Rule>>,
    /// Rules that may begin with anything.
    open: Vec<Rule>,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let mut rules = Rules { by_first: HashMap::new(), open: Vec::new() };
    for rule in include_str!("../data/furniture.tsv").lines().filter_map(parse).flatten() {
        match rule.pattern.first().filter(|_| rule.scope != Scope::Suffix) {
            Some(first) => rules.by_first.entry(first).or_default().push(rule),
            None => rules.open.push(rule),
        }
    }
    rules
});

impl Rules {
    /// The rules that a block can match.
    fn candidates(&self, block: &str) -> impl Iterator<Item = &Rule> {
        let first = block.chars().next().and_then(|c| self.by_first.get(&fold(c)));
        first.into_iter().flatten().chain(&self.open)
    }
}

/// Reads a line of the data file, one rule for each combination of alternatives; comments and empty lines
/// are none. A test holds that every other line is a rule and has a reason.
fn parse(line: &str) -> Option<Vec<Rule>> {
    let mut columns = line.split('\t');
    let kind = match columns.next()? {
        "furniture" => BlockKind::Furniture,
        "metadata" => BlockKind::Metadata,
        _ => return None,
    };
    let scope = match columns.next()? {
        "line" => Scope::Line,
        "tail" => Scope::Tail,
        "head" => Scope::Head,
        "prefix" => Scope::Prefix,
        "suffix" => Scope::Suffix,
        "lead" => Scope::Lead,
        _ => return None,
    };
    let patterns = Pattern::parse(columns.next()?);
    Some(patterns.into_iter().map(|pattern| Rule { kind, scope, pattern }).collect())
}

/// Whether a block, number `index` of `count`, is furniture or metadata.
pub(super) fn judge(block: &str, index: usize, count: usize) -> Option<BlockKind> {
    if block.len() > LONGEST {
        return None;
    }
    let (head, tail) = ((1..HEAD).contains(&index), index + TAIL >= count && index > 0);
    let applies = |rule: &&Rule| match rule.scope {
        Scope::Line | Scope::Lead => rule.pattern.matches(block),
        Scope::Tail => tail && rule.pattern.matches(block),
        Scope::Head => head && rule.pattern.matches(block),
        Scope::Prefix => rule.pattern.begins(block),
        Scope::Suffix => rule.pattern.ends(block),
    };
    RULES.candidates(block).find(applies).map(|rule| rule.kind)
}

/// The bytes at the beginning of `block` that are a block of their own, and its kind.
pub(super) fn lead(block: &str) -> Option<(usize, BlockKind)> {
    let leads = RULES.candidates(block).filter(|rule| rule.scope == Scope::Lead);
    leads.filter_map(|rule| Some((rule.pattern.matches_start(block)?, rule.kind))).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_data_is_a_rule_with_a_reason() {
        for line in include_str!("../data/furniture.tsv").lines() {
            if !line.is_empty() && !line.starts_with("# ") && line != "#" {
                assert_eq!(line.split('\t').filter(|column| !column.is_empty()).count(), 4, "{line}");
                assert!(parse(line).is_some(), "{line}");
            }
        }
    }

    #[test]
    fn leftovers_are_found() {
        for line in [
            "Schreibe einen Kommentar",
            "Kommentar hinterlassen",
            ">> Lesen Sie auch: Was die Wahl bedeutet",
            "Lesen Sie mehr zum Thema",
            "Mehr dazu: Der Streit um die Brücke",
            "Related Posts:",
            "Auf WhatsApp teilen",
            "Klick, um auf Facebook zu teilen",
            "Newsletter abonnieren",
            "Erhalten Sie kostenlose Wirtschafts-Nachrichten",
            "Foto: Eva Muster/dpa",
            "– Anzeige –",
            "Hier können Sie den Text vollständig lesen auf www.beispiel.de",
            "12 Kommentare",
        ] {
            assert_eq!(judge(line, 5, 20), Some(BlockKind::Furniture), "{line}");
        }
        for line in [
            "Lesezeit: 4 Minuten",
            "Estimated read time 7 min read",
            "12. Mai 2021, 14:30 Uhr",
            "Von Eva Muster",
        ] {
            assert_eq!(judge(line, 1, 20), Some(BlockKind::Metadata), "{line}");
        }
    }

    #[test]
    fn sentences_of_the_article_are_left_alone() {
        for line in [
            "Er schrieb einen Kommentar.",
            "Mehr war nicht zu holen.",
            "Lesen Sie viel, dann lernen Sie viel.",
            "Teilen ist schwer.",
            "Von Berlin nach Paris",
            "Das Video zeigt den Unfall.",
            "Jetzt anmelden will sich niemand.",
            "Kommentare aus dem Ausland blieben aus.",
            "Die Anzeige kam zu spät.",
            "Newsletter sind beliebt.",
        ] {
            assert_eq!(judge(line, 3, 20), None, "{line}");
        }
    }
}
