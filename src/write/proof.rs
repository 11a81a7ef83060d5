//! What outputs are held against later, without the memory and the glossary.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::view::views;
use crate::disk::hexadecimal;
use crate::model::{EntryKind, ParallelDocument, Unit};

/// What the files of an article or corpus were made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The hash of the bytes of the article's file.
    #[serde(with = "hexadecimal")]
    pub source: blake3::Hash,
    /// The hash of the decoded text of the article; of a corpus, of the texts of its records, one after another.
    #[serde(with = "hexadecimal")]
    pub text: blake3::Hash,
    /// The hash of the English: of the hashes of what is shown for each segment.
    #[serde(with = "hexadecimal")]
    pub english: blake3::Hash,
    /// The hash of the glossary entries that occur in it.
    #[serde(with = "hexadecimal")]
    pub entries: blake3::Hash,
}

impl Proof {
    /// Whether two files are of the same text and have the same English.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.text == other.text && self.english == other.english
    }
}

/// Takes the texts and the entries of documents together, one after another.
#[derive(Debug, Default)]
pub struct ProofHasher {
    text: blake3::Hasher,
    english: blake3::Hasher,
    entries: BTreeSet<[u8; 32]>,
}

impl ProofHasher {
    /// Takes a document.
    pub(super) fn add(&mut self, document: &ParallelDocument) {
        self.add_text(&document.source().article().text);
        for view in views(document) {
            self.add_english(blake3::hash(view.texts().shown().as_bytes()).as_bytes());
        }
        for (term, _) in document.units().iter().flat_map(Unit::terms) {
            let entry = &term.entry;
            self.add_entry(entry_hash(&entry.source, entry.kind, &entry.targets));
        }
    }

    /// Takes the next piece of text.
    pub fn add_text(&mut self, text: &str) {
        self.text.update(text.as_bytes());
    }

    /// Takes the hashes of what is shown for the next segments.
    pub fn add_english(&mut self, hashes: &[u8]) {
        self.english.update(hashes);
    }

    /// Takes an entry by its hash, however often it occurs.
    pub fn add_entry(&mut self, entry: blake3::Hash) {
        self.entries.insert(*entry.as_bytes());
    }

    /// The proof of all that was taken; `source` is the hash of the file it came from.
    #[must_use]
    pub fn finish(&self, source: [u8; 32]) -> Proof {
        let mut entries = blake3::Hasher::new();
        for entry in &self.entries {
            entries.update(entry);
        }
        Proof {
            source: blake3::Hash::from_bytes(source),
            text: self.text.finalize(),
            english: self.english.finalize(),
            entries: entries.finalize(),
        }
    }
}

/// The hash of what makes the term of an entry hold.
#[must_use]
pub fn entry_hash(source: &str, kind: EntryKind, targets: &[impl AsRef<str>]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    // With lengths before the texts, no two entries give the same bytes.
    for text in [source, kind.as_str()].into_iter().chain(targets.iter().map(AsRef::as_ref)) {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::testing::{Sample, document, term, translated};

    fn proof(sample: Sample) -> Proof {
        let mut hasher = ProofHasher::default();
        hasher.add(&document(&[sample]));
        hasher.finish([7; 32])
    }

    #[test]
    fn the_hash_of_an_entry_is_of_all_that_makes_it_hold() {
        let hash = |source: &str, kind, targets: &[&str]| entry_hash(source, kind, targets);
        let own = hash("See", EntryKind::Term, &["lake", "sea"]);
        assert_eq!(own, hash("See", EntryKind::Term, &["lake", "sea"]));
        for other in [
            hash("Seen", EntryKind::Term, &["lake", "sea"]),
            hash("See", EntryKind::Name, &["lake", "sea"]),
            hash("See", EntryKind::Term, &["sea", "lake"]),
            hash("See", EntryKind::Term, &["lakes", "ea"]),
            hash("See", EntryKind::Term, &["lake"]),
        ] {
            assert_ne!(own, other);
        }
    }

    #[test]
    fn a_proof_tells_text_english_and_entries_apart() {
        let sample = || Sample::paragraph("Am See. ").then("Im See.");
        let own = proof(sample());
        assert_eq!(own, proof(sample()));
        assert_eq!(own.text, blake3::hash(b"Am See. Im See."));
        let longer = proof(Sample::paragraph("Am See.  ").then("Im See."));
        assert!(longer.text != own.text && longer.english == own.english && !longer.says_the_same(&own));
        let mut other = sample();
        translated(&mut other.segments[1]).target = "In the lake.".to_owned();
        let other = proof(other);
        assert!(other.text == own.text && other.english != own.english && !other.says_the_same(&own));
        let mut terms = sample();
        translated(&mut terms.segments[0]).terms = vec![term("See", "lake", 3..6, None)];
        let once = proof(terms.clone());
        assert!(once.entries != own.entries && once.says_the_same(&own));
        // How often an entry occurs, and whether it holds, is not its own affair.
        translated(&mut terms.segments[1]).terms = vec![term("See", "lake", 3..6, Some(0..2))];
        assert_eq!(proof(terms).entries, once.entries);
    }
}
