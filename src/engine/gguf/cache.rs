//! Keys and values of positions that a model has seen.

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

/// What a text has behind it: the beginning that it shares with others, and its own.
#[derive(Debug, Clone)]
pub(super) struct Cache {
    shared: Arc<Positions>,
    own: Positions,
}

/// Keys and values of one layer as attention reads them: the shared ones, then the text's own.
#[derive(Clone, Copy)]
pub(super) struct SeenKeys<'a> {
    pub(super) keys: [&'a [f32]; 2],
    pub(super) values: [&'a [f32]; 2],
}

impl Cache {
    /// Nothing seen yet, for a model with that many layers.
    pub(super) fn new(layers: usize) -> Self {
        Self::after(Arc::new(Positions { layers: vec![CachedLayer::default(); layers], count: 0 }))
    }

    /// What has seen a shared beginning.
    pub(super) fn after(shared: Arc<Positions>) -> Self {
        let own = Positions { layers: vec![CachedLayer::default(); shared.layers.len()], count: 0 };
        Self { shared, own }
    }

    /// Makes a beginning of a cache that shares nothing itself.
    pub(super) fn share(self) -> Arc<Positions> {
        Arc::new(self.own)
    }

    /// Positions seen.
    pub(super) fn count(&self) -> usize {
        self.shared.count + self.own.count
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
        let (shared, own) = (&self.shared.layers[layer], &self.own.layers[layer]);
        SeenKeys { keys: [&shared.keys, &own.keys], values: [&shared.values, &own.values] }
    }
}
