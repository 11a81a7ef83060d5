//! The translation memory: every answer that was paid for, so that it is never paid for again, and what people corrected.
//!
//! [`Memory`] is what a memory does, [`SqliteMemory`] is one in a file, `PostgresMemory` one that several processes share.
//! [`Memory::store`] resolves when its records are on the disk and not before. Where there is a file, a [`RunLock`] keeps two
//! processes from paying for the same text at the same time; reading, and adding what people say, needs none. In a shared
//! memory each text is claimed ([`Memory::claim`]). For engines that take examples a memory in a file finds the earlier
//! translations that are nearest to a text.

mod adoption;
#[cfg(test)]
mod conformance;
mod database;
mod entry;
mod error;
mod files;
mod find;
mod forget;
mod index;
mod interface;
mod jobs;
mod key;
mod lock;
mod maintenance;
mod merge;
mod nearest;
mod nearness;
mod outputs;
mod pairs;
#[cfg(feature = "shared")]
mod postgres;
mod read_marks;
mod records;
mod refused;
mod schema;
mod spilled_keys;
mod sqlite;
#[cfg(test)]
mod tests;
mod told;
mod words;
mod worker;

pub use adoption::{Adoption, Succession};
pub use entry::{AnswerEntry, EntrySort, MemoryEntry, NearEntry, SearchQuery};
pub use error::{DiskTrouble, MemoryError};
pub use forget::{Forgotten, Selection};
pub use interface::{Memory, MemoryFuture};
pub use jobs::{BatchJob, BatchRequest, BatchText};
pub use key::Key;
pub use lock::RunLock;
pub use maintenance::{MemoryProblem, RepairedMemory};
pub use nearness::Nearness;
#[cfg(feature = "shared")]
pub use postgres::{AddressError, CopiedMemory, MemoryAddress, PostgresMemory, SetAsideAnswer, SpentAmount};
pub use read_marks::ReadText;
pub use records::{
    EngineStats, Log, Maker, MemoryRevision, MemoryState, MemoryStats, OutputRecord, StoredAnswer,
    TextOfEngine,
};
pub use refused::{Attempt, Refused};
pub use spilled_keys::SpilledKeys;
pub use sqlite::SqliteMemory;
