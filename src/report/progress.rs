//! Progress: a bar on a terminal, plain lines elsewhere.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use parking_lot::Mutex;

use crate::model::Usage;
use crate::pipeline::{Event, Extent, JobNews};

use super::clean;
use super::rate::{Rate, rounded};
use super::summary::{counted, grouped};

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A bar that is drawn over and over.
    Bar,
    /// Lines that stay.
    Lines,
    /// No line for what goes well: a single article is soon done.
    Brief,
    /// Nothing but trouble.
    Quiet,
}

/// Articles that each get a line without a terminal; of more, a line for every twentieth part of them.
const LINES: usize = 20;

/// At most this many skipped articles are reported one by one: a corpus may have millions of broken records.
const SKIPPED: usize = 200;

/// Where the number of articles is not known, one in this many is given a line.
const STEP: usize = 1000;

/// Pauses shorter than this pass before anyone wonders, and what goes on failing is reported when it is given up.
const TOLD_PAUSE: Duration = Duration::from_secs(30);

/// The bar while it is not known how much there is.
const READING: &str = "{prefix} {pos} segments\n{wide_msg}";

/// The bar. What a narrow terminal has no room for is taken off the bar and off the end of the message.
const KNOWN: &str = "{prefix} {wide_bar} {pos}/{len} segments\n{wide_msg}";

/// The bar while its length is only a forecast, since part of the text is still unread.
const FORECAST: &str = "{prefix} {wide_bar} {pos}/~{len} segments\n{wide_msg}";

/// Shows the events of a run on standard error.
pub struct Progress {
    mode: Mode,
    bar: ProgressBar,
    started: Instant,
    seen: Mutex<ProgressSoFar>,
}

/// What the events so far add up to.
#[derive(Debug, Default)]
struct ProgressSoFar {
    /// Articles to come, where that is known.
    articles: Option<usize>,
    written: usize,
    usage: Usage,
    skipped: usize,
    /// All there is to be done: a forecast until the last article was read.
    total: Option<Extent>,
    /// Articles that were read, or skipped for what was found in them.
    read: usize,
    done: Extent,
    rate: Rate,
    /// What is done when all segments have their first answer.
    end: End,
    article: String,
    /// Why nothing goes on, and for how long.
    pause: Option<String>,
    /// The pause that was given a line last.
    told_pause: Option<String>,
}

/// The stages that follow the first answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum End {
    Holding,
    #[default]
    Writing,
}

impl ProgressSoFar {
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

    /// What the run is at.
    fn stage(&self) -> &'static str {
        match (self.total, self.end) {
            (None, _) => "reading",
            (Some(total), _) if self.done.segments < total.segments => "translating",
            (_, End::Holding) => "holding terms",
            (_, End::Writing) => "writing",
        }
    }

    /// Whether all that is to be done is known, not forecast. Nobody knows how many records a corpus still has.
    fn is_all_read(&self) -> bool {
        self.articles == Some(self.read)
    }

    /// Time left, characters billed, and the article or why there is a pause: the last gives way first.
    fn message(&self, now: Duration) -> String {
        let remaining = self.total.map(|total| total.characters.saturating_sub(self.done.characters));
        let left = remaining.filter(|remaining| *remaining > 0);
        let left = left.and_then(|remaining| self.rate.left(now, remaining));
        let about = if self.is_all_read() { "" } else { "~" };
        let left = left.map(|left| format!("{about}{} left", rounded(left)));
        let Usage { characters, .. } = self.usage;
        let billed = match self.usage.tokens() {
            0 => (characters > 0).then(|| format!("{} characters billed", grouped(characters))),
            tokens => Some(format!("{} tokens", grouped(tokens))),
        };
        let last = self.pause.as_ref().unwrap_or(&self.article);
        let parts = left.into_iter().chain(billed).chain((!last.is_empty()).then(|| last.clone()));
        parts.collect::<Vec<_>>().join(", ")
    }
}

