//! Programs as engines: small ones for a shell.

use super::conformance::TEXTS;
use super::*;
use crate::engine::{CommandOptions, Engine, EngineOptions, ErrorClass};
use std::sync::Arc;
use std::time::Duration;

/// Reads a line and finds its id.
const READ: &str = r#"read -r line || exit 0; id=${line#*'"id":'}; id=${id%%,*};"#;

fn options(command: &str) -> CommandOptions {
    CommandOptions { command: Some(command.to_owned()), ..CommandOptions::default() }
}

fn engine(options: CommandOptions) -> Arc<dyn Engine> {
    let profile = Profile::with_options("eigen", EngineOptions::Command(options));
    let attempts = NonZeroU32::new(1);
    build(&Profile { attempts, concurrency: NonZeroUsize::new(4), ..profile }).unwrap()
}

/// A program that answers each line in turn.
fn answers(with: &str) -> String {
    format!("while :; do {READ} {with}; done")
}

async fn error_of(command: &str) -> EngineError {
    match engine(options(command)).translate(&batch(&["Ja."])).await.unwrap_err() {
        EngineError::GivenUp { last, .. } => *last,
        error => error,
    }
}

#[tokio::test]
async fn a_program_is_asked_line_by_line_and_kept_running() {
    // Counts its lines, so one that was started anew would begin again.
    let count =
        format!("n=0; {}", answers(r#"n=$((n+1)); printf '{"id":%s,"translations":["%s"]}\n' "$id" "$n""#));
    let engine = engine(options(&count));
    for n in 1..4 {
        assert_eq!(texts(&engine.translate(&batch(&["Ja."])).await.unwrap()), [n.to_string()]);
    }
    assert_eq!(engine.requests(), 3);
}

#[tokio::test]
async fn it_is_told_what_stands_before_and_which_terms_there_are() {
    // Gives the line back as its translation, without the quotation marks.
    let echo =
        answers(r#"printf '{"id":%s,"translations":["%s"]}\n' "$id" "$(printf %s "$line" | tr -d '"')""#);
    let engine = engine(CommandOptions { terms: true, ..options(&echo) });
    let mut batch = batch(&["Der Kai."]);
    batch.context = Some("Es ist spät.".to_owned());
    batch.requests[0].terms = vec![TermHint { source: "Kai".to_owned(), target: "quay".to_owned() }];
    let got = engine.translate(&batch).await.unwrap();
    assert_eq!(
        texts(&got),
        ["{id:1,target:EN-US,texts:[Der Kai.],context:Es ist spät.,terms:[[{source:Kai,target:quay}]]}"]
    );
}

#[tokio::test]
async fn answers_may_come_in_any_order() {
    let swap = format!(
        r#"while :; do {READ} first=$id; {READ} printf '{{"id":%s,"translations":["for %s"]}}\n' "$id" "$id" "$first" "$first"; done"#
    );
    let engine = engine(options(&swap));
    let batch = batch(&["Ja."]);
    let (first, second) = futures::join!(engine.translate(&batch), engine.translate(&batch));
    assert_eq!(texts(&first.unwrap()), ["for 1"]);
    assert_eq!(texts(&second.unwrap()), ["for 2"]);
}

#[tokio::test]
async fn what_goes_wrong_is_told_with_what_the_program_said() {
    let error = error_of("echo 'no model here' >&2; exit 3").await;
    assert!(error.to_string().contains("no model here"), "{error}");
    let error = error_of("there-is-no-such-program-4711").await;
    assert_eq!(error.class(), ErrorClass::Fatal, "{error}");
    let error = error_of(&answers(r#"printf '{"id":%s,"error":"too\\nlong"}\n' "$id""#)).await;
    assert_eq!(
        (error.class(), error.to_string().contains("too long")),
        (ErrorClass::Reject, true),
        "{error}"
    );
    let error = error_of(&answers("echo 'Loading the model …'")).await;
    assert!(error.to_string().contains("cannot be read"), "{error}");
    let error = error_of(&answers(r#"printf '{"id":%s,"translations":[]}\n' "$id""#)).await;
    assert!(matches!(error, EngineError::NoAnswer { .. }), "{error}");
}

#[tokio::test]
async fn a_program_that_ends_is_started_again() {
    let once = format!(r#"{READ} printf '{{"id":%s,"translations":["Yes."]}}\n' "$id""#);
    let engine = engine(options(&once));
    for _ in 0..3 {
        let answer = loop {
            match engine.translate(&batch(&["Ja."])).await {
                Ok(answer) => break answer,
                // It was seen to run, and ended before it read the line.
                Err(error) => assert!(error.to_string().contains("ended"), "{error}"),
            }
        };
        assert_eq!(texts(&answer), ["Yes."]);
    }
}

#[tokio::test]
async fn one_that_hangs_is_ended_with_all_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // What it starts keeps the pipe open, and says so if it lives.
    let command = format!("(sleep 20; echo alive) > '{}' & cat > /dev/null", pipe.display());
    let reader = std::thread::spawn(move || std::fs::read_to_string(pipe).unwrap());
    let hang = CommandOptions { timeout: Some(Duration::from_millis(200)), ..options(&command) };
    let error = engine(hang).translate(&batch(&["Ja."])).await.unwrap_err();
    assert!(error.to_string().contains("no answer"), "{error}");
    let said = tokio::task::spawn_blocking(|| reader.join().unwrap()).await.unwrap();
    assert_eq!(said, "");
}

#[test]
fn the_memory_knows_a_program_by_its_command_or_its_name() {
    let fingerprint = |options| engine(options).info().fingerprint.clone();
    assert_ne!(fingerprint(options("a")), fingerprint(options("b")));
    let named = |command| CommandOptions { identity: Some("marian".to_owned()), ..options(command) };
    assert_eq!(fingerprint(named("a")), fingerprint(named("b")));
}

/// What every service is held to, too: each text has its own translation, whatever stands in it.
#[tokio::test]
async fn each_text_gets_its_own_translation() {
    // Gives back the texts of a line as they are, in the JSON that they came in.
    let echo = answers(r#"printf '%s\n' "$line" | sed 's/"target":"EN-US","texts":/"translations":/'"#);
    let engine = engine(options(&echo));
    for sent in [&TEXTS[..], &TEXTS[..1], &["", "Nein.", "Nein."]] {
        assert_eq!(texts(&engine.translate(&batch(sent)).await.unwrap()), sent);
    }
}

#[tokio::test]
async fn an_answer_cut_off_at_any_place_is_no_panic_and_no_other_count() {
    let whole = r#"{"id":%s,"translations":["Yes.","\\u0022No\\u0022."]}"#;
    for end in 0..=whole.len() {
        let cut = &whole[..end];
        if cut.ends_with(['%', '\\']) {
            // These would be read as parts of a format.
            continue;
        }
        let id = if cut.contains("%s") { r#""$id""# } else { "" };
        let command = format!("{READ} printf '{cut}\\n' {id}");
        match engine(options(&command)).translate(&batch(&["Ja.", "\"Nein\"."])).await {
            Ok(got) => assert_eq!((end, texts(&got)), (whole.len(), vec!["Yes.", "\"No\"."])),
            Err(error) => assert!(end < whole.len(), "{error}"),
        }
    }
}
