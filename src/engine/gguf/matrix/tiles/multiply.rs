//! The product of tiles with an input.

#![expect(clippy::inline_always, reason = "only what is inlined gets the instructions that were found")]

use std::marker::PhantomData;

use super::format::{BlockFormat, GROUP, GROUPS, TileScales};
use super::input::{QuantisedBlock, QuantisedRows};
use super::vector::{ROWS, TileLine, Vector, VectorWork};

/// How many tiles ahead to prefetch. Without it a single row was multiplied at half the speed, as the processor's own prefetching
/// starts anew with each page of memory.
const AHEAD: usize = 2;

/// Strips of 16 rows of a matrix, to be multiplied with all rows of an input.
pub(super) struct Strips<'a, F> {
    lines: &'a [TileLine],
    input: &'a QuantisedRows,
    /// The products of each row of the input with all strips.
    outputs: Vec<&'a mut [f32]>,
    format: PhantomData<F>,
}

impl<'a, F> Strips<'a, F> {
    pub(super) fn new(lines: &'a [TileLine], input: &'a QuantisedRows, outputs: Vec<&'a mut [f32]>) -> Self {
        Self { lines, input, outputs, format: PhantomData }
    }
}

impl<F: BlockFormat> VectorWork for Strips<'_, F> {
    /// Rows of the input are taken by eight, as far as that goes: with more there are not enough registers.
    #[inline(always)]
    fn run<V: Vector>(self, vector: V) {
        let Self { lines, input, mut outputs, .. } = self;
        let mut sums = vec![vector.splat_real(0.0); input.count()];
        let mut ahead = lines.chunks_exact(F::LINES).skip(AHEAD);
        for (number, strip) in lines.chunks_exact(input.row() * F::LINES).enumerate() {
            sums.fill(vector.splat_real(0.0));
            for (block, lines) in strip.chunks_exact(F::LINES).enumerate() {
                for line in ahead.next().unwrap_or_default() {
                    vector.prefetch(line);
                }
                let tile = Tile::<V, F> { lines, scales: F::scales(vector, lines), format: PhantomData };
                let mut done = 0;
                done += tile.add_all::<8>(vector, input, block, done, &mut sums);
                done += tile.add_all::<4>(vector, input, block, done, &mut sums);
                done += tile.add_all::<2>(vector, input, block, done, &mut sums);
                tile.add_all::<1>(vector, input, block, done, &mut sums);
            }
            for (output, sum) in outputs.iter_mut().zip(&sums) {
                output[number * ROWS..(number + 1) * ROWS].copy_from_slice(&vector.store(*sum));
            }
        }
    }
}

/// The blocks of 16 rows.
struct Tile<'a, V: Vector, F> {
    lines: &'a [TileLine],
    scales: TileScales<V>,
    format: PhantomData<F>,
}

impl<V: Vector, F: BlockFormat> Tile<'_, V, F> {
    /// Adds the products with the rows of the input from `first` on, by `TOGETHER` as far as that goes; how many rows these
    /// were.
    #[inline(always)]
    fn add_all<const TOGETHER: usize>(
        &self,
        vector: V,
        input: &QuantisedRows,
        block: usize,
        first: usize,
        sums: &mut [V::Real],
    ) -> usize {
        let (groups, _) = sums[first..].as_chunks_mut::<TOGETHER>();
        let done = groups.len() * TOGETHER;
        for (group, sums) in groups.iter_mut().enumerate() {
            let row = first + group * TOGETHER;
            let mut inputs = [input.block(row, block); TOGETHER];
            for (index, input_block) in inputs.iter_mut().enumerate() {
                *input_block = input.block(row + index, block);
            }
            self.add(vector, inputs, sums);
        }
        done
    }

    /// Adds the products with some rows of the input.
    #[inline(always)]
    fn add<const TOGETHER: usize>(
        &self,
        vector: V,
        inputs: [&QuantisedBlock; TOGETHER],
        sums: &mut [V::Real; TOGETHER],
    ) {
        let (v, scales) = (vector, &self.scales);
        let mut whole = [v.splat(0); TOGETHER];
        for group in 0..GROUPS {
            let values = F::values(v, self.lines, group);
            for run in 0..GROUP / F::ADDED {
                let first = run * F::ADDED;
                let mut words = [v.splat(0); TOGETHER];
                for index in 0..F::ADDED {
                    let line = first + index;
                    let place = F::place(group, line);
                    for row in 0..TOGETHER {
                        let product = v.multiply_bytes(values[line], v.splat(inputs[row].values[place]));
                        words[row] = v.add_words(words[row], product);
                    }
                }
                let scale = scales.scales[F::scale(group, first)];
                for row in 0..TOGETHER {
                    whole[row] = v.add(whole[row], v.multiply_words(words[row], scale));
                }
            }
        }
        for row in 0..TOGETHER {
            let mut offset = v.splat(0);
            for place in 0..scales.offsets.len() {
                let sums = v.splat(inputs[row].sums[place]);
                offset = v.add(offset, v.multiply_words(scales.offsets[place], sums));
            }
            let factor = v.splat_real(inputs[row].factor);
            let sum = v.multiply_add(v.real(whole[row]), v.multiply(scales.factor, factor), sums[row]);
            sums[row] = v.multiply_subtract(v.real(offset), v.multiply(scales.offset_factor, factor), sum);
        }
    }
}
