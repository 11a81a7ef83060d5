//! The prompt.

use serde::Serialize;
use serde_json::{Value, json};

use crate::engine::error::EngineError;
use crate::engine::http::json_len;
use crate::engine::profile::TargetLang;
use crate::model::Request;
use crate::text::characters::one_line;

/// Stands in the fingerprint: to be raised whenever the wording changes.
pub(super) const VERSION: u32 = 1;

const TEMPLATE: &str = include_str!("../data/prompt.txt");
const TERMS: &str = "\nTerms: wherever the German words on the left stand in a text, its translation uses the \
                     English on the right, word for word; only its number and genitive may change.\n";
/// Bytes of a segment's JSON and of a term's line that are not its text.
const SEGMENT_FRAME: usize = 40;
const TERM_FRAME: usize = 8;

/// The words around the texts.
pub(super) struct ChatPrompt {
    system: String,
}

#[derive(Serialize)]
struct PromptSegment<'a> {
    id: usize,
    de: &'a str,
}

#[derive(Serialize)]
struct Task<'a> {
    segments: Vec<PromptSegment<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<&'a str>,
}

impl ChatPrompt {
    /// The prompt for the English that is wanted.
    pub(super) fn new(target: TargetLang) -> Self {
        let english = match target {
            TargetLang::EnUs => "American English",
            TargetLang::EnGb => "British English",
        };
        let lines = TEMPLATE.split_inclusive('\n').filter(|line| !line.starts_with('#'));
        let system = lines.collect::<String>().replace("{english}", english);
        Self { system }
    }

    /// Bytes of the prompt in JSON, terms not counted.
    pub(super) fn len(&self) -> usize {
        json_len(&self.system) + json_len(TERMS)
    }

    /// The messages for some texts and what stands before them; the ids count from 1.
    ///
    /// The terms come last in the system message, so that a server can reuse what it has computed for
    /// the rest.
    pub(super) fn messages(&self, requests: &[Request], context: Option<&str>) -> Result<Value, EngineError> {
        let texts = requests.iter().map(|request| request.text.as_str());
        let segments = (1..).zip(texts).map(|(id, de)| PromptSegment { id, de }).collect();
        let context = context.filter(|context| !context.is_empty());
        let task = serde_json::to_string(&Task { segments, context });
        let task = task.map_err(|error| EngineError::broken("cannot write JSON", error))?;
        Ok(json!([
            { "role": "system", "content": format!("{}{}", self.system, terms(requests)) },
            { "role": "user", "content": task },
        ]))
    }
}

/// Bytes that a text adds to the body: JSON in a JSON string, and its terms.
pub(super) fn encoded_len(request: &Request) -> usize {
    let inner = serde_json::to_string(&request.text).unwrap_or_default();
    let terms = request.terms.iter().map(|term| json_len(&term.source) + json_len(&term.target) + TERM_FRAME);
    json_len(&inner) + SEGMENT_FRAME + terms.sum::<usize>()
}

/// The terms of all texts, one a line, none twice.
fn terms(requests: &[Request]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for term in requests.iter().flat_map(|request| &request.terms) {
        let line = format!("{} -> {}\n", one_line(&term.source), one_line(&term.target));
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    if lines.is_empty() { String::new() } else { format!("{TERMS}{}", lines.concat()) }
}
