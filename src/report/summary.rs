//! What a run came to: a short table or one JSON object.

use std::collections::BTreeMap;
use std::path::PathBuf;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;

use crate::check::Inconsistency;
use crate::pipeline::{Estimate, Stats};

/// What a run came to.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// Its figures.
    #[serde(flatten)]
    pub stats: Stats,
    /// How long it took.
    pub seconds: f64,
    /// The engine profile.
    pub engine: String,
    /// What to know about the engine's output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caveat: Option<String>,
    /// Where the files are; `None` if they went to standard output.
    pub output: Option<PathBuf>,
    /// Names and terms that are rendered in more than one way.
    pub inconsistencies: Vec<Inconsistency>,
    /// Why the run ended early, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
}

impl Summary {
    /// The table that ends a run.
    #[must_use]
    pub fn table(&self) -> String {
        let stats = &self.stats;
        let mut table = new_table();
        let mut row = |name: &str, value: String| {
            table.add_row(vec![name.to_owned(), value]);
        };
        let also =
            |count: u64, what: &str| if count == 0 { String::new() } else { format!(", {count} {what}") };
        let articles = format!(
            "{}{}{}",
            grouped(stats.articles),
            also(stats.skipped, "skipped"),
            also(stats.unfinished, "unfinished")
        );
        row("articles", articles);
        if stats.not_german > 0 {
            row("  not German", grouped(stats.not_german));
        }
        row("segments", grouped(stats.segments));
        row("  translated", grouped(stats.translated));
        row("  reused", grouped(stats.reused));
        row("  kept", grouped(stats.kept));
        row("  failed", grouped(stats.failed));
        row("requests", grouped(stats.requests));
        row("characters billed", grouped(stats.billed_characters));
        row("terms found", grouped(stats.terms.found));
        row("  held", self.held());
        row("  not held", grouped(stats.terms.found - stats.terms.held));
        row("warnings", grouped(stats.warnings));
        row("rendered in two ways", grouped(self.inconsistencies.len() as u64));
        row("time", format!("{:.1} s", self.seconds));
        row("engine", self.engine.clone());
        if let Some(output) = &self.output {
            row("files in", output.display().to_string());
        }
        align(&mut table);
        format!("{table}")
    }

    /// Terms held, and by which rung.
    fn held(&self) -> String {
        let terms = &self.stats.terms;
        let rungs = [
            ("native", terms.native),
            ("repair", terms.repair),
            ("inline", terms.inline),
            ("placeholder", terms.placeholder),
        ];
        let rungs: Vec<String> = rungs
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        if rungs.is_empty() {
            return grouped(terms.held);
        }
        format!("{} ({})", grouped(terms.held), rungs.join(", "))
    }
}

/// The table of a dry run.
#[must_use]
pub fn estimate_table(estimate: &Estimate, engine: &str) -> String {
    let mut table = new_table();
    let rows = [
        ("articles", estimate.articles),
        ("skipped", estimate.skipped),
        ("  not German", estimate.not_german),
        ("segments", estimate.segments),
        ("  to be sent", estimate.to_send),
        ("  reused", estimate.reused),
        ("  kept", estimate.kept),
        ("characters to be sent", estimate.characters),
        ("characters to be billed", estimate.billed_characters),
        ("terms found", estimate.terms),
    ];
    // A line of its own only where there is something to say.
    for (name, value) in rows.into_iter().filter(|(name, value)| *value > 0 || *name != "  not German") {
        table.add_row(vec![name.to_owned(), grouped(value)]);
    }
    table.add_row(vec!["engine".to_owned(), engine.to_owned()]);
    align(&mut table);
    format!("{table}")
}

/// How many segments were made by weaker engines than that of the run, and what to do about it; `None` if none.
#[must_use]
pub fn upgrade_note(upgradable: &BTreeMap<String, u64>, engine: &str) -> Option<String> {
    let maker = |profile: &String| {
        if profile == engine { format!("an earlier version of {profile}") } else { profile.clone() }
    };
    let makers: Vec<String> = upgradable.keys().map(maker).collect();
    let (were, them) = match upgradable.values().sum() {
        0 => return None,
        1 => ("1 segment was".to_owned(), "it"),
        count => (format!("{} segments were", grouped(count)), "them"),
    };
    Some(format!(
        "{were} made by {}; `wortlaut translate --upgrade` translates {them} again with {engine}",
        makers.join(" and ")
    ))
}

/// A table without frames.
fn new_table() -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table
}

/// Puts figures to the right.
fn align(table: &mut Table) {
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

/// A number with thin groups of three: `1 234 567`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_from_the_right() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn what_a_better_engine_could_do_is_told_in_a_sentence() {
        let note = |made: &[(&str, u64)]| {
            let made = made.iter().map(|(profile, count)| ((*profile).to_owned(), *count)).collect();
            upgrade_note(&made, "firefox")
        };
        assert_eq!(note(&[]), None);
        assert_eq!(
            note(&[("qwen", 12)]).as_deref(),
            Some(
                "12 segments were made by qwen; `wortlaut translate --upgrade` translates them again with firefox"
            )
        );
        let told = note(&[("firefox", 1)]).expect("a note");
        assert!(told.starts_with("1 segment was made by an earlier version of firefox;"), "{told}");
    }

    #[test]
    fn the_object_has_the_promised_fields() {
        let summary = Summary {
            stats: Stats::default(),
            seconds: 0.5,
            engine: "pseudo".into(),
            caveat: None,
            inconsistencies: Vec::new(),
            output: None,
            stopped: None,
        };
        let value = serde_json::to_value(&summary).expect("JSON");
        for field in [
            "articles",
            "segments",
            "translated",
            "reused",
            "kept",
            "failed",
            "billed_characters",
            "requests",
            "seconds",
        ] {
            assert!(value.get(field).is_some(), "{field}");
        }
        assert!(value["terms"].get("found").is_some() && value["terms"].get("held").is_some());
    }
}
