//! What a command ends with when it cannot do its work.

use std::fmt;
use std::io::{self, Write};
use std::iter;
use std::ops::Range;

use miette::{
    Diagnostic, GraphicalReportHandler, LabeledSpan, MietteError, MietteSpanContents, NamedSource,
    SourceCode, SourceSpan, SpanContents,
};
use tracing::info;

use crate::config::{ConfigError, FileMistake};
use crate::engine::EngineError;
use crate::glossary::GlossaryError;
use crate::memory::{DiskTrouble, MemoryError};
use crate::pipeline::RunError;
use crate::report::{clean, clean_lines, columns};
use crate::store::StoreError;
use crate::web::ReviewError;
use crate::write::WriteError;

use super::global::stderr_has_color;

/// The exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// Success.
    Ok = 0,
    /// Findings of severity error.
    Findings = 1,
    /// The command line is wrong.
    Usage = 2,
    /// Some segments failed, or the run was interrupted; all else is saved.
    Partial = 3,
    /// The engine or the network.
    Engine = 4,
    /// The configuration or the glossary.
    Config = 5,
}

/// An error for the user: what, where, and what to do about it.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    message: String,
    hint: Option<String>,
    place: Option<Box<MarkedPlace>>,
}

/// What is wrong in a file.
#[derive(Debug)]
struct MarkedPlace {
    source: NamedSource<String>,
    marks: Vec<MarkedSpan>,
    /// The line of the file that the source begins with, counted from 1.
    first_line: usize,
}

/// Bytes of a text that are marked, and what is written below them.
#[derive(Debug)]
struct MarkedSpan {
    span: Range<usize>,
    label: String,
}

impl MarkedSpan {
    fn here(span: Range<usize>) -> Self {
        Self { span, label: "here".to_owned() }
    }

    /// One of several mistakes: what is wrong and what to do about it stands at its place.
    fn of(FileMistake { span, message, hint }: FileMistake) -> Self {
        let parts: Vec<String> = iter::once(message).chain(hint).collect();
        Self { span, label: parts.join("; ") }
    }
}

impl SourceCode for MarkedPlace {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let found = self.source.read_span(span, lines_before, lines_after)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.source.name().to_owned(),
            found.data(),
            *found.span(),
            found.line() + self.first_line - 1,
            found.column(),
            found.line_count(),
        )))
    }
}

impl Failure {
    /// An error without a place.
    pub(super) fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self { exit, message: message.to_string(), hint: None, place: None }
    }

    /// Adds what to do about it.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what stands before the hint: the state that things are in.
    pub(super) fn with_state(self, state: &str) -> Self {
        let hint = self.hint.map_or_else(|| state.to_owned(), |hint| format!("{state}\n{hint}"));
        Self { hint: Some(hint), ..self }
    }

    /// Adds the places in a file of which some text is at hand, which begins with the line of this number.
    fn at(mut self, file: impl fmt::Display, first_line: usize, text: &str, marks: Vec<MarkedSpan>) -> Self {
        // What is replaced is of another length, so the places move with it.
        let moved = |at: usize| text.get(..at).map_or(0, |before| clean_lines(before).len());
        let marks = marks.into_iter().map(|MarkedSpan { span, label }| {
            let label = clean(&label.replace('\n', "; ")).into_owned();
            MarkedSpan { span: moved(span.start)..moved(span.end), label }
        });
        let marks = marks.collect();
        let source = NamedSource::new(clean(&file.to_string()), clean_lines(text).into_owned());
        self.place = Some(Box::new(MarkedPlace { source, marks, first_line: first_line.max(1) }));
        self
    }

    /// What is wrong and what to do about it, on one line.
    pub(super) fn in_one_line(&self) -> String {
        let parts = iter::once(self.message.as_str()).chain(self.hint.as_deref());
        parts.flat_map(str::lines).collect::<Vec<_>>().join("; ")
    }

    /// Reports it on standard error, and says how the command ends with it. There is nothing to report if the reader of our
    /// output has gone.
    pub(super) fn tell(&self) -> Exit {
        if self.exit != Exit::Ok {
            // In the log as it came, with the numbers of errors of the operating system.
            info!(exit = self.exit as u8, error = self.message, "failed");
            let _ = write!(anstream::stderr(), "{}", self.render(stderr_has_color()));
        }
        self.exit
    }

    /// The error as it is shown.
    pub(super) fn render(&self, colour: bool) -> String {
        let theme = if colour {
            miette::GraphicalTheme::unicode()
        } else {
            miette::GraphicalTheme::unicode_nocolor()
        };
        let mut out = String::new();
        // Paths, addresses and commands stay in one piece, so that they can be copied.
        let mut handler = GraphicalReportHandler::new_themed(theme).with_links(false).with_break_words(false);
        if let Some(columns) = columns() {
            handler = handler.with_width(columns);
        }
        match handler.render_report(&mut out, self) {
            Ok(()) => out,
            Err(_) => self.message.clone(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&clean_lines(&self.message))
    }
}

