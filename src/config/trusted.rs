//! The files that the user trusts, each as it was when it was looked at.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use blake3::Hash;
use serde::{Deserialize, Serialize};

use super::environment::{Environment, Platform};
use super::error::ConfigError;

/// The name of the list in the user's folder.
const NAME: &str = "trusted.jsonl";

/// A file that is trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustedFile {
    /// Where it stands.
    pub path: PathBuf,
    /// The BLAKE3 hash of its bytes.
    pub blake3: String,
}

/// What is known of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustState {
    /// It is as it was when it was trusted.
    Trusted,
    /// It was trusted, and has changed since.
    Changed,
    /// It was never trusted.
    Unknown,
}

/// The list of trusted files: one JSON object a line, for its owner only.
#[derive(Debug, Clone)]
pub struct TrustStore {
    list: PathBuf,
}

impl TrustStore {
    /// That of the user.
    ///
    /// # Errors
    /// The user has no folder for settings.
    pub fn of(environment: &Environment) -> Result<Self, ConfigError> {
        let folder = environment.config_folder(Platform::HERE).ok_or_else(|| ConfigError::Value {
            origin: NAME.to_owned(),
            message: "there is no folder to keep it in".to_owned(),
            hint: Some("set HOME or XDG_CONFIG_HOME".to_owned()),
        })?;
        Ok(Self { list: folder.join(NAME) })
    }

    /// All of them, the one that was trusted last at the end.
    ///
    /// # Errors
    /// The list cannot be read, or holds something else.
    pub fn all(&self) -> Result<Vec<TrustedFile>, ConfigError> {
        let text = match fs::read_to_string(&self.list) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.failed(error)),
        };
        let entry = |(number, line): (usize, &str)| {
            serde_json::from_str(line).map_err(|_| ConfigError::Value {
                origin: format!("{}, line {}", self.list.display(), number + 1),
                message: "this is not an entry for a trusted file".to_owned(),
                hint: Some("remove the line and trust the file again with `wortlaut trust`".to_owned()),
            })
        };
        text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(entry).collect()
    }

    /// What is known of a file with these bytes.
    ///
    /// # Errors
    /// As [`Self::all`].
    pub fn state(&self, file: &Path, hash: Hash) -> Result<TrustState, ConfigError> {
        let found = self.all()?.into_iter().find(|trusted| trusted.path == file);
        Ok(match found {
            Some(trusted) if Hash::from_hex(&trusted.blake3).is_ok_and(|known| known == hash) => {
                TrustState::Trusted
            }
            Some(_) => TrustState::Changed,
            None => TrustState::Unknown,
        })
    }

    /// Trusts a file with these bytes, and no longer with others.
    ///
    /// # Errors
    /// The list cannot be read or written.
    pub fn add(&self, file: &Path, hash: Hash) -> Result<(), ConfigError> {
        let entry = TrustedFile { path: file.to_owned(), blake3: hash.to_hex().to_string() };
        self.change(|all| {
            all.retain(|trusted| trusted.path != file);
            all.push(entry);
        })
    }

    /// Takes trust away from a file; `false` if it had none.
    ///
    /// # Errors
    /// The list cannot be read or written.
    pub fn remove(&self, file: &Path) -> Result<bool, ConfigError> {
        let mut had = false;
        self.change(|all| {
            let before = all.len();
            all.retain(|trusted| trusted.path != file);
            had = all.len() < before;
        })?;
        Ok(had)
    }

    /// Rewrites the list, one process after another, so that none loses what another has added.
    fn change(&self, change: impl FnOnce(&mut Vec<TrustedFile>)) -> Result<(), ConfigError> {
        let _lock = self.lock().map_err(|error| self.failed(error))?;
        let mut all = self.all()?;
        change(&mut all);
        self.write(&all).map_err(|error| self.failed(error))
    }

    /// Waits for its turn; the system gives the turn to the next one when the file is closed.
    fn lock(&self) -> io::Result<File> {
        let path = self.list.with_extension("lock");
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        file.lock()?;
        Ok(file)
    }

    /// Writes the whole list or nothing.
    fn write(&self, all: &[TrustedFile]) -> io::Result<()> {
        // A temporary file is for its owner only, and keeps that when it is renamed.
        let mut file = tempfile::NamedTempFile::new_in(self.list.parent().unwrap_or(Path::new(".")))?;
        for trusted in all {
            serde_json::to_writer(&mut file, trusted)?;
            file.write_all(b"\n")?;
        }
        file.as_file().sync_all()?;
        file.persist(&self.list)?;
        Ok(())
    }

    fn failed(&self, source: io::Error) -> ConfigError {
        ConfigError::TrustStore { path: self.list.clone(), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(folder: &Path) -> TrustStore {
        TrustStore { list: folder.join("made/on the way").join(NAME) }
    }

    #[test]
    fn trust_is_for_a_place_and_its_bytes() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path());
        let (a, b) = (Path::new("/a/wortlaut.toml"), Path::new("/b/wortlaut.toml"));
        let (old, new) = (blake3::hash(b"old"), blake3::hash(b"new"));
        assert_eq!(store.state(a, old).expect("read"), TrustState::Unknown);
        store.add(a, old).expect("written");
        store.add(b, old).expect("written");
        assert_eq!(store.state(a, old).expect("read"), TrustState::Trusted);
        assert_eq!(store.state(a, new).expect("read"), TrustState::Changed);
        store.add(a, new).expect("written");
        assert_eq!(store.state(a, new).expect("read"), TrustState::Trusted);
        assert_eq!(store.all().expect("read").len(), 2);
        assert!(store.remove(a).expect("written") && !store.remove(a).expect("written"));
        assert_eq!(store.state(a, new).expect("read"), TrustState::Unknown);
        assert_eq!(store.state(b, old).expect("read"), TrustState::Trusted);
    }

    #[test]
    fn many_at_once_lose_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path());
        std::thread::scope(|scope| {
            for n in 0..16 {
                let store = &store;
                scope.spawn(move || {
                    store
                        .add(Path::new(&format!("/{n}/wortlaut.toml")), blake3::hash(b"x"))
                        .expect("written");
                });
            }
        });
        assert_eq!(store.all().expect("read").len(), 16);
    }

    #[cfg(unix)]
    #[test]
    fn the_list_is_for_its_owner() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path());
        store.add(Path::new("/a"), blake3::hash(b"x")).expect("written");
        let mode = fs::metadata(&store.list).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_broken_list_names_its_line_and_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = TrustStore { list: folder.path().join(NAME) };
        fs::write(&store.list, "\nno entry\n").expect("written");
        let error = store.add(Path::new("/a"), blake3::hash(b"x")).expect_err("refused");
        assert!(error.to_string().contains("line 2"), "{error}");
        assert_eq!(fs::read_to_string(&store.list).expect("read"), "\nno entry\n");
    }
}
