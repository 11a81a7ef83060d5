//! What drives the asynchronous rooms.

use tokio::runtime::{Builder, Runtime};

use super::failure::{Exit, Failure};

/// A runtime with a thread for each core.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    let built = Builder::new_multi_thread().enable_all().build();
    built.map_err(|error| Failure::new(Exit::Engine, format!("cannot start: {error}")))
}
