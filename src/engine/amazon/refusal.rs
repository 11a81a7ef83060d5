//! What AWS's errors mean: by their names, since the status is 400 for most of them.

use crate::engine::error::EngineError;
use crate::engine::status::ServiceRefusal;

/// What is AWS's own about a refusal.
pub(super) fn read(refusal: &ServiceRefusal<'_>) -> Option<EngineError> {
    let name = name(refusal)?;
    let said = &refusal.message;
    Some(match name.trim_end_matches("Exception") {
        name if name.contains("Throttl") => EngineError::RateLimited { after: refusal.wait() },
        "TooManyRequests" | "RequestLimitExceeded" | "SlowDown" => {
            EngineError::RateLimited { after: refusal.wait() }
        }
        "TextSizeLimitExceeded" => EngineError::TooLarge,
        "ServiceQuotaExceeded" => EngineError::Quota(said.clone()),
        "InternalServer" | "InternalFailure" | "ServiceUnavailable" => {
            EngineError::Unavailable { status: refusal.status, message: said.clone(), after: refusal.wait() }
        }
        "ResourceNotFound" => {
            EngineError::Unusable(format!("AWS has no such terminology in this region: {said}"))
        }
        "UnsupportedLanguagePair" | "UnknownOperation" => EngineError::Unusable(said.clone()),
        "ExpiredToken" | "RequestExpired" | "InvalidSignature" | "SignatureDoesNotMatch" => EngineError::Key(
            format!("{said}; the keys may have expired, or the clock of this machine may be wrong"),
        ),
        "AccessDenied" => {
            EngineError::Key(format!("{said}; the account needs the permission translate:TranslateText"))
        }
        "UnrecognizedClient"
        | "InvalidClientTokenId"
        | "MissingAuthenticationToken"
        | "IncompleteSignature"
        | "OptInRequired"
        | "NotAuthorized" => EngineError::Key(said.clone()),
        _ => return None,
    })
}

/// The name of an error, which may have a namespace before it or an address behind it.
fn name(refusal: &ServiceRefusal<'_>) -> Option<String> {
    let header =
        refusal.headers.get("x-amzn-errortype").and_then(|name| name.to_str().ok()).map(str::to_owned);
    let name = header.or_else(|| refusal.text("/__type"))?;
    let name = name.split(':').next().unwrap_or_default();
    Some(name.rsplit('#').next().unwrap_or_default().to_owned())
}
