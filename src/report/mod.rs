//! Progress and summary: the only room that draws.

mod clean;
mod download;
mod progress;
mod summary;

pub use clean::{clean, clean_lines};
pub use download::{Download, bytes};
pub use progress::{Mode, Progress};
pub use summary::{Summary, estimate_table, upgrade_note};
