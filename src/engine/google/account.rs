//! The file of a service account, and the token that its key is traded for.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::engine::credential::Fetched;
use crate::engine::error::EngineError;
use crate::engine::http::{Account, Endpoint, EndpointSetup, Paid};
use crate::engine::lenient;
use crate::engine::profile::{ProfileError, ServiceOptions};
use crate::engine::secrets::Secrets;
use crate::engine::server::Server;
use crate::engine::status::ServiceRefusal;
use crate::model::Usage;

/// What a token is good for.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-translation";
/// How long a token is asked for: the longest that there is.
const LIFETIME: Duration = Duration::from_hours(1);
/// How long before its end a token is no longer used, so that it does not expire on its way.
const MARGIN: Duration = Duration::from_mins(1);
/// What Google trades tokens at. A file from elsewhere must not have the signature sent elsewhere.
const DOMAINS: [&str; 2] = ["googleapis.com", "google.com"];
/// The grant of RFC 7523, as it stands in a form.
const GRANT: &str = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";

/// A service account by its file.
pub(super) struct ServiceAccount {
    file: AccountFile,
    key: EncodingKey,
    token_server: Server,
}

#[derive(Deserialize)]
struct AccountFile {
    client_email: String,
    private_key: SecretString,
    private_key_id: Option<String>,
    token_uri: String,
    project_id: Option<String>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    scope: &'static str,
    aud: &'a str,
    iat: u64,
    exp: u64,
}

/// Where the tokens of an account come from.
pub(super) struct AccountTokens {
    account: ServiceAccount,
    endpoint: Endpoint,
    secrets: Secrets,
}

impl ServiceAccount {
    /// Reads a file.
    pub(super) fn read(file: &SecretString) -> Result<Self, ProfileError> {
        let wrong = |message: String, hint: &str| ProfileError::at("key_file", message, hint);
        // The error of the parser could show the key.
        let value: Value = serde_json::from_str(file.expose_secret()).map_err(|_| {
            wrong("the key is no valid JSON".to_owned(), "download the file of the service account again")
        })?;
        let kind = lenient::text(&value, "type");
        if kind != "service_account" {
            let message = format!("the key is a file of the type {kind:?}, not of a service account");
            let hint = "key_command = \"gcloud auth application-default print-access-token\" gives tokens of your own account";
            return Err(wrong(message, hint));
        }
        let file: AccountFile = serde_json::from_value(value).map_err(|_| {
            let hint = "it has client_email, private_key and token_uri; download it again";
            wrong("the file of the service account is not complete".to_owned(), hint)
        })?;
        let key = EncodingKey::from_rsa_pem(file.private_key.expose_secret().as_bytes()).map_err(|_| {
            wrong(
                "private_key in the file of the service account is no RSA key".to_owned(),
                "download it again",
            )
        })?;
        let elsewhere = || {
            wrong(
                "token_uri in the file of the service account is none of Google's".to_owned(),
                "download the file again",
            )
        };
        let token_server = Server::parse(&file.token_uri).map_err(|_| elsewhere())?;
        let is_googles = token_server.url().scheme() == "https"
            && DOMAINS.iter().any(|domain| token_server.is_below(domain));
        if !is_googles && !token_server.is_loopback() {
            return Err(elsewhere());
        }
        Ok(Self { file, key, token_server })
    }

    /// The project that it belongs to.
    pub(super) fn project(&self) -> Option<&str> {
        self.file.project_id.as_deref()
    }

    /// What is traded for a token.
    fn assertion(&self) -> Result<SecretString, EngineError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let claims = Claims {
            iss: &self.file.client_email,
            scope: SCOPE,
            aud: &self.file.token_uri,
            iat: now,
            exp: now + LIFETIME.as_secs(),
        };
        let header = Header { kid: self.file.private_key_id.clone(), ..Header::new(Algorithm::RS256) };
        let signed = encode(&header, &claims, &self.key);
        signed.map(SecretString::from).map_err(|error| EngineError::broken("cannot sign for a token", error))
    }
}

impl AccountTokens {
    /// The tokens of an account; nothing is sent yet. All that is secret in them is kept among some secrets.
    pub(super) fn new(
        account: ServiceAccount,
        service: &ServiceOptions,
        secrets: Secrets,
    ) -> Result<Self, EngineError> {
        secrets.keep(account.file.private_key.clone());
        let setup = service.setup(account.token_server.clone(), 60, Account::default());
        let endpoint = Endpoint::new(EndpointSetup { secrets: secrets.clone(), read_refusal, ..setup })?;
        Ok(Self { account, endpoint, secrets })
    }

    /// A fresh token.
    pub(super) async fn fetch(&self) -> Result<Fetched<SecretString>, EngineError> {
        let assertion = self.account.assertion()?;
        self.secrets.keep(assertion.clone());
        // Neither part has a character that would have to be escaped.
        let body = format!("grant_type={GRANT}&assertion={}", assertion.expose_secret());
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, form)]);
        let Paid { answer, set_aside } =
            self.endpoint.post_with(headers, body.into_bytes(), Usage::default()).await?;
        set_aside.give_back();
        let reply = self.endpoint.json(&answer)?;
        let token = lenient::text(&reply, "access_token");
        if token.is_empty() {
            return Err(EngineError::Key("Google gave no token for the service account".to_owned()));
        }
        let lifetime =
            reply.get("expires_in").and_then(lenient::figure).map_or(LIFETIME, Duration::from_secs);
        Ok(Fetched { value: SecretString::from(token), usable: Some(lifetime.saturating_sub(MARGIN)) })
    }
}

/// What the server of tokens refuses, it refuses the account.
fn read_refusal(refusal: &ServiceRefusal<'_>) -> Option<EngineError> {
    let said = refusal.text("/error_description").unwrap_or_else(|| refusal.message.clone());
    matches!(refusal.status, 400 | 401 | 403).then(|| {
        let hint = "is its key still there, and the clock right?";
        EngineError::Key(format!("no token for the service account: {said}; {hint}"))
    })
}
