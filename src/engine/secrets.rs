//! What must never be seen: keys, and the tokens that they are traded for.

use std::sync::Arc;

use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};

/// The secrets of one engine; clones share them.
#[derive(Clone, Default)]
pub(super) struct Secrets(Arc<Mutex<Vec<SecretString>>>);

impl Secrets {
    /// A key, if there is one.
    pub(super) fn of(key: Option<&SecretString>) -> Self {
        let secrets = Self::default();
        if let Some(key) = key {
            secrets.keep(key.clone());
        }
        secrets
    }

    /// Adds a secret that came up later.
    pub(super) fn keep(&self, secret: SecretString) {
        // An empty one would stand between all letters.
        if secret.expose_secret().is_empty() {
            return;
        }
        let mut kept = self.0.lock();
        if kept.iter().all(|known| known.expose_secret() != secret.expose_secret()) {
            kept.push(secret);
        }
    }

    /// A text without any of them.
    pub(super) fn hide(&self, text: &str) -> String {
        let secrets = self.0.lock();
        secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose_secret(), "***"))
    }
}
