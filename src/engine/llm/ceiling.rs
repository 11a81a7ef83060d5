//! How much a model may write: said with every request, and set aside before it.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU8, Ordering};

use super::prompt::Prompt;
use crate::engine::money::Prices;
use crate::model::{Batch, Usage};

/// Tokens for what stands around a text in an answer, and for texts so short that an average says nothing.
const FRAME: u64 = 64;
/// Bytes of German that make a token of English at least: three tokens a German word of seven letters, twice what is usual.
const BYTES_A_TOKEN: u64 = 2;
/// Tenths of bytes of a prompt that make a token as a rule: between the 41 of o200k and the 37 of cl100k.
const READ_TENTHS: u64 = 38;
/// The same of German, for a token of its English.
const WRITTEN_TENTHS: u64 = 47;
/// Tokens around each text of an answer, as a rule: its id, quotation marks, a comma.
const WRITTEN_AROUND: u64 = 5;
/// How many times what a model may think is raised, fourfold each time.
const RAISES: u8 = 2;

/// The most tokens that an answer may take, thinking included.
#[derive(Debug)]
pub(super) struct Ceiling {
    /// What the profile says.
    stated: Option<u64>,
    /// Tokens for thinking, which no length of a text foretells.
    thinking: u64,
    /// How often an answer was cut off for want of them.
    raised: AtomicU8,
    /// The same when requests were written into jobs last.
    raised_by_night: AtomicU8,
}

/// How much one request may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) tokens: u64,
    /// How often the ceiling was raised before.
    pub(super) raised: u8,
}

impl Ceiling {
    pub(super) fn new(stated: Option<NonZeroU32>, thinking: u64) -> Self {
        let stated = stated.map(|tokens| tokens.get().into());
        Self { stated, thinking, raised: AtomicU8::new(0), raised_by_night: AtomicU8::new(0) }
    }

    /// The room for the answer to a batch.
    pub(super) fn of(&self, batch: &Batch) -> Room {
        let raised = self.raised.load(Ordering::Relaxed);
        let bytes: u64 = batch.requests.iter().map(|request| request.text.len() as u64).sum();
        let answer = FRAME * (1 + batch.requests.len() as u64) + bytes / BYTES_A_TOKEN;
        let tokens = self.stated.unwrap_or(answer + (self.thinking << (2 * raised)));
        Room { tokens, raised }
    }

    /// Gives later requests more room, after an answer was cut off whose request was written when the ceiling had been raised
    /// so often.
    pub(super) fn raise(&self, raised: u8) {
        if raised < RAISES {
            // If another request was faster, its raise counts.
            let _ = self.raised.compare_exchange(raised, raised + 1, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// Remembers the room of a request in a job.
    pub(super) fn note_by_night(&self, room: Room) {
        self.raised_by_night.store(room.raised, Ordering::Relaxed);
    }

    /// How often the ceiling had been raised when requests were written into jobs. Their answers are read before more of them
    /// are written, so it is the same for all. Of those of an earlier process it is not known: if they had more room, an answer
    /// may be cut off once more before the next ones get more than that.
    pub(super) fn raised_by_night(&self) -> u8 {
        self.raised_by_night.load(Ordering::Relaxed)
    }
}

/// The most that a request can use: a token has at least a byte. What the answer can take is set aside at the dearer of its
/// two prices, since nobody knows how much of it is thinking.
pub(super) fn most(prices: Option<&Prices>, body: usize, room: Option<Room>, batch: &Batch) -> Usage {
    let tokens = room.map_or(0, |room| room.tokens);
    let is_thinking_dearer = prices.is_some_and(|prices| prices.thinking.or(prices.output) > prices.output);
    let (output_tokens, thinking_tokens) = if is_thinking_dearer { (0, tokens) } else { (tokens, 0) };
    Usage { input_tokens: body as u64, output_tokens, thinking_tokens, ..batch.characters() }
}

/// What a request will use, as a rule: tokenizers differ, and nobody knows how much a model thinks.
pub(super) fn likely(prompt: &Prompt, batch: &Batch) -> Usage {
    let said = (prompt.system.len() + prompt.user.len()) as u64;
    let bytes: u64 = batch.requests.iter().map(|request| request.text.len() as u64).sum();
    Usage {
        input_tokens: said * 10 / READ_TENTHS,
        output_tokens: bytes * 10 / WRITTEN_TENTHS + WRITTEN_AROUND * batch.requests.len() as u64,
        ..batch.characters()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Request;

    fn batch(text: &str) -> Batch {
        let request = Request { text: text.to_owned(), terms: Vec::new(), inlines: Vec::new() };
        Batch { requests: vec![request], ..Batch::default() }
    }

    #[test]
    fn an_answer_that_was_cut_off_raises_the_ceiling_twice() {
        let ceiling = Ceiling::new(None, 1_000);
        let first = ceiling.of(&batch("Ja."));
        assert_eq!(first.tokens, 2 * FRAME + 1 + 1_000);
        ceiling.raise(first.raised);
        ceiling.raise(first.raised);
        let second = ceiling.of(&batch("Ja."));
        assert_eq!(second.tokens, 2 * FRAME + 1 + 4_000, "two at once raise it once");
        ceiling.raise(second.raised);
        ceiling.raise(ceiling.of(&batch("Ja.")).raised);
        assert_eq!(ceiling.of(&batch("Ja.")).tokens, 2 * FRAME + 1 + 16_000);
        let stated = Ceiling::new(NonZeroU32::new(500), 1_000);
        stated.raise(stated.of(&batch("Ja.")).raised);
        assert_eq!(stated.of(&batch("Nein, das ist es nicht.")).tokens, 500);
    }

    #[test]
    fn thinking_is_set_aside_at_its_own_price_if_that_is_higher() {
        let price = |text: &str| Some(text.parse().unwrap());
        let mut prices = Prices {
            currency: "USD".parse().unwrap(),
            characters: None,
            input: price("1"),
            cached: None,
            output: price("10"),
            thinking: None,
        };
        let room = Some(Ceiling::new(NonZeroU32::new(100), 0).of(&batch("Ja.")));
        let usage = |prices: &Prices| most(Some(prices), 40, room, &batch("Ja."));
        assert_eq!((usage(&prices).output_tokens, usage(&prices).thinking_tokens), (100, 0));
        prices.thinking = price("2");
        assert_eq!(usage(&prices).output_tokens, 100);
        prices.thinking = price("20");
        assert_eq!((usage(&prices).output_tokens, usage(&prices).thinking_tokens), (0, 100));
        assert_eq!((usage(&prices).input_tokens, usage(&prices).characters), (40, 3));
    }
}
