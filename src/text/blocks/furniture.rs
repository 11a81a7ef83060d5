//! Furniture and metadata, recognised by the rules of `data/furniture.tsv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::pattern::{LinePattern, fold};
use crate::model::BlockKind;
use crate::tables::{TableError, must, rows};

/// Longer blocks, in bytes, are text of the article whatever they begin with.
const LONGEST: usize = 220;
/// How many blocks at the end of an article are its tail, where comment boxes and share lines stand.
const TAIL: usize = 8;
/// How many blocks at the beginning of an article are its head, where dates and authors stand.
const HEAD: usize = 6;

/// What of a block a pattern must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString)]
#[strum(serialize_all = "lowercase")]
enum RuleScope {
    Line,
    Tail,
    Head,
    Prefix,
    Suffix,
    Lead,
}

/// One line of the data file, with one of its alternatives.
#[derive(Clone)]
struct FurnitureRule {
    leftover: Leftover,
    scope: RuleScope,
    pattern: LinePattern,
}

/// What a block is, and why it is not text of the article's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Leftover {
    pub(super) kind: BlockKind,
    pub(super) reason: &'static str,
}

/// The rules, so arranged that only a few are tried on a block.
#[derive(Default)]
struct Rules {
    /// By the first characters, as [`fold`] makes them, of what they match: as many of [`HEAD_LENGTHS`] as
    /// are always the same.
    by_head: HashMap<String, Vec<FurnitureRule>>,
    /// Rules without such a beginning.
    open: Vec<UnanchoredRule>,
    /// Rules that take something off the beginning of a block.
    leads: Vec<FurnitureRule>,
}

/// A rule that may begin in many ways, with what makes it quick to see that it does not match.
struct UnanchoredRule {
    rule: FurnitureRule,
    /// Must occur in the block, folded.
    literal: String,
    /// Whether a digit must.
    digit: bool,
}

impl UnanchoredRule {
    fn new(rule: FurnitureRule) -> Self {
        Self { literal: rule.pattern.longest_literal(), digit: rule.pattern.has_digits(), rule }
    }

    fn may_match(&self, block: &str, folded: &str, has_digit: bool) -> bool {
        (has_digit || !self.digit)
            && (self.rule.scope == RuleScope::Suffix || self.rule.pattern.may_begin(block))
            && folded.contains(&self.literal)
    }
}

/// The lengths, in characters, by whose longest possible one a pattern is looked up: long ones leave few rules to try.
const HEAD_LENGTHS: [usize; 3] = [9, 4, 1];

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let mut rules = Rules::default();
    for rule in must(parse(include_str!("../data/furniture.tsv"))) {
        if rule.scope == RuleScope::Lead {
            rules.leads.push(rule.clone());
        }
        let head = HEAD_LENGTHS.iter().find_map(|&length| rule.pattern.head(length));
        match head.filter(|_| rule.scope != RuleScope::Suffix) {
            Some(head) => rules.by_head.entry(head).or_default().push(rule),
            None => rules.open.push(UnanchoredRule::new(rule)),
        }
    }
    rules
});

impl Rules {
    /// The rules that a block can match.
    fn candidates(&self, block: &str) -> Vec<&FurnitureRule> {
        let folded: String = block.chars().map(fold).collect();
        let head = |length: usize| folded.char_indices().nth(length).map_or(folded.len(), |(at, _)| at);
        let by_head =
            HEAD_LENGTHS.iter().filter_map(|&length| self.by_head.get(&folded[..head(length)])).flatten();
        let has_digit = block.bytes().any(|b| b.is_ascii_digit());
        let open = self.open.iter().filter(|open| open.may_match(block, &folded, has_digit));
        by_head.chain(open.map(|open| &open.rule)).collect()
    }
}

/// Reads the data file, one rule for each combination of alternatives.
fn parse(data: &'static str) -> Result<Vec<FurnitureRule>, TableError> {
    let mut rules = Vec::new();
    for row in rows::<4>("text/data/furniture.tsv", data)? {
        let [kind, scope, pattern, reason] = row.cells;
        let kind = match kind {
            "furniture" => BlockKind::Furniture,
            "metadata" => BlockKind::Metadata,
            other => return Err(row.error(format!("there is no kind {other:?}"))),
        };
        let scope = scope.parse().map_err(|_| row.error(format!("there is no scope {scope:?}")))?;
        if pattern.is_empty() || reason.is_empty() {
            return Err(row.error("an empty cell"));
        }
        let patterns = LinePattern::parse(pattern).into_iter();
        rules.extend(patterns.map(|pattern| FurnitureRule {
            leftover: Leftover { kind, reason },
            scope,
            pattern,
        }));
    }
    Ok(rules)
}

/// Where a block stands in its article.
#[derive(Debug, Clone, Copy)]
pub(super) struct BlockPosition {
    /// How many blocks stand before it.
    pub(super) index: usize,
    /// How many blocks there are.
    pub(super) count: usize,
    /// Whether furniture stands directly before it.
    pub(super) after_furniture: bool,
}

