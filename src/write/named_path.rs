//! A path that a person named as an output: links are followed, and what is not a file is written through.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::disk::PathKind;

/// Links that lead to links, at most; as many as Linux follows.
const MAX_LINKS: usize = 40;

/// Where a path leads that a person named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedPath {
    /// A regular file, or nothing yet: the end of all links.
    File(PathBuf),
    Folder,
    /// A device, a pipe or a socket, which is written through and never replaced.
    Stream(PathBuf),
}

impl NamedPath {
    /// Follows a path.
    ///
    /// # Errors
    /// The path cannot be looked at, or its links lead in a circle.
    pub fn at(path: &Path) -> io::Result<Self> {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Ok(Self::Folder),
            // Links into /proc, such as /dev/fd/63, lead to names that are not paths: the link itself is opened.
            Ok(found) if !found.is_file() => Ok(Self::Stream(path.to_owned())),
            Ok(_) if PathKind::at(path)? != PathKind::Link => Ok(Self::File(path.to_owned())),
            Ok(_) => fs::canonicalize(path).map(Self::File),
            Err(error) if error.kind() == ErrorKind::NotFound => end_of_links(path).map(Self::File),
            Err(error) => Err(error),
        }
    }
}

/// Where a link leads at whose end nothing stands.
fn end_of_links(path: &Path) -> io::Result<PathBuf> {
    let mut end = path.to_owned();
    for _ in 0..MAX_LINKS {
        if PathKind::at(&end)? != PathKind::Link {
            return Ok(end);
        }
        let next = fs::read_link(&end)?;
        end = end.parent().unwrap_or(Path::new("")).join(next);
    }
    Err(io::Error::other("its links lead in a circle"))
}

/// Opens a device, a pipe or a socket to write to it. Waits until somebody reads a pipe.
///
/// # Errors
/// It cannot be opened.
pub fn open_stream(path: &Path) -> io::Result<fs::File> {
    OpenOptions::new().write(true).open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_to_their_end_and_circles_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let root = dir.path().canonicalize().expect("there");
        let at = |name: &str| root.join(name);
        fs::write(at("real.txt"), "").expect("written");
        symlink("real.txt", at("one")).expect("linked");
        symlink("one", at("two")).expect("linked");
        symlink("nothing.txt", at("dangling")).expect("linked");
        symlink("circle", at("circle")).expect("linked");
        symlink("/dev/null", at("hole")).expect("linked");
        for (name, leads) in
            [("real.txt", "real.txt"), ("two", "real.txt"), ("dangling", "nothing.txt"), ("new", "new")]
        {
            assert_eq!(NamedPath::at(&at(name)).expect(name), NamedPath::File(at(leads)), "{name}");
        }
        assert_eq!(NamedPath::at(&root).expect("a folder"), NamedPath::Folder);
        for name in ["hole", "/dev/null"] {
            assert!(matches!(NamedPath::at(&at(name)), Ok(NamedPath::Stream(_))), "{name}");
        }
        assert!(NamedPath::at(&at("circle")).is_err());
    }
}