impl std::error::Error for Failure {}

impl Diagnostic for Failure {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.hint.as_ref().map(|hint| Box::new(clean_lines(hint)) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place.as_ref().map(|place| &**place as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let marks = &self.place.as_ref()?.marks;
        let label =
            |mark: &MarkedSpan| LabeledSpan::new(Some(mark.label.clone()), mark.span.start, mark.span.len());
        Some(Box::new(marks.iter().map(label)))
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let message = |text: &str| clean(&text.replace('\n', "; ")).into_owned();
        let shown = message(&error.to_string());
        match error {
            ConfigError::File { path, text, mistakes } => match <[FileMistake; 1]>::try_from(mistakes) {
                Ok([FileMistake { span, message: only, hint }]) => {
                    let failure = Self::new(Exit::Config, message(&only));
                    Self { hint, ..failure.at(path.display(), 1, &text, vec![MarkedSpan::here(span)]) }
                }
                Err(mistakes) => {
                    let count = format!("{} has {} mistakes", path.display(), mistakes.len());
                    let marks = mistakes.into_iter().map(MarkedSpan::of).collect();
                    Self::new(Exit::Config, count).at(path.display(), 1, &text, marks)
                }
            },
            ConfigError::Value { hint, .. } => Self { hint, ..Self::new(Exit::Config, shown) },
            ConfigError::Stranger { .. } => Self::new(Exit::Config, shown)
                .hint("change its owner or mode; WORTLAUT_TRUST=1 reads it anyway"),
            ConfigError::Read { .. } | ConfigError::TrustStore { .. } => Self::new(Exit::Config, shown),
        }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Profile(error) => Self::new(Exit::Config, &error.message).hint(error.hint),
            EngineError::Allowance(_) => Self::new(Exit::Partial, &error).hint(hint(&error)),
            error => Self::new(Exit::Engine, &error).hint(hint(&error)),
        }
    }
}

/// What to do about an error of an engine.
fn hint(error: &EngineError) -> &'static str {
    match error {
        EngineError::Key(_) => "set the key that the profile names; `wortlaut engines` says which",
        EngineError::Allowance(_) => {
            "allow more with --max-cost or --max-characters; what is paid for is not paid again"
        }
        EngineError::Quota(_) => "run the same command again once there is quota",
        EngineError::Connection { .. } => "check the address, and that the server is running",
        EngineError::Timeout { .. } => {
            "run the same command again later, or set a longer `timeout` or a smaller `max_segments`"
        }
        EngineError::BrokenOff { .. } | EngineError::Unavailable { .. } => {
            "the service seems to be down; run the same command again later"
        }
        EngineError::RateLimited { .. } => {
            "run the same command again later, or set a lower concurrency or requests_per_second"
        }
        EngineError::GivenUp { last, .. } => hint(last),
        _ => "`wortlaut engines` shows what the engine needs",
    }
}

/// Why a run ended early.
impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Engine(error) => error.into(),
            RunError::Memory(error) => error.into(),
            RunError::Interrupted => Self::new(Exit::Partial, error),
        }
    }
}

