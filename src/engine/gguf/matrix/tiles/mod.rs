//! Matrices of 4-bit and 6-bit weights (`Q4_K`, `Q6_K`) in the order in which vector instructions want them.
//!
//! Such a file has each row of a matrix in blocks of 256 weights. A tile is the blocks of 16 rows that stand below each other,
//! word by word: a line of it has the same four bytes of all 16 rows, so that one instruction does the same for each row. No
//! value is changed, and all of them take at most 1% more room than in the file.
//!
//! A product takes its input as bytes, too, rounded in blocks of 256 with a factor each, as llama.cpp and candle do. All sums
//! up to the end of a block are whole numbers, and behind it the order is fixed: the product of a row does not depend
//! on the rows beside it, nor on the instructions.

mod format;
mod input;
mod multiply;
#[cfg(test)]
mod tests;
mod vector;

use std::borrow::Cow;
use std::io::{self, Read};

use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use candle_core::utils::barrier_pool;
use candle_core::{Device, Error};

use self::format::{BLOCK, BlockFormat, Q4K, Q6K};
pub(super) use self::input::QuantisedRows;
use self::multiply::Strips;
use self::vector::{Instructions, ROWS, TileLine};
use crate::engine::gguf::threads::spread;

/// Bytes that are read from a file at once, at least.
const PIECE: usize = 1 << 18;

/// How a matrix is laid out in tiles.
#[derive(Debug)]
pub(super) struct TileLayout {
    format: TileFormat,
    rows: usize,
    columns: usize,
    instructions: Instructions,
    /// Bytes of a block.
    bytes: usize,
    /// Which line of a tile each word of a block has.
    places: Vec<usize>,
}

#[derive(Debug, Clone, Copy)]
enum TileFormat {
    Q4K,
    Q6K,
}

impl TileLayout {
    /// The layout of a matrix; `None` if there is none for it, or none for this processor.
    pub(super) fn new(format: GgmlDType, rows: usize, columns: usize) -> Option<Self> {
        match format {
            GgmlDType::Q4K => Self::of::<Q4K>(TileFormat::Q4K, rows, columns),
            GgmlDType::Q6K => Self::of::<Q6K>(TileFormat::Q6K, rows, columns),
            _ => None,
        }
    }

    fn of<F: BlockFormat>(format: TileFormat, rows: usize, columns: usize) -> Option<Self> {
        let fits = rows > 0 && columns > 0 && rows.is_multiple_of(ROWS) && columns.is_multiple_of(BLOCK);
        let instructions = Instructions::best().filter(|_| fits)?;
        let places = (0..F::LINES).map(F::line).collect();
        Some(Self { format, rows, columns, instructions, bytes: F::BYTES, places })
    }

    /// Strips of the matrix.
    fn strips(&self) -> usize {
        self.rows / ROWS
    }

    /// Blocks of a row.
    fn blocks(&self) -> usize {
        self.columns / BLOCK
    }

    /// Lines of a strip.
    fn strip(&self) -> usize {
        self.blocks() * self.places.len()
    }
}

/// A matrix in tiles: strips of 16 rows, one after the other, each with its tiles from the first block to the last.
pub(crate) struct TiledMatrix {
    layout: TileLayout,
    lines: Vec<TileLine>,
}

impl TiledMatrix {
    /// Reads a matrix as it stands in a file.
    pub(super) fn read(layout: TileLayout, mut reader: impl Read) -> io::Result<Self> {
        let strip = ROWS * layout.blocks() * layout.bytes;
        let at_once = PIECE.div_ceil(strip).min(layout.strips());
        let mut piece = vec![0; at_once * strip];
        let mut matrix = Self { layout, lines: Vec::new() };
        matrix.lines.try_reserve_exact(matrix.layout.strips() * matrix.layout.strip())?;
        let mut left = matrix.layout.strips();
        while left > 0 {
            let count = left.min(at_once);
            let piece = &mut piece[..count * strip];
            reader.read_exact(piece)?;
            piece.chunks_exact(strip).for_each(|strip| matrix.push(strip));
            left -= count;
        }
        Ok(matrix)
    }

