//! What a run came to: a short table or one JSON object.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;

use crate::check::Inconsistency;
use crate::engine::{AccountUse, Billing, EngineInfo, Money, Prices};
use crate::model::Usage;
use crate::pipeline::{MostSent, Stats};

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
    /// What its requests used, of an engine that is paid by tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// What that cost, where the profile has prices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<CostLine>,
    /// What the service says is used of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountLine>,
    /// What to know about the engine's output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caveat: Option<String>,
    /// What went to each engine, if there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub engines: Vec<EngineLine>,
    /// Where the files are; `None` if they went to standard output.
    pub output: Option<PathBuf>,
    /// Files that were left as a person made them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<PathBuf>,
    /// Sentences whose English is another one in files that were there before.
    pub changed: u64,
    /// Names and terms that are rendered in more than one way.
    pub inconsistencies: Vec<Inconsistency>,
    /// Why the run ended early, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// Whether the figures hold all segments there are: the run read every input to its end.
    #[serde(skip)]
    pub is_complete: bool,
}

/// What went to one of several engines, or may go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EngineLine {
    /// Its profile.
    pub engine: String,
    /// Where it is; `None` stands for this machine.
    pub host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    pub segments: u64,
    pub characters: u64,
    /// What that costs at most, of a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<CostLine>,
    /// Why it was not asked to the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retired: Option<String>,
}

impl EngineLine {
    /// What may go to an engine at a host, and what that costs by its prices.
    #[must_use]
    pub fn at_most(engine: &EngineInfo, host: Option<String>, most: &MostSent) -> Self {
        let prices = engine.prices.as_ref().filter(|_| engine.billing != Billing::None);
        Self {
            engine: engine.profile.clone(),
            host,
            requests: None,
            segments: most.segments,
            characters: most.characters,
            cost: prices.map(|prices| CostLine::new(prices.cost(&most.first.most), Money::ZERO, prices)),
            retired: None,
        }
    }
}

impl fmt::Display for EngineLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Some(host) => write!(f, "{} at {host}: ", self.engine)?,
            None => write!(f, "{} on this machine: ", self.engine)?,
        }
        match self.requests {
            Some(requests) => write!(f, "{}, ", counted(requests, "request"))?,
            None => f.write_str("at most ")?,
        }
        write!(f, "{}, {}", counted(self.segments, "segment"), counted(self.characters, "character"))?;
        self.cost.as_ref().map_or(Ok(()), |cost| write!(f, ", {cost}"))
    }
}

/// An amount as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CostLine {
    /// With a decimal point.
    pub cost: String,
    /// What comes on top if the service charged for requests that it did not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsure: Option<String>,
    pub currency: String,
}

impl CostLine {
    /// An amount in the currency of some prices.
    #[must_use]
    pub fn new(cost: Money, unsure: Money, prices: &Prices) -> Self {
        let unsure = (unsure > Money::ZERO).then(|| unsure.to_string());
        Self { cost: cost.to_string(), unsure, currency: prices.currency.to_string() }
    }
}

impl fmt::Display for CostLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.cost, self.currency)?;
        match &self.unsure {
            Some(unsure) => write!(f, ", and up to {unsure} for requests without an answer"),
            None => Ok(()),
        }
    }
}

/// What would go by batch jobs, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NightLine {
    pub requests: u64,
    /// What they can cost at most, if their prices are stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<CostLine>,
}

impl fmt::Display for NightLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "by batch jobs: {}", counted(self.requests, "request"))?;
        self.cost.as_ref().map_or(Ok(()), |cost| write!(f, ", at most {cost}"))
    }
}

/// What is used of an account, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountLine {
    /// What was used before the run, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    pub used: u64,
    /// `None` if there is no limit.
    pub limit: Option<u64>,
    /// What is counted: `character` or `token`.
    pub unit: &'static str,
    /// When the period ends, as the service writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl AccountLine {
    /// What a service says.
    #[must_use]
    pub fn new(account: AccountUse, billing: Billing) -> Self {
        let unit = match billing {
            Billing::Tokens => "token",
            Billing::Characters | Billing::None => "character",
        };
        Self { before: None, used: account.used, limit: account.limit, unit, until: account.until }
    }
}

impl fmt::Display for AccountLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { before, used, limit, unit, until } = self;
        match limit {
            Some(limit) => {
                // A limit of nothing is used up.
                let percent = used.saturating_mul(100).checked_div(*limit).unwrap_or(100);
                write!(f, "{} of {} used ({percent}%)", grouped(*used), counted(*limit, unit))?;
            }
            None => write!(f, "{} used, no limit", counted(*used, unit))?,
        }
        if let Some(before) = before {
            write!(f, ", {} before", grouped(*before))?;
        }
        until.as_ref().map_or(Ok(()), |until| write!(f, ", until {until}"))
    }
}