impl Progress {
    /// Starts in a mode.
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        let target = match mode {
            Mode::Bar => ProgressDrawTarget::stderr_with_hz(8),
            Mode::Lines | Mode::Brief | Mode::Quiet => ProgressDrawTarget::hidden(),
        };
        Self::on(mode, target)
    }

    fn on(mode: Mode, target: ProgressDrawTarget) -> Self {
        let bar = ProgressBar::with_draw_target(None, target).with_style(style(READING));
        Self { mode, bar, started: Instant::now(), seen: Mutex::default() }
    }

    /// Shows an event.
    pub fn event(&self, event: &Event) {
        self.event_at(event, self.started.elapsed());
    }

    /// Shows an event that happens at a time after the beginning.
    fn event_at(&self, event: &Event, now: Duration) {
        let mut seen = self.seen.lock();
        match event {
            Event::Started { articles } => seen.articles = *articles,
            Event::Expected { total } => {
                seen.read += 1;
                if seen.is_all_read() {
                    self.bar.set_style(style(KNOWN));
                } else if seen.total.is_none() {
                    self.bar.set_style(style(FORECAST));
                }
                seen.total = Some(*total);
                self.bar.set_length(total.segments);
            }
            Event::Read { article } => seen.article = clean(article.as_str()).into_owned(),
            Event::Segments { done, sent } => {
                seen.done += *done;
                seen.pause = None;
                if *sent {
                    seen.rate.add(now, done.characters);
                }
            }
            Event::Spent { spent } => seen.usage = spent.usage,
            Event::Holding { article } => {
                seen.end = End::Holding;
                seen.article = clean(article.as_str()).into_owned();
            }
            Event::Writing { article } => {
                seen.end = End::Writing;
                seen.article = clean(article.as_str()).into_owned();
            }
            Event::Skipped { article, reason } => {
                seen.skipped += 1;
                if seen.skipped <= SKIPPED {
                    self.line(&format!("{article}: skipped: {reason}"));
                }
            }
            Event::Noted { article, note } => self.line(&format!("warning: {article}: {note}")),
            Event::Job(news) => self.line(&told(news)),
            Event::Waiting { reason, pause } => {
                seen.pause = Some(format!("waiting {}: {}", rounded(*pause), clean(reason)));
                let is_new = seen.told_pause.as_ref() != Some(reason);
                if matches!(self.mode, Mode::Lines | Mode::Brief) && *pause >= TOLD_PAUSE && is_new {
                    seen.told_pause = Some(reason.clone());
                    self.line(&format!("waiting {}: {reason}", rounded(*pause)));
                }
            }
            Event::Stopping { interrupted, in_flight, limit } => {
                if let Some(line) = stopping(*interrupted, *in_flight, *limit) {
                    self.line(&line);
                }
            }
            Event::Retired { engine, next, reason } => {
                self.line(&format!("warning: {engine} is not asked any more, {next} goes on: {reason}"));
            }
            // A dry run shows no progress.
            Event::Estimated { .. } | Event::Finished => {}
            Event::Written { article, stats, .. } => {
                seen.written += 1;
                if self.mode == Mode::Lines && seen.is_told() {
                    let failed = match stats.failed {
                        0 => String::new(),
                        failed => format!(", {failed} failed"),
                    };
                    let place = match seen.articles {
                        Some(articles) => format!("{}/{articles}", seen.written),
                        None => seen.written.to_string(),
                    };
                    let segments = counted(stats.segments, "segment");
                    self.line(&format!("[{place}] {article}: {segments}{failed}"));
                }
            }
        }
        // Where there is none, making its texts would take longer than an article of a sentence.
        if self.mode != Mode::Bar {
            return;
        }
        self.bar.set_prefix(seen.stage());
        self.bar.set_message(seen.message(now));
        self.bar.set_position(seen.done.segments);
    }

    /// Removes the bar, and says how many skipped articles were not shown.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
        let skipped = self.seen.lock().skipped;
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
}

