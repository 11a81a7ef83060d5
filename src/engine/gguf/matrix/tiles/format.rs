//! What stands in the blocks of a format, as ggml lays them out (`ggml-quants.h` of llama.cpp).
//!
//! A weight of a block is `factor` · `scale` · `value` − `offset factor` · `offset`, where scale and offset are those of the
//! few weights around it.

#![expect(clippy::inline_always, reason = "only what is inlined gets the instructions that were found")]

use super::vector::{TileLine, Vector};

/// Weights per block.
pub(super) const BLOCK: usize = 256;

/// Groups per block: a group is what is unpacked at once, and fits into the registers.
pub(super) const GROUPS: usize = 4;

/// Lines per group, once unpacked. A line has four unsigned bytes of each row.
pub(super) const GROUP: usize = 16;

/// Scales and offsets of a tile, unpacked.
pub(super) struct TileScales<V: Vector> {
    /// Each scale twice, as two words; see [`BlockFormat::scale`].
    pub(super) scales: [V::Whole; 16],
    /// One offset for each 16 weights, two of them in a place as two words.
    pub(super) offsets: [V::Whole; 8],
    pub(super) factor: V::Real,
    pub(super) offset_factor: V::Real,
}

/// A format of weights.
pub(super) trait BlockFormat {
    /// Bytes of a block.
    const BYTES: usize;
    /// Lines of the blocks of 16 rows: the words of one, the last of which may be half a word.
    const LINES: usize = Self::BYTES.div_ceil(4);
    /// Consecutive lines with one scale whose products fit into a signed 16-bit sum. Each adds at most two products of the
    /// largest value and 127.
    const ADDED: usize;

    /// The line of a tile that holds a word of a block. Lines are in the order of their use, since sequential reads are the
    /// fastest.
    fn line(word: usize) -> usize;

    /// Unpacks the scales and offsets of a tile.
    fn scales<V: Vector>(vector: V, lines: &[TileLine]) -> TileScales<V>;

    /// Unpacks the values of a group.
    fn values<V: Vector>(vector: V, lines: &[TileLine], group: usize) -> [V::Whole; GROUP];

    /// The line of an input that a line of a group is multiplied with.
    fn place(group: usize, line: usize) -> usize;

    /// The index in [`TileScales::scales`] of the scale of a line of a group.
    fn scale(group: usize, line: usize) -> usize;
}

/// 4-bit weights with 6-bit scales and offsets for each 32 of them.
///
/// In a block stand factor and offset factor as halves; four bytes each of scales 0 to 3, of offsets 0 to 3 and of the lower
/// bits of both from 4 on, whose two higher bits stand above those of the first eight; and the values, the lower halves of 32
/// bytes before their higher ones.
pub(super) struct Q4K;

impl BlockFormat for Q4K {
    const BYTES: usize = 144;
    /// 8 · 2 · 15 · 127 < 2^15
    const ADDED: usize = 8;

    fn line(word: usize) -> usize {
        word
    }

    #[inline(always)]
    fn scales<V: Vector>(vector: V, lines: &[TileLine]) -> TileScales<V> {
        let v = vector;
        let factors = v.load(&lines[0]);
        let (scales, offsets, lower) = (v.load(&lines[1]), v.load(&lines[2]), v.load(&lines[3]));
        let (six, four, two) = (v.splat(0x3F3F_3F3F), v.splat(0x0F0F_0F0F), v.splat(0x3030_3030));
        let last_scales = v.or(v.and(lower, four), v.and(v.down::<2>(scales), two));
        let last_offsets = v.or(v.and(v.down::<4>(lower), four), v.and(v.down::<2>(offsets), two));
        let mut all = TileScales {
            scales: [v.splat(0); _],
            offsets: [v.splat(0); _],
            factor: v.half(factors),
            offset_factor: v.half(v.down::<16>(factors)),
        };
        spread_bytes(v, v.and(scales, six), &mut all.scales[..4]);
        spread_bytes(v, last_scales, &mut all.scales[4..8]);
        spread_bytes(v, v.and(offsets, six), &mut all.offsets[..4]);
        spread_bytes(v, last_offsets, &mut all.offsets[4..]);
        all
    }

    #[inline(always)]
    fn values<V: Vector>(vector: V, lines: &[TileLine], group: usize) -> [V::Whole; GROUP] {
        let v = vector;
        let four = v.splat(0x0F0F_0F0F);
        let mut values = [v.splat(0); GROUP];
        let Some(lines) = lines[4 + 8 * group..].first_chunk::<8>() else { return values };
        for line in 0..8 {
            let both = v.load(&lines[line]);
            values[line] = v.and(both, four);
            values[8 + line] = v.and(v.down::<4>(both), four);
        }
        values
    }

