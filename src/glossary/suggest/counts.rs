//! What is counted of a candidate.

/// What is known about a candidate.
#[derive(Debug, Clone, Default)]
pub(super) struct CandidateCounts {
    pub(super) count: u32,
    /// Occurrences in which its capital says something.
    pub(super) inside: u32,
    /// Occurrences behind an article or what else stands before nouns.
    pub(super) behind: u32,
    /// Occurrences as only a name has them: right behind *in* or *nach*, or with a genitive -s before a noun.
    pub(super) as_name: u32,
    pub(super) place: String,
    pub(super) example: String,
}

impl CandidateCounts {
    /// Adds what was counted of another form of the same candidate.
    pub(super) fn add(&mut self, other: Self) {
        self.count += other.count;
        self.inside += other.inside;
        self.behind += other.behind;
        self.as_name += other.as_name;
        if other.place < self.place {
            (self.place, self.example) = (other.place, other.example);
        }
    }
}
