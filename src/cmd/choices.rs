//! Enums as values of flags, which shells complete. The rooms that have the enums know nothing of the command line.

use clap::builder::{PossibleValue, PossibleValuesParser};
use strum::VariantArray;

use crate::write::OutputFormat;

/// Takes the name of any variant.
pub(super) fn any_of<T>() -> PossibleValuesParser
where
    T: VariantArray + Copy + Into<&'static str>,
{
    PossibleValuesParser::new(
        T::VARIANTS.iter().map(|variant| (*variant).into()).collect::<Vec<&'static str>>(),
    )
}

/// Takes the name of any output format, each explained.
pub(super) fn formats() -> PossibleValuesParser {
    let choice = |format: &OutputFormat| PossibleValue::new(format.as_str()).help(format.describe());
    let all =
        PossibleValue::new(OutputFormat::ALL).help("all of these that do not have the file of an input");
    PossibleValuesParser::new(OutputFormat::VARIANTS.iter().map(choice).chain([all]).collect::<Vec<_>>())
}
