//! Translates sentences together, greedily. A sentence in whose English a term does not hold is written on with the term.

use std::ops::Range;
use std::rc::Rc;

use fxtranslate::spm::SpmVocab;

use super::align::{AlignedSide, links, rendering};
use super::network::{Network, NetworkPast, ReadSentences};
use super::output::{Output, TokenCandidates};
use crate::engine::constraint::{
    AnswerDraft, AnswerWriting, CompleteAnswer, EarlyEnd, Hypothesis, Scores, WantedTerms,
};
use crate::engine::error::EngineError;
use crate::engine::repetition::first_loop;
use crate::model::{Cut, Translation};

/// Tokens that come out for a source of `n` tokens at most: `2n + 4`, and never more than this (as in Marian).
const MOST_TOKENS: usize = 256;

/// A sentence to be translated.
pub(super) struct NetworkInput<'a> {
    pub(super) text: &'a str,
    /// Its tokens, the end mark included.
    pub(super) tokens: Vec<u32>,
    /// The bytes of the text that each token stands for, without the end mark.
    pub(super) places: Vec<Range<usize>>,
    /// The target tokens that may come out; `None` for all of them.
    pub(super) candidates: Option<TokenCandidates>,
    /// The terms that are to hold, if there are any.
    pub(super) wanted: Option<WantedTerms>,
}

/// What came out for a sentence.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Decoded {
    /// Target tokens without the end mark.
    pub(super) tokens: Vec<u32>,
    /// For each target token, how much it looked at each source token; each row adds up to 1.
    pub(super) attention: Vec<Rc<[f32]>>,
    /// Why it ends where it ends, if not by the end mark.
    pub(super) cut: Option<Cut>,
}

impl Decoded {
    fn of(text: &Hypothesis<NetworkPast>) -> Self {
        let tokens = text.said().to_vec();
        let attention = text.past().attention().iter().take(tokens.len()).cloned().collect();
        Self { tokens, attention, cut: text.cut() }
    }
}

impl NetworkInput<'_> {
    /// The source as it is aligned.
    pub(super) fn side(&self) -> AlignedSide<'_> {
        AlignedSide { text: self.text, tokens: &self.places }
    }
}

/// Sentences that are being translated.
pub(super) struct PartDecoder<'a> {
    network: &'a Network,
    vocabulary: &'a SpmVocab,
    sentences: ReadSentences,
    output: Output<'a>,
    slots: Vec<PartSlot<'a>>,
}

/// What is being written of a sentence.
struct PartSlot<'a> {
    input: &'a NetworkInput<'a>,
    draft: AnswerDraft<NetworkPast>,
    /// Its English, when that is complete.
    decoded: Option<Result<Decoded, EngineError>>,
}

impl<'a> PartDecoder<'a> {
    /// Reads sentences.
    pub(super) fn new(
        network: &'a Network,
        vocabulary: &'a SpmVocab,
        inputs: &'a [NetworkInput<'a>],
    ) -> Self {
        let tokens: Vec<&[u32]> = inputs.iter().map(|input| input.tokens.as_slice()).collect();
        let slot = |(sentence, input): (usize, &'a NetworkInput<'a>)| {
            let past = NetworkPast::new(sentence, input.wanted.is_some());
            PartSlot { input, draft: AnswerDraft::Free(Hypothesis::new(past)), decoded: None }
        };
        Self {
            network,
            vocabulary,
            sentences: network.read(&tokens),
            output: network.output(inputs.iter().map(|input| input.candidates.as_ref())),
            slots: inputs.iter().enumerate().map(slot).collect(),
        }
    }

    /// Translates all of them.
    pub(super) fn finish(mut self) -> Vec<Result<Decoded, EngineError>> {
        while self.step() {}
        self.slots.into_iter().filter_map(|slot| slot.decoded).collect()
    }

    /// Says the next token of all that is being written; gives whether there was any.
    pub(super) fn step(&mut self) -> bool {
        let open = self.slots.iter_mut().flat_map(|slot| slot.draft.open());
        let mut open: Vec<&mut NetworkPast> = open.map(Hypothesis::past_mut).collect();
        if open.is_empty() {
            return false;
        }
        let states = self.network.step(&self.sentences, &mut open);
        let sentences: Vec<usize> = open.iter().map(|past| past.sentence()).collect();
        self.output.score(&sentences, &states);
        let mut scores =
            sentences.iter().enumerate().map(|(row, sentence)| self.output.of_row(row, *sentence));
        for slot in &mut self.slots {
            slot.go_on(&mut scores, self.vocabulary);
        }
        true
    }
}

