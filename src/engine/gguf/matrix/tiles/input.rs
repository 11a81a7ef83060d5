//! What tiles are multiplied with.

#![expect(clippy::inline_always, reason = "only what is inlined gets the instructions that were found")]

use super::format::BLOCK;
use super::vector::{Instructions, Vector, VectorWork};
use crate::engine::gguf::threads::spread;

/// Rows of numbers, rounded to bytes.
pub(crate) struct QuantisedRows {
    width: usize,
    /// Those of the first row, then those of the next.
    blocks: Vec<QuantisedBlock>,
}

/// 256 numbers of a row.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub(super) struct QuantisedBlock {
    /// Four bytes with a sign in each place.
    pub(super) values: [u32; BLOCK / 4],
    /// The sums of twice 16 values, as two words.
    pub(super) sums: [u32; BLOCK / 32],
    /// What a value is to be multiplied with.
    pub(super) factor: f32,
}

impl QuantisedRows {
    /// Rounds rows of a width, a multiple of 256.
    pub(crate) fn new(numbers: &[f32], width: usize) -> Self {
        /// To round a number takes as long as this many multiplications.
        const ROUND: usize = 16;
        let empty = QuantisedBlock { values: [0; _], sums: [0; _], factor: 0.0 };
        let mut blocks = vec![empty; numbers.len() / BLOCK];
        let rows = numbers.chunks_exact(width).zip(blocks.chunks_exact_mut(width / BLOCK));
        spread(rows.collect(), ROUND * numbers.len(), |(numbers, blocks)| {
            // Without any of these there are no tiles.
            if let Some(instructions) = Instructions::best() {
                instructions.run(Rounding { numbers, blocks });
            }
        });
        Self { width, blocks }
    }

    /// How many rows there are.
    pub(super) fn count(&self) -> usize {
        self.blocks.len() / self.row()
    }

    /// Blocks of a row.
    pub(super) fn row(&self) -> usize {
        self.width / BLOCK
    }

    /// A block of a row.
    #[inline(always)]
    pub(super) fn block(&self, row: usize, block: usize) -> &QuantisedBlock {
        &self.blocks[row * self.row() + block]
    }
}

struct Rounding<'a> {
    numbers: &'a [f32],
    blocks: &'a mut [QuantisedBlock],
}

impl VectorWork for Rounding<'_> {
    #[inline(always)]
    fn run<V: Vector>(self, _: V) {
        for (numbers, block) in self.numbers.as_chunks().0.iter().zip(self.blocks) {
            round(numbers, block);
        }
    }
}

#[inline(always)]
fn round(numbers: &[f32; BLOCK], block: &mut QuantisedBlock) {
    const MOST: f32 = 127.0;
    /// 3 · 2^22: added to a number between −2^22 and 2^22 it leaves the nearest whole one in the lowest bits, the even one of
    /// two. A conversion would be done number by number.
    const ROUNDING: f32 = 12_582_912.0;
    let largest = numbers.iter().fold(0f32, |largest, number| largest.max(number.abs()));
    let scale = if largest > 0.0 { MOST / largest } else { 0.0 };
    block.factor = largest / MOST;
    let mut values = [0; BLOCK];
    for (value, number) in values.iter_mut().zip(numbers) {
        *value = (number * scale + ROUNDING).to_bits().to_le_bytes()[0];
    }
    for (word, values) in block.values.iter_mut().zip(values.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*values);
    }
    for (word, values) in block.sums.iter_mut().zip(values.as_chunks::<32>().0) {
        let (low, high) = values.split_at(16);
        *word = u32::from(sum(low)) | u32::from(sum(high)) << 16;
    }
}

/// The sum of bytes with a sign, as a word.
#[inline(always)]
fn sum(values: &[u8]) -> u16 {
    let mut sum = 0i16;
    for value in values {
        sum += i16::from(value.cast_signed());
    }
    sum.cast_unsigned()
}
