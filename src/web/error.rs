//! Why there is no review page.

use std::io;

use thiserror::Error;

use crate::memory::MemoryError;

/// Why the page cannot be served.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReviewError {
    /// Another program has the port, or it needs more rights.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Port { port: u16, source: io::Error },
    #[error("the system has no random bytes for a token: {0}")]
    Random(#[from] getrandom::Error),
    #[error("cannot serve the page: {0}")]
    Server(#[source] io::Error),
    #[error(transparent)]
    Memory(#[from] MemoryError),
}
