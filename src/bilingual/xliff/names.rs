//! Names of categories and types.

/// The category of wortlaut's own metadata, and the purpose of its own contexts.
pub(super) const OWN: &str = "wortlaut";

/// The type of an atom whose equivalent text is what it reads as, to the letter.
pub(super) const READS_AS: &str = "wortlaut:text";
