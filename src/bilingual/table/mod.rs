//! Tables: a unit a row, below a header that names the columns. They hold texts without their markup.

mod columns;
mod delimited;
mod sheet_in;
mod sheet_out;

pub use delimited::{BYTE_ORDER_MARK, table_cell};
pub use sheet_out::{SheetLook, SheetWriter};

pub(super) use delimited::{DelimitedUnits, DelimitedWriter};
pub(super) use sheet_in::SheetUnits;
pub(super) use sheet_out::SheetStream;
