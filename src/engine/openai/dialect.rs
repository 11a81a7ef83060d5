//! What a server understands of the protocol, learnt from its refusals.

use std::sync::atomic::{AtomicU8, Ordering};

use serde_json::{Map, Value, json};

use crate::engine::error::EngineError;

const SCHEMA: u8 = 0;
const OBJECT: u8 = 1;
const TEXT: u8 = 2;
/// The fields that ask for JSON; the remaining bit is about `temperature`.
const FORMAT: u8 = 3;
const NO_TEMPERATURE: u8 = 4;

/// What a server is known not to understand; lasts as long as the engine.
#[derive(Default)]
pub(super) struct Dialect(AtomicU8);

/// What one request takes for granted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Spoken(u8);

impl Dialect {
    /// What is known now.
    pub(super) fn current(&self) -> Spoken {
        Spoken(self.0.load(Ordering::Relaxed))
    }

    /// Learns from an error to a request that spoke so; `false` if there is nothing to learn from it.
    pub(super) fn give_way(&self, spoken: Spoken, error: &EngineError) -> bool {
        let (EngineError::Refused { message, .. } | EngineError::Unavailable { message, .. }) = error else {
            return false;
        };
        let message = message.to_lowercase();
        let names = |words: &[&str]| words.iter().any(|word| message.contains(word));
        let format = spoken.0 & FORMAT;
        let next = if format != TEXT && names(&["response_format", "schema", "json_object", "grammar"]) {
            spoken.0 + 1
        } else if spoken.0 & NO_TEMPERATURE == 0 && names(&["temperature"]) {
            spoken.0 | NO_TEMPERATURE
        } else {
            return false;
        };
        // If another request was faster, its finding counts and this one tries again with it.
        let _ = self.0.compare_exchange(spoken.0, next, Ordering::Relaxed, Ordering::Relaxed);
        true
    }
}

impl Spoken {
    /// The fields of a request that not every server takes.
    pub(super) fn fields(self) -> Map<String, Value> {
        let mut fields = Map::new();
        if self.0 & NO_TEMPERATURE == 0 {
            fields.insert("temperature".to_owned(), json!(0));
        }
        match self.0 & FORMAT {
            SCHEMA => {
                let format = json!({ "type": "json_schema", "json_schema": schema() });
                fields.insert("response_format".to_owned(), format);
            }
            OBJECT => {
                fields.insert("response_format".to_owned(), json!({ "type": "json_object" }));
            }
            _ => {}
        }
        fields
    }
}

fn schema() -> Value {
    json!({
        "name": "translations",
        "strict": true,
        "schema": {
            "type": "object",
            "properties": {
                "translations": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": { "id": { "type": "integer" }, "en": { "type": "string" } },
                        "required": ["id", "en"],
                        "additionalProperties": false,
                    },
                },
            },
            "required": ["translations"],
            "additionalProperties": false,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(message: &str) -> EngineError {
        EngineError::Refused { status: 400, message: message.to_owned() }
    }

    #[test]
    fn gives_way_step_by_step_and_ends() {
        let dialect = Dialect::default();
        let error = refused("unknown field response_format");
        assert!(dialect.give_way(dialect.current(), &error));
        assert_eq!(dialect.current().fields()["response_format"], json!({ "type": "json_object" }));
        assert!(dialect.give_way(dialect.current(), &error));
        assert!(!dialect.current().fields().contains_key("response_format"));
        assert!(!dialect.give_way(dialect.current(), &error));
        assert!(dialect.give_way(dialect.current(), &refused("'temperature' does not support 0")));
        assert!(dialect.current().fields().is_empty());
        assert!(!dialect.give_way(dialect.current(), &refused("'temperature' does not support 0")));
    }

    #[test]
    fn two_requests_at_once_give_way_by_one_step() {
        let dialect = Dialect::default();
        let spoken = dialect.current();
        let error = refused("json_schema is not supported");
        assert!(dialect.give_way(spoken, &error));
        assert!(dialect.give_way(spoken, &error));
        assert!(dialect.current().fields().contains_key("response_format"));
    }

    #[test]
    fn other_errors_change_nothing() {
        let dialect = Dialect::default();
        assert!(!dialect.give_way(dialect.current(), &refused("context length exceeded")));
        assert!(!dialect.give_way(dialect.current(), &EngineError::TooLarge));
    }
}
