//! Whether a file is still the one it was, without reading it where the file system tells.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::{Duration, SystemTime};

use blake3::{Hash, Hasher};
use serde::{Deserialize, Serialize};

use super::hexadecimal;
use super::path_kind::open_plain;

/// How long a file has to be left alone until its times tell the next change from the last. Clocks of file systems tick
/// up to ten milliseconds apart, those of memory sticks two seconds, and a server's may be a little behind.
const QUIET: Duration = Duration::from_secs(2);

/// What a file holds, and by what it is known to be the same without being read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileMark {
    #[serde(with = "hexadecimal")]
    hash: Hash,
    /// Absent where it does not tell: the file was changed a moment ago, or was not looked at yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stamp: Option<FileStamp>,
}

/// What a file system says of a file. Whoever writes into it, or puts another one in its place, gives it another stamp: the
/// time of the last modification can be set back, that of the last change of any kind cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct FileStamp {
    device: u64,
    inode: u64,
    bytes: u64,
    /// Seconds and nanoseconds since 1970.
    modified: (i64, i64),
    changed: (i64, i64),
}

/// Whether a symbolic link stands for the file that it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    Followed,
    Refused,
}

impl FileMark {
    /// A file that holds what has this hash.
    #[must_use]
    pub fn of_hash(hash: Hash) -> Self {
        Self { hash, stamp: None }
    }

    /// The hash of what it holds.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// Whether a regular file stands at a path that holds the same. It is read only if its stamp does not tell; then
    /// its stamp is remembered, unless the file was changed so recently that another change could leave it as it is.
    ///
    /// # Errors
    /// The path cannot be looked at, or the file cannot be read.
    pub fn is_at(&mut self, path: &Path, links: Links) -> io::Result<bool> {
        self.is_at_by(path, links, SystemTime::now())
    }

    fn is_at_by(&mut self, path: &Path, links: Links, now: SystemTime) -> io::Result<bool> {
        let found = match links {
            Links::Followed => fs::metadata(path),
            Links::Refused => fs::symlink_metadata(path),
        };
        let found = match found {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(false);
            }
            found => found?,
        };
        if !found.is_file() {
            return Ok(false);
        }
        if self.stamp.is_some() && self.stamp == FileStamp::of(&found) {
            return Ok(true);
        }
        let opened = match links {
            Links::Followed => Some(File::open(path)?),
            Links::Refused => open_plain(path)?,
        };
        let Some(mut file) = opened else { return Ok(false) };
        // Before it is read: what is written from here on gives it another stamp.
        let found = file.metadata()?;
        let mut hasher = Hasher::new();
        hasher.update_reader(&mut file)?;
        if hasher.finalize() != self.hash {
            return Ok(false);
        }
        self.stamp = FileStamp::settled(&found, now);
        Ok(true)
    }
}

impl FileStamp {
    /// The stamp of a file that was left alone for a while.
    fn settled(found: &Metadata, now: SystemTime) -> Option<Self> {
        let stamp = Self::of(found)?;
        let now = now.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        let is_quiet = |(seconds, nanoseconds): (i64, i64)| {
            let time = Duration::new(u64::try_from(seconds).ok()?, u32::try_from(nanoseconds).ok()?);
            Some(time + QUIET <= now)
        };
        (is_quiet(stamp.modified)? && is_quiet(stamp.changed)?).then_some(stamp)
    }

