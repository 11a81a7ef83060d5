//! The seal of a manifest: its last line, the hash of all lines before it.
//!
//! It holds no secret: who means to can make another one. What it shows is that nobody changed the manifest by mistake, and
//! that no process was killed while it wrote.

use blake3::{Hash, Hasher};

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
    /// Takes the next line, and says whether it is a seal.
    pub(super) fn takes(&mut self, line: &[u8]) -> bool {
        let is_seal = line.starts_with(START);
        self.last = match self.last {
            Some(Seal::Broken) => Some(Seal::Broken),
            _ if is_seal && line == seal_line(self.hasher.finalize()).as_bytes() => Some(Seal::Whole),
            _ if is_seal => Some(Seal::Broken),
            Some(_) => Some(Seal::Open),
            None => None,
        };
        self.hasher.update(line);
        is_seal
    }

    /// What was found.
    pub(super) fn found(&self) -> Seal {
        self.last.unwrap_or(Seal::Absent)
    }
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
        for line in manifest.split_inclusive(|byte| *byte == b'\n') {
            reader.takes(line);
        }
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