impl PartSlot<'_> {
    /// Goes on in each of its texts, of which the next scores are.
    fn go_on<'a>(&mut self, scores: &mut impl Iterator<Item = Scores<'a>>, vocabulary: &SpmVocab) {
        let writing = SentenceRules { vocabulary, input: self.input };
        for (text, scores) in self.draft.open().zip(scores) {
            text.go_on(scores, &writing);
        }
        let complete = self.draft.go_on(self.input.wanted.as_ref(), &writing);
        if let Some(complete) = complete {
            self.decoded = Some(complete.map(|CompleteAnswer { text, .. }| Decoded::of(&text)));
        }
    }
}

/// What is the same for all that is written for a sentence.
struct SentenceRules<'a> {
    vocabulary: &'a SpmVocab,
    input: &'a NetworkInput<'a>,
}

impl AnswerWriting for SentenceRules<'_> {
    type Tokens = SpmVocab;
    type Past = NetworkPast;

    fn tokens(&self) -> &SpmVocab {
        self.vocabulary
    }

    fn has_rivals(&self) -> bool {
        false
    }

    fn openings(&self) -> &[u32] {
        self.input.wanted.as_ref().map_or(&[], WantedTerms::openings)
    }

    fn end(&self, said: &[u32]) -> Option<EarlyEnd> {
        end(said, &self.input.tokens)
    }

    fn answer(&self, said: &[u32], cut: Option<Cut>) -> Result<Translation, EngineError> {
        let mut translation = Translation::plain(self.vocabulary.decode(said));
        translation.cuts.extend(cut);
        Ok(translation)
    }

    fn rendering(&self, past: &NetworkPast, said: &[u32], span: &Range<usize>) -> Vec<usize> {
        let (text, tokens) = self.vocabulary.decode_with_offsets(said);
        let target = AlignedSide { text: &text, tokens: &tokens };
        rendering(&target, &links(&self.input.side(), &target, past.attention()), span)
    }
}

/// An answer ends at the limit; if that was reached in a loop, its first round is left, unless the source has loops, too.
fn end(said: &[u32], source: &[u32]) -> Option<EarlyEnd> {
    if said.len() < (2 * source.len() + 4).min(MOST_TOKENS) {
        return None;
    }
    Some(match first_loop(said).filter(|_| first_loop(source).is_none()) {
        Some(length) => EarlyEnd { length, cut: Some(Cut::Loop) },
        None => EarlyEnd { length: said.len(), cut: Some(Cut::Runaway) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_end_is_told_and_a_loop_loses_its_repetitions() {
        let ended = |said: &[u32], source: &[u32]| end(said, source).map(|end| (end.length, end.cut));
        let loops: Vec<u32> = [vec![1, 2], [8, 9].repeat(20), vec![8]].concat();
        assert_eq!(ended(&loops, &[5, 6, 7]), Some((4, Some(Cut::Loop))));
        let rambles: Vec<u32> = (0..40).collect();
        assert_eq!(ended(&rambles, &[5]), Some((40, Some(Cut::Runaway))));
        assert_eq!(ended(&loops, &[5; 16]), Some((43, Some(Cut::Runaway))));
        assert_eq!(ended(&loops, &[5; 20]), None);
    }
}
