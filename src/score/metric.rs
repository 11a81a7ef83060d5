//! The metrics, and what they come to.

use strum::{EnumString, IntoStaticStr, VariantArray};

use super::{bleu, chrf, ter};

/// A metric of a translation against references.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "lowercase")]
pub enum Metric {
    /// chrF: n-grams of one to six characters.
    Chrf,
    /// chrF++: those, and n-grams of one and two words.
    #[strum(serialize = "chrf++")]
    ChrfPlusPlus,
    /// BLEU: n-grams of one to four words.
    Bleu,
    /// TER: words to be changed and phrases to be moved, per word of the reference.
    Ter,
}

impl Metric {
    /// The name used in JSON and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The name as papers write it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Chrf => "chrF",
            Self::ChrfPlusPlus => "chrF++",
            Self::Bleu => "BLEU",
            Self::Ter => "TER",
        }
    }

    /// Whether a higher score is better.
    #[must_use]
    pub fn rises(self) -> bool {
        self != Self::Ter
    }

    /// How many counts of a segment it needs.
    pub(super) fn width(self) -> usize {
        match self {
            Self::Chrf => chrf::OF_CHARACTERS,
            Self::ChrfPlusPlus => chrf::OF_CHARACTERS_AND_WORDS,
            Self::Bleu => bleu::COUNTS,
            Self::Ter => ter::COUNTS,
        }
    }

    /// The score of summed counts.
    pub(super) fn score(self, counts: &[u64], references: usize) -> f64 {
        match self {
            Self::Chrf | Self::ChrfPlusPlus => chrf::score(counts),
            Self::Bleu => bleu::score(counts),
            Self::Ter => ter::score(counts, references),
        }
    }
}
