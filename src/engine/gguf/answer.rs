//! From what a model said to a translation.

use crate::engine::error::EngineError;
use crate::engine::fault::AnswerFault;
use crate::english::{declines, remark, unlabelled};
use crate::model::{Cut, Translation};

/// Pairs of marks that models put around a whole answer.
const WRAPPINGS: [(&str, &str); 5] = [("\"", "\""), ("“", "”"), ("'", "'"), ("**", "**"), ("`", "`")];

/// Whether the answer is complete because its line has ended.
pub(super) fn complete(said: &str) -> bool {
    unlabelled("", said).contains('\n')
}

/// Takes the translation out of what a model said; `ended` names why it was stopped, if it was.
///
/// # Errors
/// [`EngineError::NoAnswer`] if nothing usable is left.
pub(super) fn translation(source: &str, said: &str, ended: Option<Cut>) -> Result<Translation, EngineError> {
    let rest = unlabelled(source, said);
    let labelled = rest.len() < said.trim_start().len();
    let line = rest.lines().next().unwrap_or_default().trim();
    if declines(line) {
        return Err(AnswerFault::Declined(line.to_owned()).into());
    }
    let text = unwrapped(source, without_remark(source, line));
    if !text.chars().any(char::is_alphanumeric) && source.chars().any(char::is_alphanumeric) {
        return Err(AnswerFault::Empty.into());
    }
    let chatter = (labelled || text.len() < line.len()).then_some(Cut::Chatter);
    let mut translation = Translation::plain(text);
    translation.cuts = chatter.into_iter().chain(ended).collect();
    Ok(translation)
}

/// The line up to a remark at its end, which may be cut off before it closes.
fn without_remark<'a>(source: &str, line: &'a str) -> &'a str {
    let end = remark(source, line).map_or(line.len(), |place| place.start);
    line[..end].trim_end()
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
                matches!(translation("Es regnet.", said, None), Err(EngineError::NoAnswer { .. })),
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
