//! What writes the units of a format.

use std::io;

use super::unit::BilingualUnit;

/// Writes units one after another. A file has its head when its writer is made, and is whole only when the writer is finished.
pub trait UnitWriter {
    /// Writes the next unit.
    ///
    /// # Errors
    /// It cannot be written.
    fn write(&mut self, unit: &BilingualUnit) -> io::Result<()>;

    /// Writes what stands behind the last unit.
    ///
    /// # Errors
    /// It cannot be written.
    fn finish(self: Box<Self>) -> io::Result<()>;
}
