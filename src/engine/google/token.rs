//! The token that goes with each request of version 3.

use std::time::Duration;

use futures::FutureExt;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::account::{AccountTokens, ServiceAccount};
use crate::engine::authorize::{Authorization, Authorize, Unsigned};
use crate::engine::credential::{Credential, Fetched, renewed};
use crate::engine::error::EngineError;
use crate::engine::profile::{KeyRenewal, ProfileError, ServiceOptions};
use crate::engine::secrets::Secrets;

/// How long a token that a command printed is used. Tokens are good for an hour, and a command may print one that it
/// has had for a while; what expires sooner is refused, and asked for again then.
const COMMAND_LIFETIME: Duration = Duration::from_mins(50);

/// A token that is renewed.
pub(super) struct BearerToken {
    credential: Credential<HeaderValue>,
    origin: TokenOrigin,
    /// Headers beside the token.
    beside: HeaderMap,
    secrets: Secrets,
}

/// Where tokens come from.
enum TokenOrigin {
    /// There is only the one.
    Fixed,
    Renewal(KeyRenewal),
    Account(Box<AccountTokens>),
}

impl BearerToken {
    /// A token that is there, and how it is had again. The project pays for what its user does.
    pub(super) fn of_key(
        token: &SecretString,
        renewal: Option<KeyRenewal>,
        project: &str,
        secrets: Secrets,
    ) -> Result<Self, ProfileError> {
        let name = HeaderName::from_static("x-goog-user-project");
        let beside = HeaderMap::from_iter(HeaderValue::from_str(project).ok().map(|project| (name, project)));
        let usable = renewal.is_some().then_some(COMMAND_LIFETIME);
        let first = Fetched { value: bearer(token)?, usable };
        let origin = renewal.map_or(TokenOrigin::Fixed, TokenOrigin::Renewal);
        Ok(Self { credential: Credential::new(Some(first)), origin, beside, secrets })
    }

    /// The tokens of a service account.
    pub(super) fn of_account(
        account: ServiceAccount,
        service: &ServiceOptions,
        secrets: Secrets,
    ) -> Result<Self, EngineError> {
        let origin = TokenOrigin::Account(Box::new(AccountTokens::new(account, service, secrets.clone())?));
        Ok(Self { credential: Credential::new(None), origin, beside: HeaderMap::new(), secrets })
    }

    async fn fetch(&self) -> Result<Fetched<HeaderValue>, EngineError> {
        let Fetched { value: token, usable } = match &self.origin {
            TokenOrigin::Fixed => return Err(EngineError::Key("the token has expired".to_owned())),
            TokenOrigin::Renewal(renewal) => {
                Fetched { value: renewed(renewal).await?, usable: Some(COMMAND_LIFETIME) }
            }
            TokenOrigin::Account(source) => source.fetch().await?,
        };
        let value = bearer(&token)?;
        self.secrets.keep(token);
        Ok(Fetched { value, usable })
    }
}

impl Authorize for BearerToken {
    fn headers<'a>(&'a self, _: Unsigned<'a>) -> Authorization<'a> {
        async {
            let token = self.credential.get(|| self.fetch()).await?;
            let mut headers = self.beside.clone();
            headers.insert(AUTHORIZATION, token);
            Ok(headers)
        }
        .boxed()
    }

    fn refused(&self, sent: &HeaderMap) -> bool {
        if matches!(self.origin, TokenOrigin::Fixed) {
            return false;
        }
        self.credential.forget(|token| sent.get(AUTHORIZATION) == Some(token));
        true
    }
}

fn bearer(token: &SecretString) -> Result<HeaderValue, ProfileError> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())).map_err(|_| {
        let hint = "a token is a single line of ASCII characters";
        ProfileError::missing("the token holds characters that cannot be sent", hint)
    })?;
    value.set_sensitive(true);
    Ok(value)
}
