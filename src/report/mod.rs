//! Progress and summary: the only room that draws.

mod clean;
mod columns;
mod comparison;
mod comparison_page;
mod download;
mod estimate;
mod evaluation;
mod explanation;
mod finding;
mod os_error;
mod plot;
mod progress;
mod rate;
mod summary;

pub use clean::{clean, clean_lines};
pub use columns::{columns, output_columns};
pub use comparison::{
    ComparedEngine, DifferingSegment, EngineComparison, EngineEffort, EngineQuality, EngineVersion,
    FindingTally,
};
pub use comparison_page::comparison_page;
pub use download::{Download, bytes};
pub use estimate::{BoundLine, DryRunSummary, EstimateLine, InputOrder, article_table};
pub use evaluation::{EvaluationReport, SystemReport};
pub use explanation::explanation_lines;
pub use finding::{WorstFindings, finding_lines, placed_lines};
pub use progress::{Mode, Progress};
pub use summary::{AccountLine, CostLine, EngineLine, NightLine, Summary, counted, upgrade_note};
