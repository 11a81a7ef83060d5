//! The run: read, plan, send, enforce, write.
//!
//! Articles stream through. A [`Run`] reads and segments some articles ahead, on all cores, and hands each to a task of
//! its own; the task asks the desk for the translations it needs, works through the
//! enforcement ladder, and writes its files. Texts of many articles share requests: the desk packs what
//! waits into batches and its workers send them. How many segments may be under way at once is bounded,
//! so memory does not grow with the corpus. The records of a corpus file wait for their turn to be written, within
//! the same bound. Nothing that depends on the order of arrival is written.

mod again;
#[cfg(test)]
mod answers_tests;
mod article;
mod compute;
mod corpus;
mod corrections;
#[cfg(test)]
mod corrections_tests;
mod desk;
mod estimate;
mod event;
#[cfg(test)]
mod failing_memory;
mod gatherer;
mod known;
mod left_out;
mod line;
mod makers;
#[cfg(test)]
mod memory_double;
mod memos;
#[cfg(test)]
mod money_tests;
mod night;
#[cfg(test)]
mod night_tests;
mod plan;
mod prepare;
mod queue;
mod requests;
mod run;
#[cfg(test)]
mod several_tests;
#[cfg(test)]
mod shared_tests;
mod stats;
#[cfg(test)]
mod stop_tests;
mod terms_in_use;
#[cfg(test)]
mod tests;
mod text;
#[cfg(test)]
mod wrong_answers_tests;

use std::sync::Arc;

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::check::Checks;
use crate::engine::Engine;
use crate::glossary::{Glossary, Matcher};
use crate::model::Rung;
use crate::read;
use crate::text::{German, Segmenter};

pub use again::{Again, AgainError};
pub use corrections::in_context;
pub use desk::{ABSENT, EngineShare, RunError};
pub use estimate::{CorpusSurvey, Estimate, MostSent};
pub use event::{Event, Events, Extent};
pub use gatherer::{BatchRungs, NightEstimate};
pub use line::normalise;
pub use makers::{Peer, Peers};
pub use memos::Memos;
pub use night::{JobKeeper, JobNews, KeptJob, Night, NightEnd, Pauses};
pub use prepare::{Input, Inputs, foreign_language, segment, segmented};
pub use run::{Deliver, DeliverArticle, DeliverCorpus, Run, RunOutcome, Stop};
pub use stats::{Stats, TermCounts};
pub use text::translate_text;

/// How articles are read and what is done to their segments.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Options {
    /// How files are read.
    pub read: read::ReadOptions,
    /// Whether furniture is sent to the engine.
    pub furniture: bool,
    /// Whether the text of a page that stands beside its running text is sent to the engine: attributes, the window title.
    pub attributes: bool,
    /// Whether articles that are not German are translated too.
    pub any_language: bool,
    /// The rungs of the ladder that may be used, in any order.
    pub rungs: Vec<Rung>,
    /// Whether the house form is written where another accepted rendering stands; with the rung `repair` only.
    pub house_form: bool,
    /// Whether to report how much text there will be, for a progress bar that knows its end.
    pub forecast: bool,
    /// The engines beside that of the run whose answers in the memory are taken.
    pub peers: Peers,
    /// Engines that are asked, in this order, for what those before them do not translate.
    pub next: Vec<Arc<dyn Engine>>,
    /// What is asked of them.
    pub on: AskNext,
    /// The segments that are sent although the memory has an answer.
    pub again: Again,
    /// Whether only these are sent, and whatever else the memory does not have fails.
    pub only_again: bool,
    /// Whether only the memory answers and nothing is sent; what it does not have fails.
    pub offline: bool,
    /// Whether an engine has to do with what it is by itself: neither corrections of people nor earlier translations of like
    /// texts, which may be those of other engines, go into what it writes.
    pub unaided: bool,
    /// What is looked for in translations.
    pub checks: Checks,
}

/// When the next engine is asked for a segment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum AskNext {
    /// If the one before has no translation of it.
    #[default]
    Failure,
    /// Also if errors or warnings are found in that; of the two, the one with the lesser findings stands.
    Findings,
}

impl Default for Options {
    /// Everything that helps terms hold, nothing sent that the memory has.
    fn default() -> Self {
        Self {
            read: read::ReadOptions::default(),
            furniture: false,
            attributes: true,
            any_language: false,
            rungs: Rung::LADDER[1..].to_vec(),
            house_form: false,
            forecast: false,
            peers: Peers::default(),
            next: Vec::new(),
            on: AskNext::default(),
            again: Again::default(),
            only_again: false,
            offline: false,
            unaided: false,
            checks: Checks::default(),
        }
    }
}

/// What a run works with.
#[derive(Clone)]
pub struct Tools {
    /// Cuts blocks into sentences.
    pub segmenter: Arc<dyn Segmenter>,
    /// Finds terms.
    pub matcher: Arc<Matcher>,
    /// Translates.
    pub engine: Arc<dyn Engine>,
}

impl Tools {
    /// The program's own segmentation, and a glossary.
    #[must_use]
    pub fn new(engine: Arc<dyn Engine>, glossary: &Glossary) -> Self {
        Self { segmenter: Arc::new(German::default()), matcher: Arc::new(Matcher::new(glossary)), engine }
    }
}
