//! What a server understands of its protocol, learnt from its refusals.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::engine::error::EngineError;

/// Bits for the step of a wish.
const BITS: usize = 4;

/// A field of a request that not every server or model takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    /// Words by which a refusal names it, in lower case.
    pub(super) words: &'static [&'static str],
    /// How often it can be put in another way; the last one is without it.
    pub(super) steps: u32,
    /// The setting of the profile that asks for it. What a person asks for is not left out in silence.
    pub(super) setting: Option<&'static str>,
}

/// What a server is known not to understand; lasts as long as the engine.
#[derive(Debug)]
pub(super) struct Dialect {
    wishes: Vec<Wish>,
    steps: AtomicU32,
}

/// What one request takes for granted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Spoken(u32);

impl Dialect {
    pub(super) fn new(wishes: Vec<Wish>) -> Self {
        Self { wishes, steps: AtomicU32::new(0) }
    }

    /// What is known now.
    pub(super) fn current(&self) -> Spoken {
        Spoken(self.steps.load(Ordering::Relaxed))
    }

    /// Learns from an error to a request that spoke so.
    ///
    /// # Errors
    /// The error, if there is nothing to learn from it.
    pub(super) fn give_way(&self, spoken: Spoken, error: EngineError) -> Result<(), EngineError> {
        let (EngineError::Refused { message, .. } | EngineError::Unavailable { message, .. }) = &error else {
            return Err(error);
        };
        let lower = message.to_lowercase();
        let is_named = |wish: &Wish| wish.words.iter().any(|word| lower.contains(word));
        let named =
            self.wishes.iter().enumerate().find(|(at, wish)| spoken.step(*at) < wish.steps && is_named(wish));
        let Some((at, wish)) = named else { return Err(error) };
        if let Some(setting) = wish.setting {
            let message = format!("the profile sets {setting}, which the service refuses: {message}");
            return Err(EngineError::Unusable(message));
        }
        let next = spoken.0 + (1 << (BITS * at));
        // If another request was faster, its finding counts and this one tries again with it.
        let _ = self.steps.compare_exchange(spoken.0, next, Ordering::Relaxed, Ordering::Relaxed);
        Ok(())
    }
}

impl Spoken {
    /// How a wish is put, by its place among the wishes.
    pub(super) fn step(self, wish: usize) -> u32 {
        self.0 >> (BITS * wish) & ((1 << BITS) - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: Wish = Wish { words: &["schema", "response_format"], steps: 2, setting: None };
    const TEMPERATURE: Wish = Wish { words: &["temperature"], steps: 1, setting: None };

    fn refused(message: &str) -> EngineError {
        EngineError::Refused { status: 400, message: message.to_owned() }
    }

    fn steps(dialect: &Dialect) -> (u32, u32) {
        let spoken = dialect.current();
        (spoken.step(0), spoken.step(1))
    }

    #[test]
    fn gives_way_step_by_step_and_ends() {
        let dialect = Dialect::new(vec![FORMAT, TEMPERATURE]);
        let ask = |message| dialect.give_way(dialect.current(), refused(message));
        assert!(ask("Unknown field Response_Format").is_ok());
        assert_eq!(steps(&dialect), (1, 0));
        assert!(ask("response_format").is_ok() && ask("response_format").is_err());
        assert!(ask("'temperature' does not support 0").is_ok());
        assert_eq!(steps(&dialect), (2, 1));
        assert!(ask("'temperature' does not support 0").is_err());
    }

    #[test]
    fn two_requests_at_once_give_way_by_one_step() {
        let dialect = Dialect::new(vec![FORMAT]);
        let spoken = dialect.current();
        assert!(dialect.give_way(spoken, refused("schema")).is_ok());
        assert!(dialect.give_way(spoken, refused("schema")).is_ok());
        assert_eq!(steps(&dialect), (1, 0));
    }

    #[test]
    fn what_the_profile_asks_for_is_not_left_out_in_silence() {
        let dialect = Dialect::new(vec![Wish { setting: Some("temperature"), ..TEMPERATURE }]);
        let error = dialect.give_way(dialect.current(), refused("temperature is fixed")).unwrap_err();
        assert!(
            matches!(&error, EngineError::Unusable(message) if message.contains("sets temperature")),
            "{error}"
        );
    }

    #[test]
    fn other_errors_change_nothing() {
        let dialect = Dialect::new(vec![FORMAT]);
        assert!(dialect.give_way(dialect.current(), refused("context length exceeded")).is_err());
        assert!(dialect.give_way(dialect.current(), EngineError::TooLarge).is_err());
    }
}
