//! Keys and values of positions that a model has seen.

use std::sync::Arc;

/// Keys and values of a run of positions, for every layer.
#[derive(Debug, Clone, Default)]
pub(super) struct Positions {
    layers: Vec<CachedLayer>,
    count: usize,
}

/// Keys and values of one layer, position after position.
#[derive(Debug, Clone, Default)]
struct CachedLayer {
    keys: Vec<f32>,
    values: Vec<f32>,
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
