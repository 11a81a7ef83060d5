//! Lines for people and programs, on standard output.

use std::io::{self, Write};

use super::failure::Failure;

/// A line on standard output, of a command that is there to print.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")?;
    Ok(())
}

/// A line on standard output about work that goes on: it is done to its end, even if the reader goes, as that of `| head` does.
pub(super) fn tell(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(format!("{text}\n").as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}
