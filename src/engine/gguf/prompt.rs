//! What a model is asked.
//!
//! A prompt has a fixed part, the same for all texts and computed once, and a part of its own. The text to be
//! translated can never be taken for a mark of the template: it is turned into tokens apart from it.

use std::sync::{Arc, LazyLock};

use super::template::{ChatTurn, render};
use super::tokens::Tokens;
use crate::engine::error::EngineError;
use crate::model::{Example, Request, TermHint};
use crate::tables::{TableError, TableRow, must, rows, values};
use crate::text::characters::one_line;

/// Stands for a text while a template is rendered; a character that no text means anything by.
const SLOT: &str = "\u{F8FF}";

/// How much of the text before a batch goes along, in characters.
const CONTEXT_CHARACTERS: usize = 300;

/// How a model wants to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PromptStyle {
    /// With its own chat template.
    Chat,
    /// As `TranslateGemma` was trained to be asked.
    TranslateGemma,
    /// With examples that it continues: base models.
    Completion,
}

/// Tokens to show a model before it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ModelPrompt {
    /// The same for all texts.
    pub(super) fixed: Arc<[u32]>,
    /// Particular to this text; never empty.
    pub(super) own: Vec<u32>,
}

/// Asks one model.
#[derive(Debug, Clone)]
pub(super) struct Prompter {
    style: PromptStyle,
    fixed: Arc<[u32]>,
    /// What stands between the fixed part and the text.
    lead: String,
    /// What stands between the text and the answer.
    closing: Vec<u32>,
    /// What stands around the answer of an example in a conversation, where examples can be put into one.
    turn: Option<AnswerTurn>,
}

/// What stands around the answer of an example.
#[derive(Debug, Clone)]
struct AnswerTurn {
    /// Marks after the text of the example.
    opening: Vec<u32>,
    /// What stands between them and the answer.
    lead: String,
    /// Marks after the answer, up to what leads to the next text.
    closing: Vec<u32>,
}

impl Prompter {
    /// Finds out how a model wants to be asked and prepares the fixed part.
    pub(super) fn new(tokens: &Tokens) -> Result<Self, EngineError> {
        match tokens.chat_template() {
            None => Self::completion(tokens),
            Some(template) if template.contains("source_lang_code") => Self::translate_gemma(tokens),
            Some(template) => Self::chat(tokens, template),
        }
    }

    /// How the model is asked.
    pub(super) fn style(&self) -> PromptStyle {
        self.style
    }

    /// Whether examples can be put between the fixed part and the text.
    pub(super) fn takes_examples(&self) -> bool {
        self.style == PromptStyle::Completion || self.turn.is_some()
    }

    /// The prompt for a text, with its terms, what stands before it, and examples, of which the nearest comes last.
    pub(super) fn prompt(
        &self,
        tokens: &Tokens,
        request: &Request,
        context: Option<&str>,
        examples: &[Example],
    ) -> Result<ModelPrompt, EngineError> {
        let context = if self.style == PromptStyle::Completion { None } else { context };
        let text = match self.style {
            PromptStyle::TranslateGemma => gemma_body(request, context),
            PromptStyle::Chat | PromptStyle::Completion => body(&request.text, &request.terms, context),
        };
        let mut own = Vec::new();
        let mut shown = String::new();
        for example in examples.iter().rev() {
            let german = body(&example.source, &[], None);
            let answer = one_line(&example.target);
            if let Some(turn) = &self.turn {
                own.extend(tokens.plain(&format!("{}{german}", self.lead))?);
                own.extend_from_slice(&turn.opening);
                own.extend(tokens.plain(&format!("{}{answer}", turn.lead))?);
                own.extend_from_slice(&turn.closing);
            } else if self.style == PromptStyle::Completion {
                shown.push_str(&continued(&german, "English", &answer));
            }
        }
        own.extend(tokens.plain(&format!("{shown}{}{text}", self.lead))?);
        own.extend_from_slice(&self.closing);
        Ok(ModelPrompt { fixed: Arc::clone(&self.fixed), own })
    }

    /// Asks for the German of an English text. `None` where nobody knows how to ask for that.
    pub(super) fn reversed(&self, tokens: &Tokens) -> Result<Option<Self>, EngineError> {
        match (self.style, tokens.chat_template()) {
            (PromptStyle::Chat, Some(template)) => {
                let prompt = render(tokens, template, &reversed_conversation())?;
                Self::around(tokens, PromptStyle::Chat, &prompt).map(Some)
            }
            (PromptStyle::Completion, _) => {
                let examples: String =
                    PAIRS.iter().map(|pair| continued(&asked(pair.english), "German", pair.german)).collect();
                Self::continuing(tokens, &examples, "German").map(Some)
            }
            (PromptStyle::Chat | PromptStyle::TranslateGemma, _) => Ok(None),
        }
    }