/// Tokens in words.
pub(super) fn tokens(usage: &Usage) -> String {
    let part = |count: u64, what: &str| (count > 0).then(|| format!("{} {what}", grouped(count)));
    list([
        part(usage.input_tokens, "read"),
        part(usage.cached_tokens, "read before"),
        part(usage.output_tokens, "written"),
        part(usage.thinking_tokens, "thought"),
    ])
}

impl Summary {
    /// Whether the run ended before it came to anything, so that its figures say nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let stats = &self.stats;
        let is_any_used = self.usage.is_some_and(|usage| usage.tokens() > 0) || self.cost.is_some();
        self.stopped.is_some()
            && !is_any_used
            && stats.billed_characters + stats.translated + stats.reused + stats.corrected + stats.failed == 0
    }

    /// How far a run came that ended early, and what may have been paid in vain.
    #[must_use]
    pub fn state(&self) -> String {
        let of = if self.is_complete { "" } else { " read so far" };
        let saved = match self.stats.segments {
            0 => "nothing was read yet".to_owned(),
            segments => {
                let are = if segments == 1 { "is" } else { "are" };
                format!("{} of {}{of} {are} saved", grouped(self.stats.saved()), counted(segments, "segment"))
            }
        };
        let in_vain = match self.stats.abandoned {
            0 => String::new(),
            1 => "\n1 request was given up unanswered; the service may charge for it".to_owned(),
            some => format!(
                "\n{} requests were given up unanswered; the service may charge for them",
                grouped(some)
            ),
        };
        format!("{saved}; the same command goes on{in_vain}")
    }

    /// What a run of a single article came to: what was done, the terms, and what to look at; no line that has nothing
    /// to say.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let stats = &self.stats;
        let fates = [
            (stats.translated, "translated"),
            (stats.reused, "reused"),
            (stats.corrected, "corrected"),
            (stats.kept, "kept"),
            (stats.failed, "failed"),
            (stats.remaining, "remaining"),
        ];
        let fates =
            list(fates.map(|(count, fate)| (count > 0).then(|| format!("{} {fate}", grouped(count)))));
        let cost = list([
            (stats.requests > 0).then(|| counted(stats.requests, "request")),
            (stats.abandoned > 0).then(|| format!("{} given up", grouped(stats.abandoned))),
            (stats.billed_characters > 0)
                .then(|| format!("{} billed", counted(stats.billed_characters, "character"))),
            self.usage
                .as_ref()
                .filter(|usage| usage.tokens() > 0)
                .map(|usage| counted(usage.tokens(), "token")),
            self.cost.as_ref().map(ToString::to_string),
            Some(format!("{:.1} s", self.seconds)),
        ]);
        let segments = counted(stats.segments, "segment");
        let done = (stats.segments > 0).then(|| format!("{segments}: {fates}; {cost} ({})", self.engine));
        let left_out = (!stats.left_out.is_empty()).then(|| {
            let amount = |(kind, &some): (&Cow<'static, str>, &u64)| {
                Some(format!("{} of {kind}", counted(some, "character")))
            };
            format!("left out: {}", list(stats.left_out.iter().map(amount)))
        });
        let found = grouped(stats.terms.found);
        let terms = (stats.terms.found > 0)
            .then(|| format!("terms held: {} of {found}{}", grouped(stats.terms.held), self.rungs()));
        let ways = self.inconsistencies.len() as u64;
        let look_at = [
            self.caveat.clone(),
            (stats.warnings > 0).then(|| counted(stats.warnings, "warning")),
            (ways > 0).then(|| format!("{} rendered in two ways", counted(ways, "name"))),
            upgrade_note(&stats.upgradable, &self.engine),
        ];
        let look_at: Vec<String> = look_at.into_iter().flatten().collect();
        let look_at = (!look_at.is_empty()).then(|| format!("note: {}", look_at.join("; ")));
        [done, left_out, terms, look_at].into_iter().flatten().collect()
    }

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
        if stats.corrected > 0 {
            row("  corrected", grouped(stats.corrected));
        }
        row("  kept", grouped(stats.kept));
        row("  failed", grouped(stats.failed));
        if !stats.left_out.is_empty() {
            let all = grouped(stats.left_out.values().sum());
            let kinds = stats.left_out.iter().map(|(kind, &some)| Some(format!("{kind} {}", grouped(some))));
            row("characters left out", format!("{all} ({})", list(kinds)));
        }
        if stats.remaining > 0 {
            row("  remaining", grouped(stats.remaining));
        }
        row("requests", format!("{}{}", grouped(stats.requests), also(stats.abandoned, "given up")));
        match &self.usage {
            Some(usage) => row("tokens", tokens(usage)),
            None => row("characters billed", grouped(stats.billed_characters)),
        }
        if let Some(cost) = &self.cost {
            row("cost", cost.to_string());
        }
        if let Some(account) = &self.account {
            row("account", account.to_string());
        }
        row("terms found", grouped(stats.terms.found));
        row("  held", format!("{}{}", grouped(stats.terms.held), self.rungs()));
        row("  not held", grouped(stats.terms.found - stats.terms.held));
        row("warnings", grouped(stats.warnings));
        row("rendered in two ways", grouped(self.inconsistencies.len() as u64));
        row("time", format!("{:.1} s", self.seconds));
        row("engine", self.engine.clone());
        if let Some(output) = &self.output {
            row("written to", output.display().to_string());
        }
        align(&mut table, 1);
        format!("{table}")
    }

    /// The rungs by which terms came to hold, in brackets.
    fn rungs(&self) -> String {
        let terms = &self.stats.terms;
        let rungs = [
            ("correction", terms.correction),
            ("native", terms.native),
            ("alternative", terms.alternative),
            ("repair", terms.repair),
            ("inline", terms.inline),
            ("placeholder", terms.placeholder),
        ];
        let rungs: Vec<String> = rungs
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        if rungs.is_empty() { String::new() } else { format!(" ({})", rungs.join(", ")) }
    }
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
pub(super) fn new_table() -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table
}

