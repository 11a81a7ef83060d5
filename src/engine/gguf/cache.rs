//! Keys and values of positions that a model has seen.
//!
//! Keys are in tiles of 16 positions: a query is multiplied with 16 keys at once, and no sum runs across a vector. Values are
//! position after position, as they are added up.

use std::ops::Range;
use std::sync::Arc;

/// Keys and values of a run of positions, for every layer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Positions {
    layers: Vec<CachedLayer>,
    count: usize,
}

/// Positions of a tile.
pub(super) const TILE: usize = 16;

/// The same number of the keys of the 16 positions of a tile.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[repr(C, align(64))]
pub(super) struct KeyLine(pub(super) [f32; TILE]);

/// Keys and values of one layer.
#[derive(Debug, Clone, Default, PartialEq)]
struct CachedLayer {
    /// As many lines a tile as a key has numbers. What is left of the last tile is zero.
    keys: Vec<KeyLine>,
    /// Position after position.
    values: Vec<f32>,
}

impl CachedLayer {
    /// Appends positions with keys and values of `width` numbers.
    fn append(&mut self, keys: &[f32], values: &[f32], width: usize) {
        let first = self.values.len() / width;
        self.keys.resize((first + keys.len() / width).div_ceil(TILE) * width, KeyLine::default());
        for (position, key) in (first..).zip(keys.chunks_exact(width)) {
            let lines = &mut self.keys[position / TILE * width..][..width];
            for (line, number) in lines.iter_mut().zip(key) {
                line.0[position % TILE] = *number;
            }
        }
        self.values.extend_from_slice(values);
    }
}

impl Positions {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// How many bytes they take in a file; `None` for none, or for more than a machine could hold.
    pub(super) fn bytes(count: usize, layers: usize, width: usize) -> Option<usize> {
        let rows = count.checked_next_multiple_of(TILE)?.checked_add(count)?;
        let factors = [rows, layers, width, size_of::<f32>()];
        factors.into_iter().try_fold(1_usize, usize::checked_mul).filter(|bytes| *bytes > 0)
    }

    /// The keys and then the values of one layer after another, little-endian, as they are in memory.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let numbers = self.layers.iter().flat_map(|layer| {
            let keys = layer.keys.iter().flat_map(|line| line.0);
            keys.chain(layer.values.iter().copied())
        });
        numbers.flat_map(f32::to_le_bytes).collect()
    }

    /// The same back from as many bytes as [`Self::bytes`] says.
    pub(super) fn from_bytes(bytes: &[u8], count: usize, layers: usize, width: usize) -> Self {
        let (numbers, _) = bytes.as_chunks();
        let mut numbers = numbers.iter().map(|number| f32::from_le_bytes(*number));
        let layer = |_| {
            let mut line = || KeyLine(std::array::from_fn(|_| numbers.next().unwrap_or_default()));
            let keys = (0..count.div_ceil(TILE) * width).map(|_| line()).collect();
            CachedLayer { keys, values: numbers.by_ref().take(count * width).collect() }
        };
        Self { layers: (0..layers).map(layer).collect(), count }
    }
}

/// What a text has behind it: what it shares with others, piece after piece, and its own.
#[derive(Debug, Clone)]
pub(super) struct Cache {
    shared: Vec<SharedPositions>,
    own: Positions,
}

/// The first of some positions that several texts have behind them.
#[derive(Debug, Clone)]
struct SharedPositions {
    positions: Arc<Positions>,
    count: usize,
}

/// Keys and values of one layer as attention reads them.
#[derive(Clone, Copy)]
pub(super) struct SeenKeys<'a> {
    cache: &'a Cache,
    layer: usize,
}

impl Cache {
    /// Nothing seen yet, for a model with that many layers.
    pub(super) fn new(layers: usize) -> Self {
        Self { shared: Vec::new(), own: Positions::none(layers) }
    }

