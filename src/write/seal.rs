//! The seal of a manifest: its last line, the hash of all lines before it.
//!
//! It holds no secret: who means to can make another one. What it shows is that nobody changed the manifest by mistake, and
//! that no process was killed while it wrote.

use blake3::{Hash, Hasher};
use memchr::memmem;

/// How the line of a seal begins; that of a file begins with its path.
const START: &[u8] = b"{\"seal\":";

/// What the seal of a manifest says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    /// The manifest is as wortlaut wrote it.
    Whole,
    /// There is none: an earlier version made none, or it is gone.
    Absent,
    /// Lines were added behind it: a process is at work, or was killed.
    Open,
    /// The lines before it are others than those that were sealed.
    Broken,
}

/// Looks at the lines of a manifest for its seals: there is another one before lines that were added later.
#[derive(Debug, Default)]
pub(super) struct SealReader {
    hasher: Hasher,
    last: Option<Seal>,
}

impl SealReader {
    /// Takes the next lines.
    pub(super) fn take(&mut self, lines: &[u8]) {
        let mut taken = 0;
        for start in memmem::find_iter(lines, START).filter(|at| *at == 0 || lines[*at - 1] == b'\n') {
            let end = memchr::memchr(b'\n', &lines[start..]).map_or(lines.len(), |end| start + end + 1);
            self.hasher.update(&lines[taken..start]);
            let is_whole = lines[start..end] == *seal_line(self.hasher.finalize()).as_bytes();
            self.last = match self.last {
                Some(Seal::Broken) => Some(Seal::Broken),
                _ if is_whole => Some(Seal::Whole),
                _ => Some(Seal::Broken),
            };
            self.hasher.update(&lines[start..end]);
            taken = end;
        }
        self.hasher.update(&lines[taken..]);
        if taken < lines.len() && self.last == Some(Seal::Whole) {
            self.last = Some(Seal::Open);
        }
    }

    /// What was found.
    pub(super) fn found(&self) -> Seal {
        self.last.unwrap_or(Seal::Absent)
    }
}

/// Whether a line of a manifest is a seal.
pub(super) fn is_seal(line: &[u8]) -> bool {
    line.starts_with(START)
}

/// Puts a seal behind the lines of a manifest; without any lines there is nothing to be sealed.
pub(super) fn push_seal(lines: &mut Vec<u8>) {
    if !lines.is_empty() {
        let seal = seal_line(blake3::hash(lines));
        lines.extend_from_slice(seal.as_bytes());
    }
}

fn seal_line(hash: Hash) -> String {
    format!("{{\"seal\":\"{}\"}}\n", hash.to_hex())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(manifest: &[u8]) -> Seal {
        let mut reader = SealReader::default();
        reader.take(manifest);
        // However much is read at once, it is the same.
        let mut slow = SealReader::default();
        manifest.split_inclusive(|byte| *byte == b'\n').for_each(|line| slow.take(line));
        assert_eq!(reader.found(), slow.found());
        reader.found()
    }

    fn sealed(lines: &str) -> Vec<u8> {
        let mut manifest = lines.as_bytes().to_vec();
        push_seal(&mut manifest);
        manifest
    }

    #[test]
    fn a_seal_holds_for_the_lines_before_it() {
        assert_eq!(found(&sealed("{\"path\":\"a\"}\n")), Seal::Whole);
        assert_eq!(found(b"{\"path\":\"a\"}\n"), Seal::Absent);
        // A process went on behind it, and was killed; the next one ended as it should.
        let longer = [&sealed("{\"path\":\"a\"}\n")[..], b"{\"path\":\"b\"}\n"].concat();
        assert_eq!(found(&longer), Seal::Open);
        assert_eq!(found(&sealed(&String::from_utf8(longer).expect("UTF-8"))), Seal::Whole);
        assert!(sealed("").is_empty());
    }

    proptest! {
        #[test]
        fn no_byte_of_a_sealed_manifest_can_be_another_one(
            lines in "(\\{\"path\":\"[a-z]{1,5}\"\\}\n){1,4}",
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
        ) {
            let manifest = sealed(&lines);
            let mut changed = manifest.clone();
            let at = at.index(changed.len());
            changed[at] = byte;
            prop_assert_eq!(found(&changed) == Seal::Whole, changed == manifest);
            prop_assert!(found(&manifest[..at]) != Seal::Whole);
        }
    }
}
