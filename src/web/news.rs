//! What a page that is open is told as it happens.

use serde::Serialize;

/// Something that happened.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "news", rename_all = "lowercase")]
pub(super) enum News {
    /// There are more articles in the list, or others than before.
    Listed,
}
