//! What shows on whose account requests are, and expires: had when it is needed, once for all workers.

use std::future::Future;
use std::time::Duration;

use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::error::EngineError;
use super::profile::KeyRenewal;

/// A token or a set of keys that expires.
pub(super) struct Credential<T> {
    current: Mutex<Option<Fresh<T>>>,
    /// Whoever holds it fetches; the others wait for what comes of it.
    fetching: tokio::sync::Mutex<()>,
}

struct Fresh<T> {
    value: T,
    /// When it is no longer used; `None` if nobody knows.
    until: Option<Instant>,
}

/// A credential as it came.
pub(super) struct Fetched<T> {
    pub(super) value: T,
    /// For how long it is to be used: somewhat shorter than it is good for.
    pub(super) usable: Option<Duration>,
}

impl<T: Clone + PartialEq> Credential<T> {
    /// One that is still to be fetched, unless it is there.
    pub(super) fn new(first: Option<Fetched<T>>) -> Self {
        Self { current: Mutex::new(first.map(Fresh::of)), fetching: tokio::sync::Mutex::default() }
    }

    /// The credential, fetched if there is none or it is about to expire.
    pub(super) async fn get<F>(&self, fetch: impl FnOnce() -> F) -> Result<T, EngineError>
    where
        F: Future<Output = Result<Fetched<T>, EngineError>>,
    {
        if let Some(value) = self.usable() {
            return Ok(value);
        }
        let _alone = self.fetching.lock().await;
        // Another worker may have fetched it meanwhile.
        if let Some(value) = self.usable() {
            return Ok(value);
        }
        let fetched = fetch().await?;
        let value = fetched.value.clone();
        *self.current.lock() = Some(Fresh::of(fetched));
        Ok(value)
    }

    /// Does away with a credential that was refused, unless there is another one by now.
    pub(super) fn forget(&self, is_refused: impl FnOnce(&T) -> bool) {
        let mut current = self.current.lock();
        if current.as_ref().is_some_and(|fresh| is_refused(&fresh.value)) {
            *current = None;
        }
    }

    fn usable(&self) -> Option<T> {
        let current = self.current.lock();
        let fresh = current.as_ref()?;
        let is_usable = fresh.until.is_none_or(|until| Instant::now() < until);
        is_usable.then(|| fresh.value.clone())
    }
}

impl<T> Fresh<T> {
    fn of(fetched: Fetched<T>) -> Self {
        // What is good for longer than clocks go does not expire.
        let until = fetched.usable.and_then(|usable| Instant::now().checked_add(usable));
        Self { value: fetched.value, until }
    }
}

/// Asks for a key once more, without holding up other work: commands take seconds.
pub(super) async fn renewed(renewal: &KeyRenewal) -> Result<SecretString, EngineError> {
    let renewal = renewal.clone();
    let key = spawn_blocking(move || renewal.renew()).await;
    let key = key.map_err(|error| EngineError::broken("cannot ask for the key again", error))??;
    Ok(SecretString::from(key.expose_secret().trim()))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::future::join_all;
    use tokio::task::yield_now;
    use tokio::time::advance;

    use super::*;

    /// Counts how often it is fetched.
    struct CountingSource(AtomicUsize);

    impl CountingSource {
        async fn fetch(&self) -> Result<Fetched<usize>, EngineError> {
            let value = self.0.fetch_add(1, Ordering::SeqCst) + 1;
            yield_now().await;
            Ok(Fetched { value, usable: Some(Duration::from_mins(50)) })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_fetched_once_for_all_until_it_expires_or_is_refused() {
        let (credential, source) = (Credential::new(None), CountingSource(AtomicUsize::new(0)));
        let all = join_all((0..20).map(|_| credential.get(|| source.fetch()))).await;
        assert!(all.iter().all(|got| matches!(got, Ok(1))), "{all:?}");
        advance(Duration::from_mins(49)).await;
        assert_eq!(credential.get(|| source.fetch()).await.unwrap(), 1);
        advance(Duration::from_mins(1)).await;
        assert_eq!(credential.get(|| source.fetch()).await.unwrap(), 2);
        credential.forget(|value| *value == 1);
        assert_eq!(credential.get(|| source.fetch()).await.unwrap(), 2, "that one is gone already");
        credential.forget(|value| *value == 2);
        assert_eq!(credential.get(|| source.fetch()).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn what_cannot_be_fetched_is_tried_again_by_the_next() {
        let credential: Credential<usize> = Credential::new(None);
        assert!(credential.get(|| async { Err(EngineError::Stopped) }).await.is_err());
        let fetched = || async { Ok(Fetched { value: 7, usable: None }) };
        assert_eq!(credential.get(fetched).await.unwrap(), 7);
    }
}
