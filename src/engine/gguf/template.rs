//! The chat template that a model brings along.

use minijinja::{Environment, ErrorKind, Value, context};

use super::tokens::Tokens;
use crate::engine::error::EngineError;

/// A turn of a conversation.
#[derive(Debug, Clone)]
pub(super) struct ChatTurn {
    /// `system`, `user` or `assistant`.
    pub(super) role: &'static str,
    /// What is said.
    pub(super) content: String,
}

impl ChatTurn {
    /// Makes a turn.
    pub(super) fn new(role: &'static str, content: impl Into<String>) -> Self {
        Self { role, content: content.into() }
    }
}

/// Renders a conversation up to where the assistant is to speak.
///
/// Templates of models that know no system turn refuse one; its text then opens the first user turn.
pub(super) fn render(tokens: &Tokens, template: &str, turns: &[ChatTurn]) -> Result<String, EngineError> {
    render_once(tokens, template, turns)
        .or_else(|_| render_once(tokens, template, &without_system(turns)))
        .map_err(|e| EngineError::Broken {
            // In its long form it shows the line of the template.
            message: format!("the model's chat template cannot be used: {e:#}"),
            source: e.into(),
        })
}

fn render_once(tokens: &Tokens, template: &str, turns: &[ChatTurn]) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.add_function("raise_exception", |message: String| -> Result<Value, minijinja::Error> {
        Err(minijinja::Error::new(ErrorKind::InvalidOperation, message))
    });
    let pairs =
        |turn: &ChatTurn| [("role", Value::from(turn.role)), ("content", Value::from(turn.content.as_str()))];
    let messages: Vec<Value> = turns.iter().map(|turn| Value::from_pairs(pairs(turn))).collect();
    environment.render_str(
        template,
        context! {
            messages => messages,
            add_generation_prompt => true,
            enable_thinking => false,
            bos_token => tokens.beginning().unwrap_or_default(),
            eos_token => tokens.end().unwrap_or_default(),
        },
    )
}

fn without_system(turns: &[ChatTurn]) -> Vec<ChatTurn> {
    match turns {
        [system, user, rest @ ..] if system.role == "system" => {
            let opening = ChatTurn::new(user.role, format!("{}\n\n{}", system.content, user.content));
            std::iter::once(opening).chain(rest.iter().cloned()).collect()
        }
        turns => turns.to_vec(),
    }
}
