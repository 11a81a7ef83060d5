//! The memory in a PostgreSQL database, which several processes share.
//!
//! One thread owns the connection and a small runtime to drive it, as one thread owns the SQLite file: whoever asks needs no
//! runtime. Claims say who sends a text; a budget and a pace are shared the same way.

mod address;
mod answers;
mod budget;
mod claims;
mod copy;
mod jobs;
mod memory;
mod pairs;
mod schema;
mod session;
#[cfg(test)]
#[cfg(feature = "real-parts")]
mod tests;
mod thread;
mod tls;

pub use address::{AddressError, MemoryAddress};
pub use budget::{SetAsideAnswer, SpentAmount};
pub use copy::CopiedMemory;
pub use memory::PostgresMemory;