    /// What has seen a shared beginning.
    pub(super) fn after(shared: Arc<Positions>) -> Self {
        let own = Positions::none(shared.layers.len());
        Self { shared: vec![SharedPositions { count: shared.count, positions: shared }], own }
    }

    /// Makes a beginning of a cache that shares nothing itself.
    pub(super) fn share(self) -> Arc<Positions> {
        Arc::new(self.own)
    }

    /// What has seen the first `count` positions of this one. Nothing is copied: both share them from now on.
    pub(super) fn fork(&mut self, count: usize) -> Self {
        let layers = self.own.layers.len();
        if self.own.count > 0 {
            let own = std::mem::replace(&mut self.own, Positions::none(layers));
            self.shared.push(SharedPositions { count: own.count, positions: Arc::new(own) });
        }
        let mut left = count;
        let shared = self.shared.iter().map_while(|SharedPositions { positions, count }| {
            let count = left.min(*count);
            left -= count;
            (count > 0).then(|| SharedPositions { positions: Arc::clone(positions), count })
        });
        Self { shared: shared.collect(), own: Positions::none(layers) }
    }

    /// Positions seen.
    pub(super) fn count(&self) -> usize {
        self.shared.iter().map(|shared| shared.count).sum::<usize>() + self.own.count
    }

    /// Appends further positions to a layer, with keys and values of `width` numbers each.
    pub(super) fn append(&mut self, layer: usize, keys: &[f32], values: &[f32], width: usize) {
        if let Some(layer) = self.own.layers.get_mut(layer) {
            layer.append(keys, values, width);
        }
    }

    /// Counts positions once every layer has them.
    pub(super) fn advance(&mut self, by: usize) {
        self.own.count += by;
    }

    /// The keys and values of a layer.
    pub(super) fn seen(&self, layer: usize) -> SeenKeys<'_> {
        SeenKeys { cache: self, layer }
    }
}

/// A run of positions that lie side by side.
pub(super) struct SeenPiece<'a> {
    keys: &'a [KeyLine],
    /// Their values, one position after the other.
    pub(super) values: &'a [f32],
    /// Which of the positions of the keys.
    positions: Range<usize>,
}

/// The keys of up to 16 positions.
pub(super) struct SeenTile<'a> {
    /// A line for each number of a key.
    pub(super) lines: &'a [KeyLine],
    /// The places that count.
    pub(super) places: Range<usize>,
}

impl<'a> SeenKeys<'a> {
    /// A run of positions, each with keys and values of `width` numbers, in pieces that lie side by side.
    pub(super) fn pieces(self, positions: Range<usize>, width: usize) -> impl Iterator<Item = SeenPiece<'a>> {
        let Self { cache: Cache { shared, own }, layer } = self;
        let shared = shared.iter().map(move |shared| (&shared.positions.layers[layer], shared.count));
        // What was appended in this pass is not counted yet.
        let own = &own.layers[layer];
        let own = std::iter::once((own, own.values.len() / width));
        shared.chain(own).scan(0, move |start, (CachedLayer { keys, values }, count)| {
            let cut = |position: usize| position.saturating_sub(*start).min(count);
            let positions = cut(positions.start)..cut(positions.end);
            *start += count;
            let values = &values[width * positions.start..width * positions.end];
            Some(SeenPiece { keys, values, positions })
        })
    }
}

impl<'a> SeenPiece<'a> {
    /// The keys of the positions, each of `width` numbers.
    pub(super) fn tiles(&self, width: usize) -> impl Iterator<Item = SeenTile<'a>> {
        let Self { keys, positions: Range { start, end }, .. } = *self;
        let tiles = if start < end { start / TILE..end.div_ceil(TILE) } else { 0..0 };
        tiles.map(move |tile| {
            let place = |position: usize| position.saturating_sub(tile * TILE).min(TILE);
            SeenTile { lines: &keys[tile * width..(tile + 1) * width], places: place(start)..place(end) }
        })
    }
}

