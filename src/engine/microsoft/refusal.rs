//! What Azure Translator's errors mean: by codes of six digits, of which the first three are the status.

use std::time::Duration;

use serde_json::Value;

use crate::engine::error::EngineError;
use crate::engine::status::ServiceRefusal;

/// How long to wait for a system that is being prepared: it takes a few minutes.
const PREPARED: Duration = Duration::from_mins(1);

/// What is Azure's own about a refusal.
pub(super) fn read(refusal: &ServiceRefusal<'_>) -> Option<EngineError> {
    let code = refusal.body.as_ref()?.pointer("/error/code")?;
    let code = code.as_u64().or_else(|| code.as_str()?.parse().ok())?;
    let said = format!("{} ({code})", refusal.message);
    let (status, after) = (refusal.status, refusal.wait());
    Some(match code {
        // Too long, too many texts, too large.
        400_050 | 400_072 | 400_077 => EngineError::TooLarge,
        // A category, a pair of languages or a version that the service does not have.
        400_002 | 400_019 | 400_021 | 400_023 | 400_035 | 400_036 | 400_075 | 400_079 => {
            EngineError::Unusable(format!("Azure has no such translation: {said}; deployment may be wrong"))
        }
        401_000 => {
            EngineError::Key(format!("{said}; a regional or multi-service resource needs region, too"))
        }
        401_000..402_000 | 403_000 => EngineError::Key(said),
        403_001 => EngineError::Quota(format!("{said}; the free quota is renewed with the month")),
        408_001 => EngineError::Unavailable { status, message: said, after: after.or(Some(PREPARED)) },
        429_000..430_000 => EngineError::RateLimited { after },
        _ => return None,
    })
}

/// What a header says that was charged.
pub(super) fn charged(headers: &reqwest::header::HeaderMap, name: &str) -> Option<u64> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    crate::engine::lenient::figure(&serde_json::from_str::<Value>(text).ok()?)
}
