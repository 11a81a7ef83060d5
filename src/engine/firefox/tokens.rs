//! Words and tokens of the vocabulary, as terms are written with them.

use fxtranslate::spm::SpmVocab;

use super::align::SPACE;
use crate::engine::constraint::ModelVocabulary;
use crate::engine::error::EngineError;

impl ModelVocabulary for SpmVocab {
    fn word(&self, word: &str, is_spaced: bool) -> Option<Vec<u32>> {
        /// A mark to which the word behind it is joined.
        const MARK: &str = "(";
        let (tokens, text) = if is_spaced {
            // At the beginning of a text, a word has the blank of any other word before it.
            (self.encode(word), format!(" {word}"))
        } else {
            let tokens = self.encode(&format!("{MARK}{word}"));
            (tokens.strip_prefix(self.encode(MARK).as_slice())?.to_vec(), word.to_owned())
        };
        // What the vocabulary has no piece for, and what it writes in another way, comes back as something else.
        self.text(&tokens).is_ok_and(|said| said == text).then_some(tokens)
    }

    fn text(&self, tokens: &[u32]) -> Result<String, EngineError> {
        let said = |token: &u32| {
            let piece = self.piece(*token);
            // Marks have pieces, too, but say nothing.
            let is_silent = self.decode(&[*token]).is_empty() && piece.contains(|c| c != SPACE);
            if is_silent { String::new() } else { piece.replace(SPACE, " ") }
        };
        Ok(tokens.iter().map(said).collect())
    }

    fn ends(&self, token: u32) -> bool {
        token == self.eos_id()
    }
}
