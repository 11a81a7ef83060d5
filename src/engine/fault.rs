//! What is wrong with an answer that holds no translations.

use std::error::Error as StdError;

use thiserror::Error;

/// What lies below an error: the error of another part, or words where there is none.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// Why an answer that came, and may have been paid for, holds no translations.
///
/// For engines to say, by what the protocol tells: a count, an id, a reason why the model stopped. What only the words
/// tell (an echo, chatter, half a sentence) is for [`judge`](crate::check::judge()): such a text is given on as it came. A text
/// that alone is missing from an answer is given on as an empty one, so that the others of its batch count.
///
/// Whatever the fault, the same request is never sent again: its texts are asked for in another form. What every
/// request would meet with (a web page, a login, a model that does not exist) is no fault of an answer but
/// [`EngineError::Unusable`](super::EngineError::Unusable), and what the service does not process [`EngineError::Refused`](super::EngineError::Refused).
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AnswerFault {
    /// There are more translations than texts, or fewer, and nothing says which belong together.
    #[error("{got} translations came back for {sent} texts")]
    WrongCount { sent: usize, got: usize },
    /// Its items have other ids than those that were sent.
    #[error("the answer is not numbered as the texts were sent")]
    OtherIds,
    /// The model reached the longest length it writes, or its time, before the first text was whole.
    #[error("the answer was cut off at the length limit of the model")]
    CutOff,
    /// It is not what the protocol says.
    #[error("the answer cannot be read: {0}")]
    Unreadable(#[source] Cause),
    /// There is nothing in it.
    #[error("the answer is empty")]
    Empty,
    /// The model says that it will not translate this.
    #[error("the model declines: {0}")]
    Declined(String),
    /// The service holds the answer back: its filter for content or safety, or since it repeats a protected text.
    #[error("the service withholds the answer: {0}")]
    Withheld(String),
}