impl Positions {
    /// No positions of a model with that many layers.
    fn none(layers: usize) -> Self {
        Self { layers: vec![CachedLayer::default(); layers], count: 0 }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const WIDTH: usize = 2;

    /// What is seen of some positions: the numbers of each key, and its value.
    fn seen(cache: &Cache, positions: Range<usize>) -> Vec<(Vec<f32>, &[f32])> {
        let pieces = cache.seen(0).pieces(positions, WIDTH).collect::<Vec<_>>();
        let tiles = pieces.iter().flat_map(|piece| piece.tiles(WIDTH));
        let keys = tiles.flat_map(|SeenTile { lines, places }| {
            places.map(|place| lines.iter().map(|line| line.0[place]).collect())
        });
        keys.zip(pieces.iter().flat_map(|piece| piece.values.chunks_exact(WIDTH))).collect()
    }

    /// Shows a cache some positions, of which each is known by a number.
    fn see(cache: &mut Cache, positions: Range<u8>) {
        let count = positions.len();
        let keys: Vec<f32> = positions.clone().map(f32::from).flat_map(|number| [number, -number]).collect();
        let values: Vec<f32> = positions.map(f32::from).flat_map(|number| [2.0 * number, 0.5]).collect();
        cache.append(0, &keys, &values, WIDTH);
        cache.advance(count);
    }

    fn numbers(seen: &[(Vec<f32>, &[f32])]) -> Vec<f32> {
        seen.iter()
            .map(|(key, value)| {
                let numbers = [key[1], value[0], value[1]];
                assert_eq!(numbers.map(f32::to_bits), [-key[0], 2.0 * key[0], 0.5].map(f32::to_bits));
                key[0]
            })
            .collect()
    }

    #[test]
    fn a_fork_shares_what_was_seen_and_goes_its_own_way() {
        let mut first = Cache::new(1);
        see(&mut first, 1..3);
        let mut cache = Cache::after(first.share());
        see(&mut cache, 3..5);
        let mut fork = cache.fork(3);
        see(&mut fork, 5..6);
        see(&mut cache, 6..7);
        assert_eq!(numbers(&seen(&fork, 0..4)), [1.0, 2.0, 3.0, 5.0]);
        assert_eq!(numbers(&seen(&cache, 0..5)), [1.0, 2.0, 3.0, 4.0, 6.0]);
        let again = fork.fork(1);
        assert_eq!((fork.count(), cache.count(), again.count()), (4, 5, 1));
        assert_eq!(numbers(&seen(&again, 0..1)), [1.0]);
        assert!(std::ptr::eq(seen(&fork, 2..3)[0].1, seen(&cache, 2..3)[0].1), "nothing is copied");
    }

    proptest! {
        #[test]
        fn what_was_seen_is_seen_in_its_order_however_it_is_shared(
            steps in vec((1_u8..40, 0_usize..40), 1..6),
            from in 0_usize..250,
            length in 0_usize..250,
        ) {
            let mut cache = Cache::new(1);
            let (mut expected, mut next) = (Vec::new(), 0);
            for (more, less) in steps {
                see(&mut cache, next..next + more);
                expected.extend((next..next + more).map(f32::from));
                next += more;
                expected.truncate(expected.len().saturating_sub(less));
                cache = cache.fork(expected.len());
            }
            prop_assert_eq!(cache.count(), expected.len());
            let from = from.min(expected.len());
            let to = (from + length).min(expected.len());
            prop_assert_eq!(numbers(&seen(&cache, from..to)), &expected[from..to]);
        }

        #[test]
        fn positions_come_back_from_their_bytes(count in 1_u8..50) {
            let mut cache = Cache::new(1);
            see(&mut cache, 0..count);
            let (positions, count) = (cache.share(), usize::from(count));
            let bytes = positions.to_bytes();
            prop_assert_eq!(Some(bytes.len()), Positions::bytes(count, 1, WIDTH));
            prop_assert_eq!(&Positions::from_bytes(&bytes, count, 1, WIDTH), &*positions);
        }
    }
}
