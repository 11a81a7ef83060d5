//! How a request shows on whose account it is.

use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use secrecy::{ExposeSecret, SecretString};

use super::error::EngineError;
use super::profile::ProfileError;

/// A request before it is authorised, for schemes that sign it.
pub(super) struct Unsigned<'a> {
    pub(super) method: &'a Method,
    pub(super) url: &'a Url,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

/// Headers that authorise a request, or why there are none.
pub(super) type Authorization<'a> = BoxFuture<'a, Result<HeaderMap, EngineError>>;

/// A way to show on whose account a request is. What it sends is kept among the endpoint's [`Secrets`](super::secrets::Secrets)
/// by whoever makes it.
pub(super) trait Authorize: Send + Sync {
    /// What goes with a request. Called for each, since signatures and tokens expire.
    fn headers<'a>(&'a self, request: Unsigned<'a>) -> Authorization<'a>;

    /// The service did not accept what went with a request. Says whether something else goes with the next one, so that the
    /// request may be sent again.
    fn refused(&self, _: &HeaderMap) -> bool {
        false
    }
}

/// Headers that are the same with every request; none for a service without keys, or with the key in its bodies.
#[derive(Default)]
pub(super) struct FixedHeaders(HeaderMap);

impl FixedHeaders {
    /// The key behind a scheme in `Authorization`, such as `Bearer KEY`; nothing without a key.
    pub(super) fn scheme(scheme: &str, key: Option<&SecretString>) -> Result<Self, ProfileError> {
        let Some(key) = key else { return Ok(Self::default()) };
        let value = SecretString::from(format!("{scheme} {}", key.expose_secret()));
        Self::of(AUTHORIZATION, Some(&value))
    }

    /// A header of its own that holds nothing but the key, such as `x-api-key`; nothing without a key.
    pub(super) fn of(name: HeaderName, key: Option<&SecretString>) -> Result<Self, ProfileError> {
        let Some(secret) = key else { return Ok(Self::default()) };
        let mut value = HeaderValue::from_str(secret.expose_secret()).map_err(|_| {
            let hint = "a key is a single line of ASCII characters";
            ProfileError::missing("the key holds characters that cannot be sent", hint)
        })?;
        value.set_sensitive(true);
        Ok(Self(HeaderMap::from_iter([(name, value)])))
    }
}

impl Authorize for FixedHeaders {
    fn headers<'a>(&'a self, _: Unsigned<'a>) -> Authorization<'a> {
        std::future::ready(Ok(self.0.clone())).boxed()
    }
}