    /// Adds the next 16 rows.
    fn push(&mut self, strip: &[u8]) {
        let TileLayout { bytes, places, .. } = &self.layout;
        let mut tile = vec![TileLine([0; ROWS]); places.len()];
        for block in 0..self.layout.blocks() {
            for (number, row) in strip.chunks_exact(self.layout.blocks() * bytes).enumerate() {
                let (words, rest) = row[block * bytes..(block + 1) * bytes].as_chunks();
                for (word, place) in words.iter().zip(places) {
                    tile[*place].0[number] = u32::from_le_bytes(*word);
                }
                // A block may end with half a word.
                if let (Some(half), Some(place)) = (rest.first_chunk(), places.get(words.len())) {
                    tile[*place].0[number] = u32::from(u16::from_le_bytes(*half));
                }
            }
            self.lines.extend_from_slice(&tile);
        }
    }

    /// The product with every row of an input, one after the other.
    pub(super) fn product(&self, input: &QuantisedRows) -> Vec<f32> {
        let layout = &self.layout;
        let mut output = vec![0f32; input.count() * layout.rows];
        // Cores need not be equally fast.
        let parts = 4 * (barrier_pool().n_workers() + 1);
        let strips = layout.strips().div_ceil(parts);
        let mut outputs: Vec<Vec<&mut [f32]>> = Vec::new();
        outputs.resize_with(layout.strips().div_ceil(strips), Vec::new);
        for row in output.chunks_exact_mut(layout.rows) {
            for (part, outputs) in row.chunks_mut(strips * ROWS).zip(&mut outputs) {
                outputs.push(part);
            }
        }
        let operations = input.count() * layout.rows * layout.columns;
        let parts = self.lines.chunks(strips * layout.strip()).zip(outputs);
        spread(parts.collect(), operations, |(lines, outputs)| self.multiply(lines, input, outputs));
        output
    }

    /// Multiplies some strips; each of the outputs is of one row of the input.
    fn multiply(&self, lines: &[TileLine], input: &QuantisedRows, outputs: Vec<&mut [f32]>) {
        let instructions = self.layout.instructions;
        match self.layout.format {
            TileFormat::Q4K => instructions.run(Strips::<Q4K>::new(lines, input, outputs)),
            TileFormat::Q6K => instructions.run(Strips::<Q6K>::new(lines, input, outputs)),
        }
    }

    /// Some rows of the matrix itself, one after the other.
    pub(super) fn rows(&self, numbers: &[u32]) -> Result<Vec<f32>, Error> {
        let mut all = Vec::with_capacity(numbers.len() * self.layout.columns);
        for number in numbers {
            all.extend(self.row(*number as usize)?);
        }
        Ok(all)
    }

    fn row(&self, number: usize) -> Result<Vec<f32>, Error> {
        let TileLayout { format, rows, columns, bytes, places, .. } = &self.layout;
        let (strip, row) = (number / ROWS * self.layout.strip(), number % ROWS);
        let Some(strip) = self.lines.get(strip..strip + self.layout.strip()) else {
            return Err(Error::Msg(format!("there is no row {number} in a matrix of {rows}")));
        };
        let mut blocks = Vec::with_capacity(self.layout.blocks() * bytes);
        for tile in strip.chunks_exact(places.len()) {
            let words = places.iter().flat_map(|place| tile[*place].0[row].to_le_bytes());
            blocks.extend(words.take(*bytes));
        }
        let format = match format {
            TileFormat::Q4K => GgmlDType::Q4K,
            TileFormat::Q6K => GgmlDType::Q6K,
        };
        let storage = QStorage::from_data(Cow::Owned(blocks), &Device::Cpu, format)?;
        QTensor::new(storage, *columns)?.dequantize(&Device::Cpu)?.to_vec1()
    }
}
