//! Enums as values of flags, which shells complete. The rooms that have the enums know nothing of the command line.

use clap::builder::PossibleValuesParser;
use strum::VariantArray;

/// Takes the name of any variant.
pub(super) fn any_of<T>() -> PossibleValuesParser
where
    T: VariantArray + Copy + Into<&'static str>,
{
    any_but::<T>(&[])
}

/// Takes the name of any variant but some.
pub(super) fn any_but<T>(others: &[&str]) -> PossibleValuesParser
where
    T: VariantArray + Copy + Into<&'static str>,
{
    let names = T::VARIANTS.iter().map(|variant| (*variant).into());
    PossibleValuesParser::new(names.filter(|name| !others.contains(name)).collect::<Vec<&'static str>>())
}
