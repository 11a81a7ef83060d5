//! The signature of each request, and the keys that it is made with.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use futures::FutureExt;
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::engine::authorize::{Authorization, Authorize, Unsigned};
use crate::engine::credential::{Credential, Fetched, renewed};
use crate::engine::error::EngineError;
use crate::engine::fault::Cause;
use crate::engine::profile::{KeyRenewal, ProfileError};
use crate::engine::secrets::Secrets;

/// The name of the service in signatures.
const SERVICE: &str = "translate";
/// How long before they expire keys are renewed.
const MARGIN: Duration = Duration::from_mins(2);

/// Signs requests by version 4 of AWS's scheme.
pub(super) struct Signature {
    credential: Credential<Credentials>,
    /// How keys that expire are had again.
    renewal: Option<KeyRenewal>,
    region: String,
    secrets: Secrets,
}

/// Keys as `credential_process` gives them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AwsKeys {
    access_key_id: SecretString,
    secret_access_key: SecretString,
    session_token: Option<SecretString>,
    expiration: Option<String>,
}

impl Signature {
    /// Signs with keys that are there, and with what a renewal gives.
    pub(super) fn new(
        keys: &SecretString,
        renewal: Option<KeyRenewal>,
        region: &str,
        secrets: Secrets,
    ) -> Result<Self, ProfileError> {
        let mut first = read(keys, &secrets)?;
        if renewal.is_none() {
            // There are no others.
            first.usable = None;
        }
        Ok(Self { credential: Credential::new(Some(first)), renewal, region: region.to_owned(), secrets })
    }

    async fn fetch(&self) -> Result<Fetched<Credentials>, EngineError> {
        let Some(renewal) = &self.renewal else {
            return Err(EngineError::Key("the keys have expired".to_owned()));
        };
        Ok(read(&renewed(renewal).await?, &self.secrets)?)
    }
}

impl Authorize for Signature {
    fn headers<'a>(&'a self, request: Unsigned<'a>) -> Authorization<'a> {
        async move {
            let credentials = self.credential.get(|| self.fetch()).await?;
            signed(&credentials, &self.region, SystemTime::now(), &request)
                .map_err(|error| EngineError::broken("cannot sign the request", error))
        }
        .boxed()
    }

    fn refused(&self, sent: &HeaderMap) -> bool {
        if self.renewal.is_none() {
            return false;
        }
        let sent = sent.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        self.credential.forget(|keys| sent.contains(&format!("Credential={}/", keys.access_key_id())));
        true
    }
}

/// Reads keys, and keeps what is secret in them among some secrets.
fn read(keys: &SecretString, secrets: &Secrets) -> Result<Fetched<Credentials>, ProfileError> {
    // The error of the parser could show the key.
    let keys: AwsKeys = serde_json::from_str(keys.expose_secret()).map_err(|_| {
        let hint = "they are JSON with AccessKeyId and SecretAccessKey, as `aws configure export-credentials` prints it";
        ProfileError::missing("the keys of AWS cannot be read", hint)
    })?;
    let AwsKeys { access_key_id, secret_access_key, session_token, expiration } = keys;
    for secret in
        [Some(&access_key_id), Some(&secret_access_key), session_token.as_ref()].into_iter().flatten()
    {
        secrets.keep(secret.clone());
    }
    let usable = expiration.map(|expiration| {
        let until: Timestamp = expiration.parse().map_err(|_| {
            ProfileError::missing(
                "the keys of AWS have an Expiration that is no time",
                "it is written as 2026-11-26T21:00:00Z",
            )
        })?;
        let left = Duration::try_from(until.duration_since(Timestamp::now())).unwrap_or_default();
        Ok(left.saturating_sub(MARGIN))
    });
    let token = session_token.map(|token| token.expose_secret().to_owned());
    let (id, secret) = (access_key_id.expose_secret(), secret_access_key.expose_secret());
    let value = Credentials::new(id, secret, token, None, "wortlaut");
    Ok(Fetched { value, usable: usable.transpose()? })
}

/// The headers that sign a request at a time.
fn signed(
    credentials: &Credentials,
    region: &str,
    time: SystemTime,
    request: &Unsigned<'_>,
) -> Result<HeaderMap, Cause> {
    let identity = credentials.clone().into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(SERVICE)
        .time(time)
        .settings(SigningSettings::default())
        .build()?;
    let headers =
        request.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let body = SignableBody::Bytes(request.body);
    let signable = SignableRequest::new(request.method.as_str(), request.url.as_str(), headers, body)?;
    let (instructions, _) = sign(signable, &params.into())?.into_parts();
    let mut signed = HeaderMap::new();
    for (name, value) in instructions.headers() {
        let mut value = HeaderValue::from_str(value)?;
        value.set_sensitive(true);
        signed.insert(HeaderName::try_from(name)?, value);
    }
    Ok(signed)
}

#[cfg(test)]
mod tests {
    use reqwest::Method;
    use reqwest::header::CONTENT_TYPE;

    use super::*;

    /// The signatures are those of another implementation, AWS's botocore 1.44.8, for the same requests.
    #[test]
    fn signatures_are_those_of_another_implementation() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_726_800);
        let body = r#"{"Text":"Der Zug hält.","SourceLanguageCode":"de","TargetLanguageCode":"en"}"#;
        let url = "https://translate.eu-central-1.amazonaws.com/".parse().unwrap();
        let headers = HeaderMap::from_iter([
            (CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1")),
            (
                HeaderName::from_static("x-amz-target"),
                HeaderValue::from_static("AWSShineFrontendService_20170701.TranslateText"),
            ),
        ]);
        for (token, signature) in [
            (None, "062d247080b51d9a64381b2fc9c9ae73678f6a86f388d72d0a846f906d61daef"),
            (Some("sitzung"), "1cae9b6458d64d72481b1b93bda26dbf4f1c90ac6f9a4e5ff09108d1c52dfde7"),
        ] {
            let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
            let keys = Credentials::new("AKIDEXAMPLE", secret, token.map(str::to_owned), None, "test");
            let request =
                Unsigned { method: &Method::POST, url: &url, headers: &headers, body: body.as_bytes() };
            let signed = signed(&keys, "eu-central-1", time, &request).unwrap();
            let authorization = signed[AUTHORIZATION].to_str().unwrap();
            assert!(authorization.ends_with(&format!("Signature={signature}")), "{authorization}");
            assert_eq!(signed["x-amz-date"], "20261126T210000Z");
        }
    }
}