    /// What a model that is asked for the German of a text is shown.
    pub(super) fn reversed_question(&self, tokens: &Tokens, english: &str) -> Result<Vec<u32>, EngineError> {
        let mut own = tokens.plain(&format!("{}{}", self.lead, asked(&one_line(english))))?;
        own.extend_from_slice(&self.closing);
        Ok(own)
    }

    /// How it would answer that.
    pub(super) fn reversed_answer(&self, tokens: &Tokens, german: &str) -> Result<Vec<u32>, EngineError> {
        let blank = if self.style == PromptStyle::Completion { " " } else { "" };
        tokens.plain(&format!("{blank}{}", one_line(german)))
    }

    /// What is the same for all texts.
    pub(super) fn fixed(&self) -> &[u32] {
        &self.fixed
    }

    fn chat(tokens: &Tokens, template: &str) -> Result<Self, EngineError> {
        let prompt = render(tokens, template, &conversation(false))?;
        let turn = AnswerTurn::find(tokens, template, &prompt)?;
        Ok(Self { turn, ..Self::around(tokens, PromptStyle::Chat, &prompt)? })
    }

    fn completion(tokens: &Tokens) -> Result<Self, EngineError> {
        let example =
            |pair: &ExamplePair| continued(&body(pair.german, &pair.terms, None), "English", pair.english);
        let examples: String = PAIRS.iter().map(example).collect();
        Self::continuing(tokens, &examples, "English")
    }

    /// Asks a base model, which goes on behind the label of the answer.
    fn continuing(tokens: &Tokens, examples: &str, label: &str) -> Result<Self, EngineError> {
        Ok(Self {
            style: PromptStyle::Completion,
            fixed: tokens.opening(examples)?.into(),
            lead: String::new(),
            closing: tokens.plain(&format!("\n{label}:"))?,
            turn: None,
        })
    }

    fn translate_gemma(tokens: &Tokens) -> Result<Self, EngineError> {
        let opening = include_str!("data/translategemma.txt").trim_end();
        let prompt =
            format!("<start_of_turn>user\n{opening}\n\n\n{SLOT}<end_of_turn>\n<start_of_turn>model\n");
        Self::around(tokens, PromptStyle::TranslateGemma, &prompt)
    }

    /// Splits a rendered prompt at the last mark before the text: what stands before it is fixed, what stands
    /// between it and the text is turned into tokens together with the text, as one piece.
    fn around(tokens: &Tokens, style: PromptStyle, prompt: &str) -> Result<Self, EngineError> {
        let lost = || EngineError::Unusable("the model's chat template drops what the user says".to_owned());
        let (before, after) = prompt.rsplit_once(SLOT).ok_or_else(lost)?;
        let (fixed, lead) = behind_last_mark(tokens, before)?;
        Ok(Self {
            style,
            fixed: tokens.opening(fixed)?.into(),
            lead: lead.to_owned(),
            closing: tokens.marked(after)?,
            turn: None,
        })
    }
}

impl AnswerTurn {
    /// Finds it by rendering a conversation with an example more than `prompt` has. `None` if the template then
    /// does not begin and end the conversation as before.
    fn find(tokens: &Tokens, template: &str, prompt: &str) -> Result<Option<Self>, EngineError> {
        let Ok(longer) = render(tokens, template, &conversation(true)) else { return Ok(None) };
        let parts: Vec<&str> = longer.split(SLOT).collect();
        let [before, to_answer, to_text, end] = parts[..] else { return Ok(None) };
        let (_, lead) = behind_last_mark(tokens, before)?;
        let Some(closing) = to_text.strip_suffix(lead) else { return Ok(None) };
        if format!("{before}{SLOT}{end}") != prompt {
            return Ok(None);
        }
        let (opening, lead) = behind_last_mark(tokens, to_answer)?;
        let (opening, closing) = (tokens.marked(opening)?, tokens.marked(closing)?);
        Ok(Some(Self { opening, lead: lead.to_owned(), closing }))
    }
}

/// Splits the text of a prompt behind its last mark.
fn behind_last_mark<'a>(tokens: &Tokens, text: &'a str) -> Result<(&'a str, &'a str), EngineError> {
    let mark = tokens.opening(text)?.iter().rev().find_map(|token| tokens.mark(*token));
    let end = mark.and_then(|mark| Some(text.rfind(&mark)? + mark.len())).unwrap_or(0);
    Ok(text.split_at(end))
}

/// An example as a base model is shown it.
fn continued(body: &str, label: &str, answer: &str) -> String {
    format!("{body}\n{label}: {answer}\n\n")
}

struct ExamplePair {
    german: &'static str,
    english: &'static str,
    terms: Vec<TermHint>,
}

/// The pairs of the data file.
static PAIRS: LazyLock<Vec<ExamplePair>> = LazyLock::new(|| must(pairs()));

