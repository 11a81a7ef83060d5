//! The progress of a model that is pulled.

use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};

use crate::store::Event;

use super::clean;

/// Shows the events of a pull on standard error: a bar on a terminal, a line for each step elsewhere.
pub struct Download {
    name: String,
    bar: ProgressBar,
}

impl Download {
    /// Starts for a model.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let template = "{bar:32} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left  {msg}";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = if io::stderr().is_terminal() { ProgressBar::no_length() } else { ProgressBar::hidden() };
        Self { name: name.to_owned(), bar: bar.with_style(style) }
    }

    /// Shows an event.
    pub fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Waiting => self.line("another process is pulling it; waiting"),
            Event::Trying(source) => self.line(&format!("pulling from {source}")),
            Event::Failed(source, error) => self.line(&format!("{source}: {error}")),
            Event::Progress { file, bytes, total } => {
                if let Some(total) = total {
                    self.bar.set_length(*total);
                }
                self.bar.set_message((*file).to_owned());
                self.bar.set_position(*bytes);
            }
            Event::Checking(file) => self.bar.set_message(format!("checking {file}")),
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn line(&self, text: &str) {
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
    fn bytes_are_told_in_the_unit_that_fits() {
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(37_400_000), "37 MB");
        assert_eq!(bytes(1_117_320_768), "1.1 GB");
    }
}
