//! What Google's errors mean: used-up quotas and too many requests come with the status of a refused key.

use std::time::Duration;

use serde_json::Value;

use crate::engine::error::EngineError;
use crate::engine::status::ServiceRefusal;

/// Words of errors about a day's quota, which ends a run.
const DAY: [&str; 4] = ["daily limit", "dailylimit", "perday", "per day"];
/// Words of errors about too much at once.
const PACE: [&str; 5] = ["rate limit", "ratelimit", "rate_limit", "resource_exhausted", "quota exceeded"];
/// Words of errors about a request that is too large.
const SIZE: [&str; 4] = ["too long", "too large", "too many text", "exceeds the limit"];
/// Words of errors about a service or an account that is switched off.
const SWITCHED_OFF: [&str; 5] = [
    "accessnotconfigured",
    "service_disabled",
    "has not been used in project",
    "billing_disabled",
    "billing account",
];

/// What is Google's own about a refusal.
pub(super) fn read(refusal: &ServiceRefusal<'_>) -> Option<EngineError> {
    let words = words(refusal);
    let about = |known: &[&str]| known.iter().any(|word| words.contains(word));
    let said = &refusal.message;
    match refusal.status {
        403 | 429 if about(&DAY) => Some(EngineError::Quota(format!(
            "{said}; the day's quota is renewed at midnight Pacific time, and can be raised on the console's page of quotas"
        ))),
        403 if about(&SWITCHED_OFF) => {
            Some(EngineError::Unusable(format!("Google refuses the project: {said}")))
        }
        403 | 429 if about(&PACE) => {
            Some(EngineError::RateLimited { after: refusal.wait().or_else(|| retry_info(refusal)) })
        }
        400 if about(&SIZE) => Some(EngineError::TooLarge),
        _ => None,
    }
}

/// All that an error says, in lower case: the message, and the codes beside it, whose places differ between the
/// versions.
fn words(refusal: &ServiceRefusal<'_>) -> String {
    let error = refusal.body.as_ref().and_then(|body| body.get("error"));
    let text =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let lists = ["errors", "details"].into_iter().filter_map(|name| error?.get(name)?.as_array());
    let details = lists.flatten().map(|item| {
        let metadata = item.get("metadata").map(|metadata| text(metadata, "quota_limit")).unwrap_or_default();
        format!("{} {metadata}", text(item, "reason"))
    });
    let details: Vec<String> = details.collect();
    let status = error.map(|error| text(error, "status")).unwrap_or_default();
    format!("{} {status} {}", refusal.message, details.join(" ")).to_lowercase()
}

/// How long to wait, as the details of an error say.
fn retry_info(refusal: &ServiceRefusal<'_>) -> Option<Duration> {
    let details = refusal.body.as_ref()?.pointer("/error/details")?.as_array()?;
    let delay = details.iter().find_map(|item| item.get("retryDelay")?.as_str())?;
    Duration::try_from_secs_f64(delay.strip_suffix('s')?.parse().ok()?).ok()
}