impl From<MemoryError> for Failure {
    fn from(error: MemoryError) -> Self {
        let failure = Self::new(Exit::Engine, &error);
        let failure = match error.disk_trouble() {
            Some(DiskTrouble::Full) => {
                failure.hint("free some space on its disk, then run the same command again")
            }
            Some(DiskTrouble::ReadOnly) => {
                failure.hint("make it and its folder writable, or name another file in memory.path")
            }
            Some(DiskTrouble::Failing) => {
                failure.hint("check whether its disk is full or failing, then run the same command again")
            }
            None => failure,
        };
        match error {
            MemoryError::NeedsFile { .. } => Self { exit: Exit::Config, ..failure }.hint(
                "`wortlaut memory copy` makes a file of what is there, for memory.path; without memory.url it is used",
            ),
            MemoryError::Connection { .. } => failure.hint(
                "check memory.url and that the server is running; its password comes from memory.key_env or \
                 memory.key_file",
            ),
            MemoryError::Tls { .. } => failure.hint(
                "name the certificate of its authority: sslrootcert=FILE in memory.url",
            ),
            MemoryError::Damaged { .. } => failure.hint(
                "`wortlaut memory check --repair` makes a new one of what can be read and keeps the damaged file; or \
                 restore it from a backup, or move it away together with the files that have -wal and -shm behind \
                 its name; the next run then starts a new memory and pays for every translation again",
            ),
            _ => failure,
        }
    }
}

/// Why there is no review page.
impl From<ReviewError> for Failure {
    fn from(error: ReviewError) -> Self {
        match error {
            ReviewError::Memory(error) => error.into(),
            ReviewError::Port { .. } => {
                Self::new(Exit::Usage, error).hint("name another port, or none: then a free one is taken")
            }
            error => Self::new(Exit::Engine, error),
        }
    }
}

/// A broken glossary, with the place marked in its line.
impl From<GlossaryError> for Failure {
    fn from(error: GlossaryError) -> Self {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        let failure = Self::new(Exit::Config, format!("{error}{cause}"));
        match error {
            // The line as it was read: the file may have changed since, and a pipe gives nothing twice.
            GlossaryError::Line(line) => {
                let marks = vec![MarkedSpan::here(line.span)];
                failure.at(line.origin.path.display(), line.origin.line, &line.text, marks)
            }
            GlossaryError::Exists { .. } => Self { exit: Exit::Usage, ..failure }
                .hint("`wortlaut glossary set SOURCE --target TARGET` changes an entry"),
            GlossaryError::Foreigner { path } => failure.hint(format!(
                "`wortlaut glossary import {} --into glossary` makes a glossary of it that can be changed",
                path.display()
            )),
            _ => failure,
        }
    }
}

/// Files that cannot be written where they were meant to go, found before anything is sent.
impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        Self::new(Exit::Usage, error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let (exit, hint) = match &error {
            StoreError::Unknown { .. } => (Exit::Usage, "`wortlaut model list` shows the models there are"),
            StoreError::Missing { .. } => (
                Exit::Usage,
                "files are known by their SHA-256, whatever they are called, packed with gzip or zstd or not; --from may \
                 be given several times",
            ),
            StoreError::Unusable { .. } => {
                (Exit::Config, "`wortlaut config show` says where models.proxy and models.ca_file are set")
            }
            StoreError::NotInstalled { .. } | StoreError::Damaged { .. } => (
                Exit::Engine,
                "`wortlaut model pull` pulls a model; `wortlaut model list` shows the models there are",
            ),
            StoreError::DiskFull { .. } => {
                (Exit::Engine, "free some space on its disk, or name another folder in WORTLAUT_MODELS")
            }
            StoreError::Io { .. } | StoreError::Catalogue(_) => return Self::new(Exit::Engine, &error),
            _ => (
                Exit::Engine,
                "`wortlaut model pull NAME --from FOLDER` takes files that you bring along; models.mirror names a server \
                 that has them, models.proxy a proxy to pull through",
            ),
        };
        Self::new(exit, &error).hint(hint)
    }
}

/// A failed write to standard output; a reader that has gone is not a failure.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::new(Exit::Ok, "the reader has gone"),
            _ => Self::new(Exit::Partial, format!("cannot write: {error}")),
        }
    }
}
