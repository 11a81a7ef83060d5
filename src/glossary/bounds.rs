//! How large a glossary may be.
//!
//! Finding terms takes some 1.3 kB of memory for each form of an entry, and 30 bytes for each byte of a term list in
//! JSON: at these bounds a glossary takes between one and two GB. Glossaries in use have less than a tenth of that.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::error::GlossaryError;
use crate::model::Entry;

/// Bytes of all files of a glossary.
pub(super) const BYTES: u64 = 64 << 20;

/// Entries, and the further forms that they have.
pub const FORMS: usize = 1_000_000;

/// Reads a file of at most `limit` bytes, and no more of any other: it may be a pipe or a device that has no end.
///
/// # Errors
///
/// If the file cannot be read or is larger.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    // Known before anything is read, where the system knows it.
    if file.metadata()?.len() > limit {
        return Err(too_large(limit));
    }
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(too_large(limit)) } else { Ok(bytes) }
}

fn too_large(limit: u64) -> io::Error {
    let message = format!("it has more than {} MiB; leave out what the articles do not need", limit >> 20);
    io::Error::new(io::ErrorKind::FileTooLarge, message)
}

/// Refuses entries that finding would take too much memory for.
///
/// # Errors
///
/// If there are more than [`FORMS`], with the further forms that they have.
pub fn check<'a>(path: &Path, entries: impl IntoIterator<Item = &'a Entry>) -> Result<(), GlossaryError> {
    let forms: usize = entries.into_iter().map(|entry| 1 + entry.forms.len() + entry.avoid.len()).sum();
    if forms <= FORMS {
        return Ok(());
    }
    let message = format!("{forms} entries and forms; a glossary may have {FORMS}");
    let source = io::Error::new(io::ErrorKind::FileTooLarge, message);
    Err(GlossaryError::Read { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::glossary::Glossary;
    use crate::model::Origin;

    fn refused(path: &Path) {
        match Glossary::load(path) {
            Err(GlossaryError::Read { source, .. }) if source.kind() == io::ErrorKind::FileTooLarge => {}
            other => panic!("{}: {other:?}", path.display()),
        }
    }

    #[test]
    fn a_glossary_that_is_too_large_is_refused_before_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["terms.tsv", "terms.jsonl"] {
            // Holes take no room on the disk.
            let path = folder.path().join(name);
            File::create(&path).unwrap().set_len(2 << 30).unwrap();
            refused(&path);
        }
        std::fs::remove_file(folder.path().join("terms.tsv")).unwrap();
        for name in ["a.tsv", "b.tsv"] {
            let line = format!("source\ttarget\n#{}\n", " ".repeat(40 << 20));
            std::fs::write(folder.path().join(name), line).unwrap();
        }
        refused(folder.path());
    }

    #[cfg(unix)]
    #[test]
    fn a_device_without_an_end_is_refused() {
        refused(Path::new("/dev/zero"));
    }

    #[test]
    fn entries_are_counted_with_their_forms() {
        let origin = Origin { path: "g.tsv".into(), line: 1 };
        let mut entry = Entry::new("Amt", "office", origin);
        let fits = vec![entry.clone(); 10];
        check(Path::new("g.tsv"), &fits).unwrap();
        entry.forms = vec!["Ämter".to_owned(); FORMS];
        assert!(check(Path::new("g.tsv"), [&entry]).is_err());
    }
}
