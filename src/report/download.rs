//! The progress of a model that is pulled.

use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};

use crate::store::PullEvent;

use super::clean;

/// Shows the events of a pull on standard error: one bar for loading and checking on a terminal, nothing elsewhere.
///
/// A source that fails is not reported here: another one may deliver, and if none does, the error lists them all.
pub struct Download {
    name: String,
    bar: ProgressBar,
    /// The template of the bar.
    line: &'static str,
    place: DownloadPlace,
}

/// The line while a model is loaded: the bar takes what the figures leave of it.
const LOADING: &str = "{msg}  {wide_bar}  {decimal_bytes}/{decimal_total_bytes}  {eta} left";

/// The line while it is checked, when nothing is left to be loaded.
const CHECKING: &str = "{msg}  {wide_bar}  {decimal_total_bytes}";

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// How far the files of a model are.
#[derive(Debug, Default)]
struct DownloadPlace {
    /// Bytes of all files but the current one.
    before: u64,
    /// The current file.
    file: String,
    bytes: u64,
}

impl DownloadPlace {
    /// Bytes of all files, now that some of a file are there.
    fn at(&mut self, file: &str, bytes: u64) -> u64 {
        if self.file != file {
            self.before += self.bytes;
            file.clone_into(&mut self.file);
        }
        self.bytes = bytes;
        self.before + bytes
    }
}

impl Download {
    /// Starts for a model of about `size` bytes; `quiet` shows no bar.
    #[must_use]
    pub fn new(name: &str, size: u64, quiet: bool) -> Self {
        let shown = io::stderr().is_terminal() && !quiet;
        let bar = if shown { ProgressBar::new(size) } else { ProgressBar::hidden() };
        Self {
            name: name.to_owned(),
            bar: bar.with_style(style(LOADING)),
            line: LOADING,
            place: DownloadPlace::default(),
        }
    }

    /// Shows an event.
    pub fn event(&mut self, event: &PullEvent<'_>) {
        match event {
            PullEvent::Waiting => self.say("another process is pulling it; waiting"),
            PullEvent::Trying(_) => self.step(LOADING, "connecting".to_owned()),
            PullEvent::Failed(..) => {}
            PullEvent::Progress { file, bytes, .. } => {
                let place = self.place.at(file, *bytes);
                // The size of the catalogue is a rough one.
                self.bar.set_length(self.bar.length().unwrap_or_default().max(place));
                self.step(LOADING, "pulling".to_owned());
                self.bar.set_position(place);
            }
            PullEvent::Checking { bytes, total, .. } => {
                self.step(CHECKING, format!("checking {:2} %", bytes * 100 / (*total).max(1)));
            }
        }
    }

    /// Shows what is done now. There is an event for every few kilobytes, too many to read a template for each.
    fn step(&mut self, line: &'static str, step: String) {
        if self.line != line {
            self.line = line;
            self.bar.set_style(style(line));
        }
        self.bar.set_message(step);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn say(&self, text: &str) {
        let text = format!("{}: {text}", self.name);
        self.bar.suspend(|| {
            // Nobody reads a closed standard error; the pull goes on.
            let _ = writeln!(io::stderr(), "{}", clean(&text));
        });
    }
}

/// A number of bytes for people: `37 MB`.
#[must_use]
pub fn bytes(number: u64) -> String {
    match number {
        0..1_000 => format!("{number} B"),
        1_000..1_000_000 => format!("{} kB", number / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", number / 1_000_000),
        _ => format!("{}.{} GB", number / 1_000_000_000, number / 100_000_000 % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_goes_on_from_file_to_file() {
        let mut place = DownloadPlace::default();
        let steps = [("a", 0), ("a", 70), ("b", 0), ("b", 5), ("c", 1)];
        assert_eq!(steps.map(|(file, bytes)| place.at(file, bytes)), [0, 70, 70, 75, 76]);
        // A file that is begun anew takes back only its own bytes.
        assert_eq!(place.at("c", 0), 75);
    }

    #[test]
    fn bytes_are_told_in_the_unit_that_fits() {
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(37_400_000), "37 MB");
        assert_eq!(bytes(1_117_320_768), "1.1 GB");
    }
}
