//! One run at a time on a memory.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::MemoryError;

/// How long a run waits for the lock: a process that was killed a moment ago may still be on its way out.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often it looks.
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
}

impl RunLock {
    /// Takes the lock of the memory at `memory`: the file of the same name with `.lock` behind it.
    ///
    /// # Errors
    /// Another process holds it ([`MemoryError::Locked`]), or the lock file cannot be made.
    pub fn acquire(memory: &Path) -> Result<Self, MemoryError> {
        let path = lock_path(memory);
        let failed = |source| MemoryError::file(&path, source);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
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
        file.set_len(0).map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self { file })
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // Both are courtesy: closing the file lifts the lock, and a stale number is never believed.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

fn lock_path(memory: &Path) -> PathBuf {
    let mut name = OsString::from(memory);
    name.push(".lock");
    name.into()
}

/// The process that wrote its number into the lock file; where a locked file cannot be read, nobody knows.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(PID_BYTES).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_is_told_who_holds_the_lock() {
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
        std::fs::write(lock_path(&memory), "4294967295\nrest of something longer").expect("written");
        let _lock = RunLock::acquire(&memory).expect("free");
        let text = std::fs::read_to_string(lock_path(&memory)).expect("readable");
        assert_eq!(text, format!("{}\n", std::process::id()));
    }
}
