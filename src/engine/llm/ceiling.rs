//! How much a model may write: said with every request, and set aside before it.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::engine::money::Prices;
use crate::model::{Batch, Usage};

/// Tokens for what stands around a text in an answer, and for texts so short that an average says nothing.
const FRAME: u64 = 64;
/// Bytes of German that make a token of English at least: three tokens a German word of seven letters, twice what is usual.
const BYTES_A_TOKEN: u64 = 2;
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
}

/// How much one request may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) tokens: u64,
    raised: u8,
}

impl Ceiling {
    pub(super) fn new(stated: Option<NonZeroU32>, thinking: u64) -> Self {
        Self { stated: stated.map(|tokens| tokens.get().into()), thinking, raised: AtomicU8::new(0) }
    }

    /// The room for the answer to a batch.
    pub(super) fn of(&self, batch: &Batch) -> Room {
        let raised = self.raised.load(Ordering::Relaxed);
        let bytes: u64 = batch.requests.iter().map(|request| request.text.len() as u64).sum();
        let answer = FRAME * (1 + batch.requests.len() as u64) + bytes / BYTES_A_TOKEN;
        let tokens = self.stated.unwrap_or(answer + (self.thinking << (2 * raised)));
        Room { tokens, raised }
    }

    /// Gives later requests more room, after an answer was cut off that had this much.
    pub(super) fn raise(&self, room: Room) {
        if room.raised < RAISES {
            // If another request was faster, its raise counts.
            let _ = self.raised.compare_exchange(
                room.raised,
                room.raised + 1,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
        }
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
        ceiling.raise(first);
        ceiling.raise(first);
        let second = ceiling.of(&batch("Ja."));
        assert_eq!(second.tokens, 2 * FRAME + 1 + 4_000, "two at once raise it once");
        ceiling.raise(second);
        ceiling.raise(ceiling.of(&batch("Ja.")));
        assert_eq!(ceiling.of(&batch("Ja.")).tokens, 2 * FRAME + 1 + 16_000);
        let stated = Ceiling::new(NonZeroU32::new(500), 1_000);
        stated.raise(stated.of(&batch("Ja.")));
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
