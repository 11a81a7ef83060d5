//! A model without prompts and stop rules: for comparing it with other programs and for measuring.

use std::path::Path;

use super::cache::Cache;
use super::file::GgufFile;
use super::model::{Chunk, GgufModel, failed};
use super::tokens::Tokens;
use crate::engine::constraint::ModelVocabulary as _;
use crate::engine::error::EngineError;

/// A loaded model that continues bare tokens.
pub struct Probe {
    model: GgufModel,
    tokens: Tokens,
}

impl Probe {
    /// Loads a GGUF file.
    ///
    /// # Errors
    /// [`EngineError::Broken`] if it cannot be read, [`EngineError::Unusable`] if it is not a model of an
    /// architecture known here.
    pub fn load(path: &Path) -> Result<Self, EngineError> {
        let load_model = || {
            let file = GgufFile::open(path)?;
            GgufModel::load(&file).map(|model| (file, model))
        };
        let (model, tokens) = rayon::join(load_model, || Tokens::load(path));
        let ((file, model), tokens) = (model?, tokens?);
        if tokens.count() > model.vocabulary() {
            return Err(file.wrong("has more tokens than embeddings"));
        }
        Ok(Self { model, tokens })
    }

    pub(super) fn into_parts(self) -> (GgufModel, Tokens) {
        (self.model, self.tokens)
    }

    /// The tokens of a prompt, with the model's mark of the beginning and with marks of turns.
    ///
    /// # Errors
    /// [`EngineError::NoAnswer`] if the tokenizer fails.
    pub fn tokens(&self, prompt: &str) -> Result<Vec<u32>, EngineError> {
        self.tokens.opening(prompt)
    }

    /// The text of tokens; bytes that are no UTF-8 become replacement characters.
    ///
    /// # Errors
    /// [`EngineError::NoAnswer`] if a token is not the model's.
    pub fn text(&self, tokens: &[u32]) -> Result<String, EngineError> {
        self.tokens.text(tokens)
    }

    /// The `count` likeliest tokens after each prompt, one after the other; fewer if a mark ends them. The
    /// prompts are decoded side by side; their first `shared` tokens, which must be equal, are seen once.
    ///
    /// # Errors
    /// [`EngineError::Broken`] if the arithmetic fails.
    pub fn greedy(
        &self,
        prompts: &[&[u32]],
        shared: usize,
        count: usize,
    ) -> Result<Vec<Vec<u32>>, EngineError> {
        let mut texts = self.begin(prompts, shared)?;
        for _ in 0..count {
            let mut open: Vec<&mut ProbeText> =
                texts.iter_mut().filter(|text| !text.pending.is_empty()).collect();
            let mut chunks: Vec<_> =
                open.iter_mut().map(|text| Chunk { tokens: &text.pending, cache: &mut text.cache }).collect();
            if chunks.is_empty() {
                break;
            }
            let next = self.model.advance(&mut chunks).map_err(failed)?;
            for (text, token) in open.into_iter().zip(next) {
                text.pending.clear();
                if !self.tokens.ends(token) {
                    text.pending.push(token);
                    text.said.push(token);
                }
            }
        }
        Ok(texts.into_iter().map(|text| text.said).collect())
    }

    /// The likeliest token at each place of an answer, given the prompt and the answer up to there.
    ///
    /// # Errors
    /// [`EngineError::Broken`] if the arithmetic fails.
    pub fn forced(&self, prompt: &[u32], answer: &[u32]) -> Result<Vec<u32>, EngineError> {
        let mut cache = self.model.cache();
        let mut tokens = prompt;
        let mut likeliest = Vec::with_capacity(answer.len());
        for token in answer {
            let next = self.model.advance(&mut [Chunk { tokens, cache: &mut cache }]);
            likeliest.extend(next.map_err(failed)?);
            tokens = std::slice::from_ref(token);
        }
        Ok(likeliest)
    }

    fn begin(&self, prompts: &[&[u32]], shared: usize) -> Result<Vec<ProbeText>, EngineError> {
        let mut cache = self.model.cache();
        if let Some(tokens) =
            prompts.first().and_then(|prompt| prompt.get(..shared)).filter(|t| !t.is_empty())
        {
            self.model.advance(&mut [Chunk { tokens, cache: &mut cache }]).map_err(failed)?;
        }
        let beginning = cache.share();
        let text = |prompt: &&[u32]| ProbeText {
            cache: Cache::after(beginning.clone()),
            pending: prompt.get(shared..).unwrap_or_default().to_vec(),
            said: Vec::new(),
        };
        Ok(prompts.iter().map(text).collect())
    }
}

struct ProbeText {
    cache: Cache,
    pending: Vec<u32>,
    said: Vec<u32>,
}