/// What is awaited when a run ends before its time. Of a failure the end of the run tells.
fn stopping(interrupted: bool, in_flight: usize, limit: Duration) -> Option<String> {
    let again = if interrupted { "; press Ctrl-C again to stop at once" } else { "" };
    match in_flight {
        0 => interrupted.then(|| "stopping: no request is in flight".to_owned()),
        _ => Some(format!(
            "stopping: waiting up to {} for {} in flight{again}",
            rounded(limit),
            counted(in_flight as u64, "request")
        )),
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.progress_chars("━╸─")
}

/// What became of a batch job, in a line.
fn told(news: &JobNews) -> String {
    match news {
        JobNews::HandedIn { job, requests } => {
            format!("batch job {job}: handed in, {}", counted(*requests, "request"))
        }
        JobNews::Unsure { reason } => {
            format!("a batch job was sent, and no answer came ({reason}); it is looked for at the service")
        }
        JobNews::Missing { limit } => format!(
            "a batch job that may have reached the service is not in its list; looking for it for {}, then its segments are sent again",
            rounded(*limit)
        ),
        JobNews::Found { job } => format!("batch job {job}: found at the service"),
        JobNews::Lost => {
            "a batch job never reached the service; its segments are to be sent again".to_owned()
        }
        JobNews::Running { job, done: Some(done), requests } => {
            format!("batch job {job}: {done} of {} done", counted(*requests, "request"))
        }
        JobNews::Running { job, done: None, .. } => format!("batch job {job}: under way"),
        JobNews::Ended { job, answered, unanswered: 0 } => {
            format!("batch job {job}: ended, {}", counted(*answered, "answer"))
        }
        JobNews::Ended { job, answered, unanswered } => {
            format!("batch job {job}: ended, {}, {unanswered} without one", counted(*answered, "answer"))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::Spent;
    use indicatif::InMemoryTerm;

    use super::*;
    use crate::model::ArticleId;

    /// A bar on a terminal of some width, and that terminal.
    fn bar(columns: u16) -> (Progress, InMemoryTerm) {
        let terminal = InMemoryTerm::new(10, columns);
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        (Progress::on(Mode::Bar, target), terminal)
    }

    fn extent(segments: u64) -> Extent {
        Extent { segments, characters: segments * 100 }
    }

    fn sent(segments: u64) -> Event {
        Event::Segments { done: extent(segments), sent: true }
    }

    /// The screen after some events, one a second.
    fn screens(columns: u16, events: &[Event]) -> Vec<String> {
        let (progress, terminal) = bar(columns);
        let seconds = (1..).map(Duration::from_secs);
        let screen = |(event, now)| {
            progress.event_at(event, now);
            progress.bar.force_draw();
            terminal.contents()
        };
        events.iter().zip(seconds).map(screen).collect()
    }

    fn events() -> Vec<Event> {
        let article =
            ArticleId::new("a-folder/of-articles/with-a-name-that-is-rather-long-01-wostotschny.txt");
        vec![
            Event::Started { articles: Some(1) },
            Event::Read { article: article.clone() },
            Event::Segments { done: extent(3), sent: false },
            Event::Expected { total: extent(251) },
            sent(100),
            Event::Spent { spent: Spent { usage: Usage::of_characters(10_234), ..Spent::default() } },
            Event::Waiting {
                reason: "the service asks to slow down".to_owned(),
                pause: Duration::from_secs(40),
            },
            sent(148),
            Event::Holding { article: article.clone() },
            Event::Writing { article },
        ]
    }

    #[test]
    fn the_stages_are_named_and_the_bar_fits_on_a_narrow_and_a_wide_terminal() {
        for columns in [60, 120] {
            let screens = screens(columns, &events());
            for screen in &screens {
                let lines: Vec<&str> = screen.lines().collect();
                assert!(lines.len() <= 2, "{screen}");
                assert!(lines.iter().all(|line| line.chars().count() <= usize::from(columns)), "{screen}");
            }
            let stages = [
                (2, "reading 3 segments"),
                (3, "translating "),
                (6, "translating "),
                (8, "holding terms "),
                (9, "writing "),
            ];
            for (at, stage) in stages {
                assert!(screens[at].starts_with(stage), "{}", screens[at]);
            }
            assert!(screens[4].contains("103/251 segments"), "{}", screens[4]);
        }
    }

    #[test]
    fn the_name_of_the_article_gives_way_first() {
        let screens = screens(60, &events());
        let line = screens[5].lines().last().expect("a line");
        assert!(line.starts_with("9 s left, 10\u{202f}234 characters billed, a-folder/of"), "{line}");
        assert!(screens[6].contains("waiting 40 s"), "{}", screens[6]);
    }

    #[test]
    fn a_forecast_is_marked_until_all_articles_were_read() {
        for articles in [Some(2), None] {
            for columns in [60, 120] {
                let events = [
                    Event::Started { articles },
                    Event::Expected { total: extent(251) },
                    sent(100),
                    Event::Expected { total: extent(240) },
                ];
                let screens = screens(columns, &events);
                assert!(screens[2].contains("100/~251 segments"), "{}", screens[2]);
                assert!(screens[2].contains("~5 s left"), "{}", screens[2]);
                let (total, left) = match articles {
                    Some(_) => ("100/240 segments", "\n6 s left"),
                    None => ("100/~240 segments", "\n~6 s left"),
                };
                assert!(screens[3].contains(total) && screens[3].contains(left), "{}", screens[3]);
            }
        }
    }

    #[test]
    fn the_bar_never_goes_back() {
        let (progress, _) = bar(80);
        let mut before = 0;
        for event in events() {
            progress.event(&event);
            let now = progress.bar.position();
            assert!(now >= before);
            before = now;
        }
        assert_eq!((before, progress.bar.length()), (251, Some(251)));
    }

    #[test]
    fn a_run_that_ends_early_says_what_it_waits_for() {
        let limit = Duration::from_secs(30);
        assert_eq!(
            stopping(true, 4, limit).as_deref(),
            Some("stopping: waiting up to 30 s for 4 requests in flight; press Ctrl-C again to stop at once")
        );
        assert_eq!(stopping(true, 0, limit).as_deref(), Some("stopping: no request is in flight"));
        assert_eq!(
            stopping(false, 1, limit).as_deref(),
            Some("stopping: waiting up to 30 s for 1 request in flight")
        );
        assert_eq!(stopping(false, 0, limit), None, "why is told at the end");
    }
}
