//! What a model has seen of the fixed part of its prompts, kept in a file beside it: to compute that takes seconds, to read
//! it takes milliseconds.
//!
//! The file is only ever a saving: where it is missing, damaged, of another model or another prompt, or cannot be written, the
//! state is computed.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use blake3::{Hash, Hasher};

use super::cache::Positions;
use crate::disk::PartFile;

/// Goes up whenever the arithmetic or the layout of the file changes.
const VERSION: u32 = 3;

/// The file of a model.
#[derive(Debug, Clone)]
pub(super) struct PromptState {
    path: PathBuf,
    /// Stands for the model. Results of another kind of processor differ in their last digits.
    model: Hash,
}

impl PromptState {
    /// The file beside a model, whose contents a hash stands for.
    pub(super) fn beside(model: &Path, contents: Hash) -> Self {
        let mut name = model.file_name().unwrap_or_default().to_owned();
        name.push(".prompt");
        let mut hasher = Hasher::new();
        hasher.update(&VERSION.to_le_bytes());
        hasher.update(std::env::consts::ARCH.as_bytes());
        hasher.update(contents.as_bytes());
        Self { path: model.with_file_name(name), model: hasher.finalize() }
    }

    /// The file beside the same model for prompts in the other direction.
    pub(super) fn reversed(&self) -> Self {
        Self { path: self.path.with_extension("reversed"), ..self.clone() }
    }

    /// Reads the state that was kept. `None` if the file is missing or damaged, or belongs to another model or to other
    /// `tokens`. `layers` and `width`, the numbers that a position's keys take in a layer, are those of the model.
    pub(super) fn load(&self, tokens: &[u32], layers: usize, width: usize) -> Option<Arc<Positions>> {
        let bytes = Positions::bytes(tokens.len(), layers, width)?;
        let mut file = File::open(&self.path).ok()?;
        let (mut seal, mut contents) = ([0; blake3::OUT_LEN], Vec::new());
        if file.metadata().ok()?.len() != u64::try_from(seal.len() + bytes).ok()? {
            return None;
        }
        contents.try_reserve_exact(bytes).ok()?;
        file.read_exact(&mut seal).ok()?;
        file.read_to_end(&mut contents).ok()?;
        let is_whole = self.seal(tokens, &contents) == Hash::from_bytes(seal);
        is_whole.then(|| Positions::from_bytes(&contents, tokens.len(), layers, width)).map(Arc::new)
    }

    /// Keeps the state after these tokens. Nothing is lost if that fails: the next run computes it again.
    pub(super) fn save(&self, tokens: &[u32], positions: &Positions) {
        let contents = positions.to_bytes();
        let mut file = self.seal(tokens, &contents).as_bytes().to_vec();
        file.extend(contents);
        if let Ok(part) = PartFile::write(&self.path, &file) {
            // As above.
            let _ = part.rename();
        }
    }

    /// Stands for the model, the tokens and what they have left behind.
    fn seal(&self, tokens: &[u32], contents: &[u8]) -> Hash {
        let mut hasher = Hasher::new();
        hasher.update(self.model.as_bytes());
        for token in tokens {
            hasher.update(&token.to_le_bytes());
        }
        hasher.update(contents);
        hasher.finalize()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    const TOKENS: [u32; 3] = [7, 1, 70_000];

    fn positions() -> Arc<Positions> {
        let mut cache = super::super::cache::Cache::new(2);
        for layer in 0..2_u8 {
            let row = |from: u8| (from..from + 12).map(|value| 1.0 / f32::from(value)).collect::<Vec<_>>();
            cache.append(layer.into(), &row(1 + layer), &row(100 + layer), 4);
        }
        cache.advance(TOKENS.len());
        cache.share()
    }

    #[test]
    fn what_was_kept_is_found_again_bit_for_bit() {
        let folder = TempDir::new().unwrap();
        let state = PromptState::beside(&folder.path().join("a.gguf"), blake3::hash(b"a"));
        assert!(state.load(&TOKENS, 2, 4).is_none());
        state.save(&TOKENS, &positions());
        assert_eq!(state.load(&TOKENS, 2, 4), Some(positions()));
    }

    #[test]
    fn what_is_of_something_else_or_damaged_is_not_taken() {
        let folder = TempDir::new().unwrap();
        let model = folder.path().join("a.gguf");
        let state = PromptState::beside(&model, blake3::hash(b"a"));
        state.save(&TOKENS, &positions());
        assert!(PromptState::beside(&model, blake3::hash(b"b")).load(&TOKENS, 2, 4).is_none());
        assert!(state.load(&[7, 1, 70_001], 2, 4).is_none());
        for (layers, width) in [(1, 4), (2, 5), (usize::MAX, 4)] {
            assert!(state.load(&TOKENS, layers, width).is_none(), "{layers} {width}");
        }
        let path = folder.path().join("a.gguf.prompt");
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            fs::write(&path, damaged).unwrap();
            assert!(state.load(&TOKENS, 2, 4).is_none(), "byte {at}");
        }
        for end in [0, 31, 32, whole.len() - 1] {
            fs::write(&path, &whole[..end]).unwrap();
            assert!(state.load(&TOKENS, 2, 4).is_none(), "{end} bytes");
        }
    }
}
