//! One run at a time on a memory.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::error::MemoryError;
use super::files::MemoryFiles;

/// How long a run waits for the lock: a process that was killed a moment ago may still be on its way out.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long it waits between two attempts: short beside [`PATIENCE`].
const POLL: Duration = Duration::from_millis(20);

/// Longest text read from a lock file when the holder is asked for; a process id is shorter.
const PID_BYTES: u64 = 20;

/// Held while a run pays for translations, so that a second run does not pay for the same ones.
///
/// The system lifts the lock when the process ends, however it ends. The lock file stays: taking it away
/// would let a third process lock a file that the second no longer sees.
#[derive(Debug)]
pub struct RunLock {
    file: File,
    /// Whether what stands in the file was written by a lock; anything else is left as it is.
    is_ours: bool,
}

impl RunLock {
    /// Takes the lock of the memory at `memory`: the file of the same name with `.lock` behind it.
    ///
    /// # Errors
    /// Another process holds it ([`MemoryError::Locked`]), or the lock file cannot be made.
    pub fn acquire(memory: &Path) -> Result<Self, MemoryError> {
        let mut file = MemoryFiles::made(memory)?.open_lock()?;
        let failed = |source| MemoryError::file(memory, source);
        let patience = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if Instant::now() < patience => std::thread::sleep(POLL),
                Err(TryLockError::WouldBlock) => {
                    return Err(MemoryError::Locked { path: memory.to_owned(), pid: holder(&mut file) });
                }
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
        }
        let is_ours = is_ours(&mut file).map_err(failed)?;
        let lock = Self { file, is_ours };
        lock.sign().map_err(failed)?;
        Ok(lock)
    }
}

impl RunLock {
    /// Writes the number of this process into the file, for those who find it locked.
    fn sign(&self) -> io::Result<()> {
        if !self.is_ours {
            return Ok(());
        }
        let mut file = &self.file;
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // Both are courtesy: closing the file lifts the lock, and a stale number is never believed.
        if self.is_ours {
            let _ = self.file.set_len(0);
        }
        let _ = self.file.unlock();
    }
}

/// The process that wrote its number into the lock file; where a locked file cannot be read, nobody knows.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(PID_BYTES).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Whether nothing stands in a file but, at most, the number of a process.
fn is_ours(file: &mut File) -> io::Result<bool> {
    let mut text = Vec::new();
    file.take(PID_BYTES + 1).read_to_end(&mut text)?;
    Ok(text.len() as u64 <= PID_BYTES && text.iter().all(|byte| byte.is_ascii_digit() || *byte == b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_learns_who_holds_the_lock() {
        let folder = tempfile::tempdir().expect("a folder");
        let memory = folder.path().join("sub/memory.db");
        let lock = RunLock::acquire(&memory).expect("free");
        let error = RunLock::acquire(&memory).expect_err("held");
        let MemoryError::Locked { pid, .. } = &error else { panic!("{error}") };
        assert_eq!(*pid, Some(std::process::id()));
        assert!(error.to_string().contains(&std::process::id().to_string()), "{error}");
        drop(lock);
        RunLock::acquire(&memory).expect("free again");
    }

    #[test]
    fn a_number_left_by_a_dead_process_does_not_matter() {
        let folder = tempfile::tempdir().expect("a folder");
        let memory = folder.path().join("memory.db");
        let file = folder.path().join("memory.db.lock");
        std::fs::write(&file, "4294967295\n").expect("written");
        let _lock = RunLock::acquire(&memory).expect("free");
        let text = std::fs::read_to_string(file).expect("readable");
        assert_eq!(text, format!("{}\n", std::process::id()));
    }
}