fn pairs() -> Result<Vec<ExamplePair>, TableError> {
    let rows = rows::<3>("engine/gguf/data/pairs.tsv", include_str!("data/pairs.tsv"))?;
    let pair = |row: &TableRow<3>| {
        let [german, english, terms] = row.cells;
        let terms = values(terms).filter(|term| !term.is_empty()).map(|term| {
            let (source, target) = term.split_once('=').ok_or_else(|| row.error("a term without ="))?;
            Ok(TermHint { source: source.trim().to_owned(), target: target.trim().to_owned() })
        });
        Ok(ExamplePair { german, english, terms: terms.collect::<Result<_, _>>()? })
    };
    rows.iter().map(pair).collect()
}

/// The instruction, the pairs, with `example` an example more, and the text.
fn conversation(example: bool) -> Vec<ChatTurn> {
    let mut turns = vec![ChatTurn::new("system", include_str!("data/system.txt").trim())];
    for pair in PAIRS.iter() {
        turns.push(ChatTurn::new("user", body(pair.german, &pair.terms, None)));
        turns.push(ChatTurn::new("assistant", pair.english));
    }
    if example {
        turns.extend([ChatTurn::new("user", SLOT), ChatTurn::new("assistant", SLOT)]);
    }
    turns.push(ChatTurn::new("user", SLOT));
    turns
}

/// The same the other way round.
fn reversed_conversation() -> Vec<ChatTurn> {
    let mut turns = vec![ChatTurn::new("system", include_str!("data/reversed.txt").trim())];
    for pair in PAIRS.iter() {
        turns.push(ChatTurn::new("user", asked(pair.english)));
        turns.push(ChatTurn::new("assistant", pair.german));
    }
    turns.push(ChatTurn::new("user", asked(SLOT)));
    turns
}

/// An English text whose German is asked for.
fn asked(english: &str) -> String {
    format!("English: {english}")
}

fn body(text: &str, terms: &[TermHint], context: Option<&str>) -> String {
    let context = context.map(|context| format!("Before: {}\n", end_of(context))).unwrap_or_default();
    let glossary = if terms.is_empty() { String::new() } else { format!("Glossary: {}\n", glossary(terms)) };
    format!("{context}{glossary}German: {}", one_line(text))
}

fn gemma_body(request: &Request, context: Option<&str>) -> String {
    let told = |what: &str, text: String| format!("({what}: {text})\n\n");
    let context = context.map(|context| told("Preceding text, not to be translated", end_of(context)));
    let terms = Some(&request.terms).filter(|terms| !terms.is_empty());
    let terms = terms.map(|terms| told("Glossary", glossary(terms)));
    [context, terms, Some(one_line(&request.text))].into_iter().flatten().collect()
}

/// The house form of each term.
fn glossary(terms: &[TermHint]) -> String {
    let terms = terms.chunk_by(|one, other| one.source == other.source).filter_map(<[TermHint]>::first);
    let terms: Vec<String> = terms.map(|term| format!("{} = {}", term.source, term.target)).collect();
    one_line(&terms.join("; "))
}

/// The last words of a text, within the limit.
fn end_of(text: &str) -> String {
    let text = one_line(text);
    let Some((cut, _)) = text.char_indices().rev().nth(CONTEXT_CHARACTERS) else { return text };
    let end = &text[cut..];
    end.split_once(' ').map_or(end, |(_, words)| words).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_five_examples_and_their_terms_stand_in_them() {
        let pairs = pairs().expect("a whole table");
        assert_eq!(pairs.len(), 5);
        for term in pairs.iter().flat_map(|pair| pair.terms.iter().map(move |term| (pair, term))) {
            assert!(term.0.german.contains(&term.1.source) && term.0.english.contains(&term.1.target));
        }
        assert!(
            pairs.iter().any(|pair| pair.terms.len() > 1) && pairs.iter().any(|pair| pair.terms.is_empty())
        );
    }

    #[test]
    fn a_body_is_one_line_for_each_thing_told() {
        let terms = [
            TermHint { source: "Fähre".into(), target: "ferry".into() },
            TermHint { source: "Fähre".into(), target: "steamer".into() },
            TermHint { source: "Kai".into(), target: "quay".into() },
        ];
        assert_eq!(
            body("Die Fähre\nlegt am Kai an.", &terms, Some("Es ist\nNacht.")),
            "Before: Es ist Nacht.\nGlossary: Fähre = ferry; Kai = quay\nGerman: Die Fähre legt am Kai an."
        );
    }

    #[test]
    fn context_is_cut_at_a_word() {
        let end = end_of(&"Möwen über Emden ".repeat(50));
        assert!(end.chars().count() <= CONTEXT_CHARACTERS && end.ends_with("über Emden"));
        assert!(["Möwen", "über", "Emden"].iter().any(|word| end.starts_with(word)));
    }
}
