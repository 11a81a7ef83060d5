//! Lines for people and programs, on standard output.

use std::io::{self, Write};

use super::failure::Failure;

/// A line on standard output.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")?;
    Ok(())
}