/// Puts the figures of a column to the right.
pub(super) fn align(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

/// What there is of some things, separated by commas.
pub(super) fn list(parts: impl IntoIterator<Item = Option<String>>) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// A number of things: `1 request`, `4 requests`.
#[must_use]
pub fn counted(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", grouped(number))
}

/// A number with thin groups of three: `1 234 567`.
pub(super) fn grouped(number: u64) -> String {
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
    use crate::pipeline::TermCounts;

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

    fn summary(stats: Stats) -> Summary {
        Summary {
            stats,
            seconds: 0.5,
            usage: None,
            cost: None,
            engines: Vec::new(),
            account: None,
            engine: "pseudo".into(),
            caveat: None,
            inconsistencies: Vec::new(),
            output: None,
            left: Vec::new(),
            changed: 0,
            stopped: None,
            is_complete: true,
        }
    }

    #[test]
    fn an_article_is_summed_up_in_lines_that_have_something_to_say() {
        let stats =
            Stats { articles: 1, segments: 3, translated: 2, kept: 1, requests: 1, ..Stats::default() };
        let terms = TermCounts { found: 2, held: 1, native: 1, ..TermCounts::default() };
        assert_eq!(
            summary(stats.clone()).lines(),
            ["3 segments: 2 translated, 1 kept; 1 request, 0.5 s (pseudo)"]
        );
        let full = Stats { terms, warnings: 2, billed_characters: 1234, ..stats };
        let full = Summary { caveat: Some("only marked".into()), ..summary(full) };
        assert_eq!(
            full.lines(),
            [
                "3 segments: 2 translated, 1 kept; 1 request, 1\u{202f}234 characters billed, 0.5 s (pseudo)",
                "terms held: 1 of 2 (native 1)",
                "note: only marked; 2 warnings",
            ]
        );
        assert!(summary(Stats { skipped: 1, ..Stats::default() }).lines().is_empty());
    }

    #[test]
    fn a_run_that_ended_early_says_how_far_it_came() {
        let stats = Stats {
            segments: 251,
            translated: 70,
            reused: 3,
            kept: 20,
            failed: 1,
            remaining: 157,
            ..Stats::default()
        };
        let whole = Summary { stopped: Some("interrupted".into()), ..summary(stats) };
        assert_eq!(whole.state(), "93 of 251 segments are saved; the same command goes on");
        let part = Summary { is_complete: false, ..whole.clone() };
        assert!(part.state().starts_with("93 of 251 segments read so far are saved;"));
        let paid = Summary { stats: Stats { abandoned: 4, ..whole.stats.clone() }, ..whole.clone() };
        assert!(
            paid.state().ends_with("4 requests were given up unanswered; the service may charge for them")
        );
        let nothing = Summary { stats: Stats { unfinished: 2, ..Stats::default() }, ..whole.clone() };
        assert!(nothing.state().starts_with("nothing was read yet;"));
        assert!(nothing.is_empty() && !whole.is_empty());
    }

    #[test]
    fn the_object_has_the_promised_fields() {
        let summary = summary(Stats::default());
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
