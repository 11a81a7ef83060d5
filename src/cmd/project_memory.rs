//! The translation memory of a project: a file, or a database that it shares with others.

use std::path::Path;
use std::sync::Arc;

use tracing::info;

use super::failure::{Exit, Failure};
use crate::config::{Environment, Settings, memory_key};
use crate::memory::{Memory, MemoryAddress, MemoryError, PostgresMemory, RunLock, SqliteMemory};

/// The memory, which is made if there is none.
pub(super) fn open_memory(settings: &Settings) -> Result<Arc<dyn Memory>, Failure> {
    let memory: Arc<dyn Memory> = match shared(settings)? {
        Some(address) => Arc::new(PostgresMemory::open(address)?),
        None => Arc::new(SqliteMemory::open(&settings.memory.path)?),
    };
    info!(memory = memory_name(settings), "opened the translation memory");
    Ok(memory)
}

/// The memory, if it is one that others share.
pub(super) fn open_shared(settings: &Settings) -> Result<Option<Arc<PostgresMemory>>, Failure> {
    Ok(shared(settings)?.map(PostgresMemory::open).transpose()?.map(Arc::new))
}

/// The memory for reading, if there is one.
pub(super) fn existing_memory(settings: &Settings) -> Result<Option<Arc<dyn Memory>>, Failure> {
    fn any<M: Memory + 'static>(memory: M) -> Arc<dyn Memory> {
        Arc::new(memory)
    }
    Ok(match shared(settings)? {
        Some(address) => PostgresMemory::open_existing(address)?.map(any),
        None => SqliteMemory::open_existing(&settings.memory.path)?.map(any),
    })
}

/// The memory for reading; an empty one if there is none.
pub(super) fn memory_or_empty(settings: &Settings) -> Result<Arc<dyn Memory>, Failure> {
    Ok(match existing_memory(settings)? {
        Some(memory) => memory,
        None => Arc::new(SqliteMemory::open_in_memory()?),
    })
}

/// Keeps other runs from a memory in a file. Runs that share a memory keep each other from single texts.
pub(super) fn lock_memory(settings: &Settings) -> Result<Option<RunLock>, Failure> {
    Ok(match settings.memory.url {
        Some(_) => None,
        None => Some(RunLock::acquire(&settings.memory.path)?),
    })
}

/// The file of the memory, for what only a memory in a file can do.
pub(super) fn memory_file<'a>(settings: &'a Settings, what: &'static str) -> Result<&'a Path, Failure> {
    match settings.memory.url {
        Some(_) => Err(MemoryError::NeedsFile { what }.into()),
        None => Ok(&settings.memory.path),
    }
}

/// What the memory is called.
pub(super) fn memory_name(settings: &Settings) -> String {
    match &settings.memory.url {
        Some(address) => address.to_string(),
        None => settings.memory.path.display().to_string(),
    }
}

/// Where the memory is that the project shares, with the password that it asks for.
fn shared(settings: &Settings) -> Result<Option<MemoryAddress>, Failure> {
    settings.memory.url.clone().map(|address| usable(settings, address)).transpose()
}

/// An address with the password that it asks for, if the settings allow to go there.
pub(super) fn usable(settings: &Settings, address: MemoryAddress) -> Result<MemoryAddress, Failure> {
    if let (Some(host), true) = (address.foreign_host(), settings.translate.offline) {
        let message = format!("the translation memory is on {host}, and this run is offline");
        return Err(Failure::new(Exit::Config, message).hint(
            "a memory in a file or on this machine works offline; without --offline, or with offline = false in [translate], \
             the server may be used",
        ));
    }
    let key = memory_key(&settings.memory, &Environment::of_process());
    let key = key.map_err(|error| Failure::new(Exit::Config, &error.message).hint(error.hint))?;
    Ok(match key {
        Some(_) if address.is_open_to_readers() => {
            let message =
                format!("the password of {address} would be sent over a connection that others can read");
            return Err(Failure::new(Exit::Config, message)
                .hint("use sslmode=verify-full or sslmode=require in memory.url"));
        }
        Some(key) => address.with_password(&key),
        None => address,
    })
}