    #[inline(always)]
    fn place(group: usize, line: usize) -> usize {
        GROUP * group + line
    }

    #[inline(always)]
    fn scale(group: usize, line: usize) -> usize {
        2 * group + line / 8
    }
}

/// 6-bit weights, 32 less than their values, with 8-bit scales for each 16 of them.
///
/// In a block stand the lower four bits of the values, the higher two, the scales, and the factor as a half. For each 128
/// values there are 64 and 32 bytes: the lower halves of the former before their higher ones; the latter have the two bits of
/// the first 32 values at the lowest place, those of the next 32 above them, and so on.
pub(super) struct Q6K;

impl Q6K {
    /// Lines of a group: four times two of lower bits and one of higher ones.
    const GROUP_LINES: usize = 12;
}

impl BlockFormat for Q6K {
    const BYTES: usize = 210;
    /// 2 · 2 · 63 · 127 < 2^15
    const ADDED: usize = 2;

    fn line(word: usize) -> usize {
        let (half, index, kind) = match word {
            0..32 => (word / 16, word % 8, word / 8 % 2),
            32..48 => ((word - 32) / 8, word % 8, 2),
            48..52 => return 1 + word - 48,
            _ => return 0,
        };
        5 + (2 * half + index / 4) * Self::GROUP_LINES + 3 * (index % 4) + kind
    }

    #[inline(always)]
    fn scales<V: Vector>(vector: V, lines: &[TileLine]) -> TileScales<V> {
        let v = vector;
        let factor = v.half(v.load(&lines[0]));
        let mut all = TileScales {
            scales: [v.splat(0); _],
            offsets: [v.splat(0); _],
            factor,
            offset_factor: v.multiply(factor, v.splat_real(32.0)),
        };
        let word = v.splat(0xFFFF);
        for index in 0..4 {
            let bytes = v.load(&lines[1 + index]);
            let four = [
                v.and(v.highest_byte(v.up::<24>(bytes)), word),
                v.and(v.highest_byte(v.up::<16>(bytes)), word),
                v.and(v.highest_byte(v.up::<8>(bytes)), word),
                v.and(v.highest_byte(bytes), word),
            ];
            for (at, scale) in four.iter().enumerate() {
                all.scales[4 * index + at] = twice(v, *scale);
            }
            all.offsets[2 * index] = v.or(four[0], v.up::<16>(four[1]));
            all.offsets[2 * index + 1] = v.or(four[2], v.up::<16>(four[3]));
        }
        all
    }

    #[inline(always)]
    fn values<V: Vector>(vector: V, lines: &[TileLine], group: usize) -> [V::Whole; GROUP] {
        let v = vector;
        let (four, two) = (v.splat(0x0F0F_0F0F), v.splat(0x3030_3030));
        let mut values = [v.splat(0); GROUP];
        let lines = lines[5 + group * Self::GROUP_LINES..].first_chunk::<{ Self::GROUP_LINES }>();
        let Some(lines) = lines else { return values };
        for index in 0..4 {
            let (first, second) = (v.load(&lines[3 * index]), v.load(&lines[3 * index + 1]));
            let bits = v.load(&lines[3 * index + 2]);
            values[index] = v.or(v.and(first, four), v.and(v.up::<4>(bits), two));
            values[4 + index] = v.or(v.and(second, four), v.and(v.up::<2>(bits), two));
            values[8 + index] = v.or(v.and(v.down::<4>(first), four), v.and(bits, two));
            values[12 + index] = v.or(v.and(v.down::<4>(second), four), v.and(v.down::<2>(bits), two));
        }
        values
    }

    #[inline(always)]
    fn place(group: usize, line: usize) -> usize {
        32 * (group / 2) + 4 * (group % 2) + 8 * (line / 4) + line % 4
    }

    #[inline(always)]
    fn scale(group: usize, line: usize) -> usize {
        8 * (group / 2) + group % 2 + 2 * (line / 4)
    }
}

/// Each of the four bytes as two equal words.
#[inline(always)]
fn spread_bytes<V: Vector>(v: V, bytes: V::Whole, to: &mut [V::Whole]) {
    let byte = v.splat(0xFF);
    to[0] = twice(v, v.and(bytes, byte));
    to[1] = twice(v, v.and(v.down::<8>(bytes), byte));
    to[2] = twice(v, v.and(v.down::<16>(bytes), byte));
    to[3] = twice(v, v.down::<24>(bytes));
}

/// A word in both places.
#[inline(always)]
fn twice<V: Vector>(v: V, word: V::Whole) -> V::Whole {
    v.or(word, v.up::<16>(word))
}