    #[cfg(unix)]
    #[expect(clippy::unnecessary_wraps, reason = "not every system says as much")]
    fn of(found: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        Some(Self {
            device: found.dev(),
            inode: found.ino(),
            bytes: found.size(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        })
    }

    /// Elsewhere nothing tells of a change that a time cannot be set back after.
    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Option<Self> {
        None
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use proptest::prelude::*;

    use super::*;

    /// What is done to a file, or to what stands in its place.
    #[derive(Debug, Clone)]
    enum FileStep {
        /// Other text of the same length is written into it.
        Write(u8),
        /// The same, and its time of modification is set back to what it was.
        WriteAndSetBack(u8),
        /// Another file is renamed to its place, with its time of modification.
        Replace(u8),
        Remove,
        /// It is looked at, at once or when it has long been left alone.
        Look {
            is_late: bool,
        },
    }

    fn steps() -> impl Strategy<Value = Vec<FileStep>> {
        let step = prop_oneof![
            (0..3_u8).prop_map(FileStep::Write),
            (0..3_u8).prop_map(FileStep::WriteAndSetBack),
            (0..3_u8).prop_map(FileStep::Replace),
            Just(FileStep::Remove),
            any::<bool>().prop_map(|is_late| FileStep::Look { is_late }),
            any::<bool>().prop_map(|is_late| FileStep::Look { is_late }),
        ];
        prop::collection::vec(step, 1..30)
    }

    /// Has the clock of the file system tick: what was looked at as if long ago would otherwise be written to in the same tick.
    fn tick(folder: &Path) {
        let time = || {
            let scratch = folder.join("scratch");
            fs::write(&scratch, "x").expect("written");
            let found = fs::metadata(scratch).expect("there");
            (found.ctime(), found.ctime_nsec())
        };
        let begin = time();
        while time() == begin {}
    }

    fn hash(text: &str) -> Hash {
        blake3::hash(text.as_bytes())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_file_that_changed_is_never_taken_for_the_one_it_was(steps in steps()) {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("a.txt");
            let text = |number: u8| format!("Satz {number}.");
            let mut holds = Some(0);
            fs::write(&path, text(0)).expect("written");
            let mut mark = FileMark::of_hash(hash(&text(0)));
            for step in steps {
                let modified = fs::metadata(&path).and_then(|found| found.modified());
                let set_back = |path: &Path| {
                    if let Ok(modified) = modified {
                        let file = File::options().write(true).open(path).expect("opened");
                        file.set_modified(modified).expect("set back");
                    }
                };
                match step {
                    FileStep::Write(number) => {
                        fs::write(&path, text(number)).expect("written");
                        holds = Some(number);
                    }
                    FileStep::WriteAndSetBack(number) => {
                        fs::write(&path, text(number)).expect("written");
                        set_back(&path);
                        holds = Some(number);
                    }
                    FileStep::Replace(number) => {
                        let new = folder.path().join("new");
                        fs::write(&new, text(number)).expect("written");
                        set_back(&new);
                        fs::rename(new, &path).expect("renamed");
                        holds = Some(number);
                    }
                    FileStep::Remove => {
                        let _ = fs::remove_file(&path);
                        holds = None;
                    }
                    FileStep::Look { is_late } => {
                        let late = if is_late { Duration::from_mins(1) } else { Duration::ZERO };
                        let is_same = mark.is_at_by(&path, Links::Refused, SystemTime::now() + late);
                        prop_assert_eq!(is_same.expect("looked at"), holds == Some(0));
                        if is_late {
                            tick(folder.path());
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_file_that_was_left_alone_is_known_without_reading_and_one_of_a_moment_ago_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.txt");
        fs::write(&path, "Text.").expect("written");
        let mut mark = FileMark::of_hash(hash("Text."));
        assert!(mark.is_at(&path, Links::Followed).expect("read"));
        assert_eq!(mark.stamp, None, "it could be written to in the same moment");
        assert!(mark.is_at_by(&path, Links::Followed, SystemTime::now() + 2 * QUIET).expect("read"));
        assert!(mark.stamp.is_some());
        // By its stamp alone: what it is said to hold is another text.
        mark.hash = hash("Other.");
        assert!(mark.is_at(&path, Links::Followed).expect("looked at"));
    }

    #[test]
    fn a_link_is_another_file_unless_it_is_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, link) = (folder.path().join("a.txt"), folder.path().join("b.txt"));
        fs::write(&path, "Text.").expect("written");
        std::os::unix::fs::symlink(&path, &link).expect("linked");
        let mut mark = FileMark::of_hash(hash("Text."));
        assert!(mark.is_at(&link, Links::Followed).expect("read"));
        assert!(!mark.is_at(&link, Links::Refused).expect("looked at"));
        assert!(!mark.is_at(folder.path(), Links::Followed).expect("looked at"));
        assert!(!mark.is_at(&path.join("below"), Links::Refused).expect("looked at"));
    }
}
