//! From what a model said to a translation.

use std::sync::LazyLock;

use crate::engine::EngineError;
use crate::model::{Cut, Translation};
use crate::tables::{Kinds, TableError, must};

/// Pairs of marks that models put around a whole answer.
const WRAPPINGS: [(&str, &str); 5] = [("\"", "\""), ("“", "”"), ("'", "'"), ("**", "**"), ("`", "`")];

/// Whether the answer is complete because its line has ended.
pub(super) fn complete(said: &str) -> bool {
    unlabelled(said).0.contains('\n')
}

/// Takes the translation out of what a model said; `ended` names why it was stopped, if it was.
///
/// # Errors
/// [`EngineError::Malformed`] if nothing usable is left.
pub(super) fn translation(source: &str, said: &str, ended: Option<Cut>) -> Result<Translation, EngineError> {
    let (rest, labelled) = unlabelled(said);
    let line = rest.lines().next().unwrap_or_default().trim();
    if CHATTER.refusals.iter().any(|refusal| starts_with(line, refusal)) {
        return Err(EngineError::Malformed(format!("the model declines: {line}")));
    }
    let text = unwrapped(source, without_tail(source, line));
    if !text.chars().any(char::is_alphanumeric) && source.chars().any(char::is_alphanumeric) {
        return Err(EngineError::Malformed("the model gives no translation".to_owned()));
    }
    let chatter = (labelled || text.len() < line.len()).then_some(Cut::Chatter);
    let mut translation = Translation::plain(text);
    translation.cuts = chatter.into_iter().chain(ended).collect();
    Ok(translation)
}

/// What was said without labels before it, and whether there were any.
fn unlabelled(said: &str) -> (&str, bool) {
    let mut rest = said.trim_start();
    let mut any = false;
    while let Some(label) = CHATTER.labels.iter().find(|label| starts_with(rest, label)) {
        rest = rest[label.len()..].trim_start();
        any = true;
    }
    (rest, any)
}

/// The line up to chatter at its end. What the source has in German of the kind is no chatter.
fn without_tail<'a>(source: &str, line: &'a str) -> &'a str {
    let lower = line.to_ascii_lowercase();
    let end = CHATTER
        .tails
        .iter()
        .filter(|tail| !tail.contains('(') || !source.contains('('))
        .filter_map(|tail| lower.find(tail));
    line[..end.min().unwrap_or(line.len())].trim_end()
}

/// The text without marks around it that the source does not have.
fn unwrapped<'a>(source: &str, text: &'a str) -> &'a str {
    let quoted = source.trim_start().starts_with(['"', '„', '“', '»', '«', '‚', '\'', '›', '*', '`']);
    let inside = |(open, close): &(&str, &str)| {
        text.strip_prefix(open)?
            .strip_suffix(close)
            .filter(|inside| !inside.contains(open) && !inside.contains(close))
    };
    WRAPPINGS.iter().find_map(inside).filter(|_| !quoted).map_or(text, str::trim)
}

/// What models say besides the translation.
struct Chatter {
    labels: Vec<&'static str>,
    refusals: Vec<&'static str>,
    tails: Vec<&'static str>,
}

static CHATTER: LazyLock<Chatter> = LazyLock::new(|| must(Chatter::read()));

impl Chatter {
    fn read() -> Result<Self, TableError> {
        let kinds = ["label", "refusal", "tail"];
        let table = Kinds::read("engine/gguf/data/chatter.tsv", include_str!("data/chatter.tsv"), &kinds)?;
        Ok(Self {
            labels: table.values("label")?,
            refusals: table.values("refusal")?,
            tails: table.values("tail")?,
        })
    }
}

fn starts_with(text: &str, phrase: &str) -> bool {
    text.get(..phrase.len()).is_some_and(|start| start.eq_ignore_ascii_case(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str, said: &str) -> (String, Vec<Cut>) {
        let translation = translation(source, said, None).unwrap();
        (translation.text, translation.cuts)
    }

    #[test]
    fn a_plain_answer_stays_as_it_is() {
        assert_eq!(text("Es regnet.", " It is raining."), ("It is raining.".to_owned(), vec![]));
        assert_eq!(text("„Komm!“, rief er.", "\"Come!\""), ("\"Come!\"".to_owned(), vec![]));
    }

    #[test]
    fn labels_notes_and_wrappings_go() {
        let chatter = vec![Cut::Chatter];
        for said in [
            "English: It is raining.",
            "Sure! Here is the translation:\n\nIt is raining.\nAnything else?",
            "**It is raining.**",
            "\"It is raining.\"",
            "It is raining. (Note: weather)",
        ] {
            assert_eq!(text("Es regnet.", said), ("It is raining.".to_owned(), chatter.clone()), "{said}");
        }
    }

    #[test]
    fn a_label_alone_does_not_complete_an_answer() {
        assert!(!complete("\n\nTranslation:\n"));
        assert!(!complete("It is"));
        assert!(complete("Translation:\nIt is raining.\n"));
    }

    #[test]
    fn refusals_and_empty_answers_are_errors() {
        for said in ["", "\n", "English:", "...", "As an AI language model, I"] {
            assert!(
                matches!(translation("Es regnet.", said, None), Err(EngineError::Malformed(_))),
                "{said}"
            );
        }
        assert_eq!(text("…", "..."), ("...".to_owned(), vec![]));
    }

    #[test]
    fn what_ended_an_answer_is_told() {
        let cut = translation("Ja.", "Yes yes", Some(Cut::Loop)).unwrap().cuts;
        assert_eq!(cut, [Cut::Loop]);
    }
}
