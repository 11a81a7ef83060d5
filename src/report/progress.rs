//! Progress: a bar on a terminal, plain lines elsewhere.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::pipeline::Event;

use super::clean;

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A bar that is drawn over and over.
    Bar,
    /// Lines that stay.
    Lines,
    /// Nothing but trouble.
    Quiet,
}

/// So many articles are each given a line; of more, every twentieth part.
const LINES: usize = 20;

/// So many articles that are skipped are told one by one: a corpus may have millions of broken records.
const SKIPPED: usize = 200;

/// Of articles whose number is not known, every so many are given a line.
const STEP: usize = 1000;

/// Shows the events of a run on standard error.
pub struct Progress {
    mode: Mode,
    bar: ProgressBar,
    seen: Mutex<Seen>,
}

/// What the events so far add up to.
#[derive(Debug, Default)]
struct Seen {
    /// Articles to come, where that is known.
    articles: Option<usize>,
    written: usize,
    billed: u64,
    skipped: usize,
}

impl Seen {
    /// Whether the article that was written last is given a line.
    fn is_told(&self) -> bool {
        match self.articles {
            Some(articles) => {
                let step = if articles <= LINES { 1 } else { articles.div_ceil(LINES) };
                self.written.is_multiple_of(step) || self.written == articles
            }
            None => self.written.is_multiple_of(STEP),
        }
    }
}

impl Progress {
    /// Starts in a mode.
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        let bar = match mode {
            Mode::Bar => {
                ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8)).with_style(style())
            }
            Mode::Lines | Mode::Quiet => ProgressBar::hidden(),
        };
        Self { mode, bar, seen: Mutex::default() }
    }

    /// Shows an event.
    pub fn event(&self, event: &Event) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Started { articles } => seen.articles = *articles,
            Event::Counted { segments } => self.bar.set_length(*segments as u64),
            Event::Read { article } => self.bar.set_message(clean(article.as_str()).into_owned()),
            Event::Segments { done } => self.bar.inc(*done as u64),
            Event::Billed { characters } => {
                seen.billed += characters;
                self.bar.set_prefix(seen.billed.to_string());
            }
            Event::Skipped { article, reason } => {
                seen.skipped += 1;
                if seen.skipped <= SKIPPED {
                    self.line(&format!("{article}: skipped: {reason}"));
                }
            }
            Event::Noted { article, note } => self.line(&format!("warning: {article}: {note}")),
            Event::Waiting { reason, pause } => {
                self.detail(&format!("waiting {:.1} s: {reason}", pause.as_secs_f64()));
            }
            Event::Stopped { reason } => self.line(&format!("stopping: {reason}")),
            Event::Written { article, outcome, .. } => {
                seen.written += 1;
                if self.mode == Mode::Lines && seen.is_told() {
                    let failed = match outcome.stats.failed {
                        0 => String::new(),
                        failed => format!(", {failed} failed"),
                    };
                    let place = match seen.articles {
                        Some(articles) => format!("{}/{articles}", seen.written),
                        None => seen.written.to_string(),
                    };
                    let segments = outcome.stats.segments;
                    self.line(&format!("[{place}] {article}: {segments} segments{failed}"));
                }
            }
        }
    }

    /// Takes the bar away, and says how much was not told.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
        let skipped = self.seen.lock().unwrap_or_else(PoisonError::into_inner).skipped;
        if skipped > SKIPPED {
            self.line(&format!("… and {} more skipped", skipped - SKIPPED));
        }
    }

    /// A line that is always shown.
    pub fn line(&self, text: &str) {
        let text = clean(text);
        self.bar.suspend(|| {
            // Nobody reads a closed standard error; the run goes on.
            let _ = writeln!(io::stderr(), "{text}");
        });
    }

    /// A line for those who did not ask for quiet.
    fn detail(&self, text: &str) {
        if self.mode != Mode::Quiet {
            self.line(text);
        }
    }
}

/// The bar: segments, rate, time left, characters billed, and the current article below.
fn style() -> ProgressStyle {
    let template = "{bar:32} {pos}/{len} segments  {rate}  {eta} left  {prefix} characters billed\n{msg}";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.with_key("rate", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        let _ = write!(out, "{:.0}/s", state.per_sec());
    })
}
