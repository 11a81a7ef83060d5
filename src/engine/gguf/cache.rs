//! Keys and values of positions that a model has seen.

use std::ops::Range;
use std::sync::Arc;

/// Keys and values of a run of positions, for every layer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Positions {
    layers: Vec<CachedLayer>,
    count: usize,
}

/// Keys and values of one layer, position after position.
#[derive(Debug, Clone, Default, PartialEq)]
struct CachedLayer {
    keys: Vec<f32>,
    values: Vec<f32>,
}

impl Positions {
    /// How many bytes they take in a file; `None` for none, or for more than a machine could hold.
    pub(super) fn bytes(count: usize, layers: usize, width: usize) -> Option<usize> {
        let factors = [count, layers, width, 2 * size_of::<f32>()];
        factors.into_iter().try_fold(1_usize, usize::checked_mul).filter(|bytes| *bytes > 0)
    }

    /// The keys and then the values of one layer after another, little-endian.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let rows = self.layers.iter().flat_map(|layer| [&layer.keys, &layer.values]);
        rows.flatten().flat_map(|value| value.to_le_bytes()).collect()
    }

    /// The same back from as many bytes as [`Self::bytes`] says.
    pub(super) fn from_bytes(bytes: &[u8], count: usize, layers: usize) -> Self {
        let (values, _) = bytes.as_chunks();
        let values: Vec<f32> = values.iter().map(|value| f32::from_le_bytes(*value)).collect();
        let mut rows = values.chunks(values.len() / (2 * layers)).map(<[f32]>::to_vec);
        let mut layer = || Some(CachedLayer { keys: rows.next()?, values: rows.next()? });
        Self { layers: std::iter::from_fn(&mut layer).collect(), count }
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

    /// Appends the keys and values of further positions to a layer.
    pub(super) fn append(&mut self, layer: usize, keys: &[f32], values: &[f32]) {
        if let Some(layer) = self.own.layers.get_mut(layer) {
            layer.keys.extend_from_slice(keys);
            layer.values.extend_from_slice(values);
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

impl<'a> SeenKeys<'a> {
    /// The keys of a run of positions, each of `width` numbers, in pieces of whole positions.
    pub(super) fn keys(self, positions: Range<usize>, width: usize) -> impl Iterator<Item = &'a [f32]> {
        self.pieces(positions, width, |layer| &layer.keys)
    }

    /// The values of the same positions, in the same pieces.
    pub(super) fn values(self, positions: Range<usize>, width: usize) -> impl Iterator<Item = &'a [f32]> {
        self.pieces(positions, width, |layer| &layer.values)
    }

    fn pieces(
        self,
        positions: Range<usize>,
        width: usize,
        of: fn(&CachedLayer) -> &[f32],
    ) -> impl Iterator<Item = &'a [f32]> {
        let Self { cache: Cache { shared, own }, layer } = self;
        let shared = shared.iter().map(move |shared| (of(&shared.positions.layers[layer]), shared.count));
        // What was appended in this pass is not counted yet.
        let own = of(&own.layers[layer]);
        let own = std::iter::once((own, own.len() / width));
        shared.chain(own).scan(0, move |start, (numbers, count)| {
            let cut = |position: usize| width * position.saturating_sub(*start).min(count);
            let piece = &numbers[cut(positions.start)..cut(positions.end)];
            *start += count;
            Some(piece)
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
    use super::*;

    fn keys(cache: &Cache) -> Vec<&[f32]> {
        cache.seen(0).keys(0..cache.count(), 2).flat_map(|piece| piece.chunks_exact(2)).collect()
    }

    fn see(cache: &mut Cache, numbers: &[f32]) {
        cache.append(0, numbers, numbers);
        cache.advance(numbers.len() / 2);
    }

    #[test]
    fn a_fork_shares_what_was_seen_and_goes_its_own_way() {
        let mut first = Cache::new(1);
        see(&mut first, &[1.0, 1.5, 2.0, 2.5]);
        let mut cache = Cache::after(first.share());
        see(&mut cache, &[3.0, 3.5, 4.0, 4.5]);
        let mut fork = cache.fork(3);
        see(&mut fork, &[5.0, 5.5]);
        see(&mut cache, &[6.0, 6.5]);
        assert_eq!(keys(&fork), [[1.0, 1.5], [2.0, 2.5], [3.0, 3.5], [5.0, 5.5]]);
        assert_eq!(keys(&cache), [[1.0, 1.5], [2.0, 2.5], [3.0, 3.5], [4.0, 4.5], [6.0, 6.5]]);
        let again = fork.fork(1);
        assert_eq!((fork.count(), cache.count(), again.count()), (4, 5, 1));
        assert_eq!(keys(&again), [[1.0, 1.5]]);
        assert!(std::ptr::eq(keys(&fork)[2], keys(&cache)[2]), "nothing is copied");
        let part: Vec<&[f32]> = fork.seen(0).values(1..3, 2).filter(|piece| !piece.is_empty()).collect();
        assert_eq!(part, [[2.0, 2.5], [3.0, 3.5]]);
    }
}
