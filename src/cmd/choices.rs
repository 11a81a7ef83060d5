//! Enums as values of flags, which shells complete. The rooms that have the enums know nothing of the command line.

use clap::builder::PossibleValuesParser;
use strum::VariantArray;

/// Takes the name of any variant.
pub(super) fn any_of<T>() -> PossibleValuesParser
where
    T: VariantArray + Copy + Into<&'static str>,
{
    PossibleValuesParser::new(
        T::VARIANTS.iter().map(|variant| (*variant).into()).collect::<Vec<&'static str>>(),
    )
}
