//! One text, without files.

use std::sync::Arc;

use parking_lot::Mutex;

use super::{Deliver, Input, Inputs, Options, Run, RunError, Tools};
use crate::engine::{Engine, EngineError};
use crate::glossary::Glossary;
use crate::memory::SqliteMemory;
use crate::model::{ArticleId, ParallelDocument};

/// Translates a German text and makes the terms of a glossary hold in its English.
///
/// Nothing is remembered: the same text is sent again by the next call. Whoever translates more than a text, or more than
/// once, takes a [`Run`] with a memory.
///
/// ```
/// # use std::sync::Arc;
/// use wortlaut::engine::{EngineKind, Profile, build};
/// use wortlaut::glossary::Glossary;
/// use wortlaut::pipeline::translate_text;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // The engine `pseudo` only marks the German.
/// let engine = build(&Profile::new("pseudo", EngineKind::Pseudo))?;
/// let document = translate_text("Die Fähre legt ab.", engine, &Glossary::default()).await?;
/// assert_eq!(document.units().len(), 1);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// If the engine cannot be used. A segment without a usable answer is no error: it is [`Unit::Failed`] in the document.
///
/// [`Unit::Failed`]: crate::model::Unit::Failed
pub async fn translate_text(
    text: &str,
    engine: Arc<dyn Engine>,
    glossary: &Glossary,
) -> Result<ParallelDocument, RunError> {
    let document = Arc::new(Mutex::new(None));
    let delivered = Arc::clone(&document);
    let deliver = Deliver::articles(Arc::new(move |document| {
        *delivered.lock() = Some(document);
        Ok(Vec::new())
    }));
    let article = Input::Bytes(ArticleId::new("text.txt"), text.as_bytes().to_vec());
    let inputs = Inputs { articles: vec![article], ..Inputs::default() };
    let run = Run::new(inputs, Tools::new(engine, glossary), Arc::new(SqliteMemory::open_in_memory()?));
    let options = Options { any_language: true, ..Options::default() };
    let outcome = Run { options, deliver, ..run }.start().await;
    let document = document.lock().take();
    match (outcome.failure, document) {
        (Some(error), _) => Err(error),
        (None, Some(document)) => Ok(document),
        (None, None) => Err(EngineError::Unusable("the text cannot be segmented".to_owned()).into()),
    }
}