/// Whether a block is furniture or metadata, and why.
pub(super) fn judge(block: &str, place: BlockPosition) -> Option<Leftover> {
    if block.len() > LONGEST {
        return None;
    }
    let head = (1..HEAD).contains(&place.index);
    let tail = place.index > 0 && (place.after_furniture || place.index + TAIL >= place.count);
    let applies = |rule: &&FurnitureRule| match rule.scope {
        RuleScope::Line | RuleScope::Lead => rule.pattern.matches(block),
        RuleScope::Tail => tail && rule.pattern.matches(block),
        RuleScope::Head => head && rule.pattern.matches(block),
        RuleScope::Prefix => rule.pattern.begins(block),
        RuleScope::Suffix => rule.pattern.ends(block),
    };
    RULES.candidates(block).into_iter().find(applies).map(|rule| rule.leftover)
}

/// The bytes at the beginning of `block` that are a block of their own, and what they are.
pub(super) fn lead(block: &str) -> Option<(usize, Leftover)> {
    RULES.leads.iter().find_map(|rule| Some((rule.pattern.matches_start(block)?, rule.leftover)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSIDE: BlockPosition = BlockPosition { index: 3, count: 20, after_furniture: false };

    fn kind(line: &str, place: BlockPosition) -> Option<BlockKind> {
        judge(line, place).map(|found| found.kind)
    }

    #[test]
    fn every_line_of_the_data_is_a_rule_with_a_reason() {
        assert_eq!(parse(include_str!("../data/furniture.tsv")).err(), None);
        for broken in
            ["furnture\tline\ta\tb", "furniture\tlien\ta\tb", "furniture\tline\ta", "furniture\tline\ta\t"]
        {
            assert!(parse(broken).is_err(), "{broken}");
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
            "Kommentare (3)",
            "Newsletter abonnieren: Jeden Morgen das Wichtigste",
            "<< Alle Folgen der Reihe >>",
            "Teilen | Drucken",
            "Folgen Sie uns auf Instagram!",
            "Abonnieren Sie unseren Newsletter",
            "Wir verwenden Cookies, um Ihnen mehr zu bieten.",
            "– Werbung –",
            "Zur Startseite",
            "Sie sind hier: Startseite > Politik",
            "Quelle: dpa/Muster",
            "© 2021 Beispiel-Verlag. Alle Rechte vorbehalten.",
            "Dieser Artikel ist nur für Abonnenten.",
            "Haben Sie einen Fehler entdeckt? Schreiben Sie uns!",
            "Fehler auf zeitung.de gefunden? Die Redaktion freut sich über jeden Hinweis.",
            "Unser Newsletter informiert Sie jeden Morgen über das Wichtigste.",
            "Hier geht’s zur Anmeldung!",
            "Aktuelle Nachrichten aufs Handy? Nur ein Klick.",
            "Dieser Text wurde maschinell übersetzt und geprüft.",
            "03.02.2021 | 2:45 min",
        ] {
            assert_eq!(kind(line, INSIDE), Some(BlockKind::Furniture), "{line}");
        }
        for line in [
            "Lesezeit: 4 Minuten",
            "Estimated read time 7 min read",
            "12. Mai 2021, 14:30 Uhr",
            "Stand: 12.03.2021, 14:05 Uhr",
            "Von Eva Muster",
        ] {
            assert_eq!(kind(line, INSIDE), Some(BlockKind::Metadata), "{line}");
        }
    }

    #[test]
    fn some_words_are_furniture_only_beside_other_furniture() {
        assert_eq!(kind("Kommentare", INSIDE), None);
        let end = BlockPosition { index: 19, ..INSIDE };
        assert_eq!(kind("Kommentare", end), Some(BlockKind::Furniture));
        let beside = BlockPosition { after_furniture: true, ..INSIDE };
        assert_eq!(kind("Kommentare", beside), Some(BlockKind::Furniture));
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
            "Folgen Sie uns in den Garten, dort ist es kühl.",
            "Alle Folgen des Unfalls sind noch nicht bekannt.",
            "Die Quelle: ein Bach im Wald",
            "Abonnieren wollte er nichts.",
            "Wer Cookies backen will, braucht Butter.",
            "Werbung ist teuer.",
            "Um 14:05 Uhr kam der Zug.",
            "Zur Startseite des Buches gehört ein Bild.",
            "Home Office ist beliebt.",
            "Als erster Kommentar kam Lob.",
            "Fehler im Reaktor entdeckt? Das Amt prüft.",
            "Hier geht es zur Sache.",
            "Dieser Text wurde oft übersetzt.",
            "Aktuelle Nachrichten gibt es nicht.",
        ] {
            assert_eq!(kind(line, INSIDE), None, "{line}");
        }
    }
}
