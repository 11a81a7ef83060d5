//! Progress and summary: the only room that draws.

mod clean;
mod download;
mod finding;
mod progress;
mod summary;

pub use clean::clean;
pub use download::{Download, bytes};
pub use finding::finding_lines;
pub use progress::{Mode, Progress};
pub use summary::{Summary, estimate_table, upgrade_note};
