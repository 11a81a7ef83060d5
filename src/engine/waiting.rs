//! How long a service asks to wait, read from the headers of its answer.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// The time a service asks to wait, if it does.
///
/// `retry-after-ms` and `Retry-After` (seconds or an HTTP date) come first; then the
/// `x-ratelimit-reset-*` headers of `OpenAI` and its kin, of which those count whose budget is used up.
pub(super) fn wait_of(headers: &HeaderMap) -> Option<Duration> {
    let millis = text(headers, "retry-after-ms").and_then(|value| value.parse().ok());
    millis
        .and_then(|millis: f64| Duration::try_from_secs_f64(millis / 1000.0).ok())
        .or_else(|| retry_after(headers))
        .or_else(|| rate_limit_reset(headers))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = text(headers, RETRY_AFTER.as_str())?;
    if let Ok(seconds) = value.parse() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = httpdate::parse_http_date(value).ok()?;
    // The service's own clock, where it tells it: ours may be wrong.
    let now = text(headers, DATE.as_str())
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or_else(SystemTime::now);
    Some(until.duration_since(now).unwrap_or_default())
}

fn rate_limit_reset(headers: &HeaderMap) -> Option<Duration> {
    let budgets = ["requests", "tokens"].into_iter().filter_map(|what| {
        let reset = duration(text(headers, &format!("x-ratelimit-reset-{what}"))?)?;
        let left = text(headers, &format!("x-ratelimit-remaining-{what}"));
        Some((reset, left == Some("0")))
    });
    let budgets: Vec<_> = budgets.collect();
    let used_up = budgets.iter().filter(|(_, used_up)| *used_up).map(|(reset, _)| *reset).max();
    used_up.or_else(|| budgets.iter().map(|(reset, _)| *reset).min())
}

/// Reads durations as `OpenAI` writes them (`20ms`, `1.5s`, `6m0s`, `1h2m3s`); a bare number is seconds.
fn duration(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(digits);
        let unit = tail.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit);
        let seconds = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * seconds;
        rest = tail;
    }
    Duration::try_from_secs_f64(total).ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn waits(headers: &[(&'static str, &'static str)]) -> Option<Duration> {
        let pairs = headers.iter().map(|(k, v)| (HeaderName::from_static(k), HeaderValue::from_static(v)));
        wait_of(&pairs.collect())
    }

    #[test]
    fn retry_after_is_read_as_seconds() {
        assert_eq!(waits(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        assert_eq!(waits(&[("retry-after", " 1.5 ")]), Some(Duration::from_millis(1500)));
        assert_eq!(waits(&[("retry-after", "-3")]), None);
        assert_eq!(waits(&[("retry-after", "soon")]), None);
        assert_eq!(waits(&[("retry-after", "1e300")]), None);
        assert_eq!(waits(&[]), None);
    }

    #[test]
    fn retry_after_is_read_as_a_date_on_the_clock_of_the_service() {
        let date = ("date", "Tue, 03 Mar 2026 10:00:00 GMT");
        let later = ("retry-after", "Tue, 03 Mar 2026 10:01:30 GMT");
        let earlier = ("retry-after", "Tue, 03 Mar 2026 09:00:00 GMT");
        assert_eq!(waits(&[date, later]), Some(Duration::from_secs(90)));
        assert_eq!(waits(&[date, earlier]), Some(Duration::ZERO));
    }

    #[test]
    fn the_used_up_budget_decides() {
        let headers = [
            ("x-ratelimit-reset-requests", "20ms"),
            ("x-ratelimit-remaining-requests", "12"),
            ("x-ratelimit-reset-tokens", "6m1s"),
            ("x-ratelimit-remaining-tokens", "0"),
        ];
        assert_eq!(waits(&headers), Some(Duration::from_secs(361)));
        assert_eq!(waits(&headers[..1]), Some(Duration::from_millis(20)));
        assert_eq!(waits(&[("x-ratelimit-reset-tokens", "3 weeks")]), None);
    }

    #[test]
    fn retry_after_goes_before_the_budgets() {
        let headers = [("retry-after", "2"), ("x-ratelimit-reset-tokens", "9s")];
        assert_eq!(waits(&headers), Some(Duration::from_secs(2)));
        assert_eq!(waits(&[("retry-after-ms", "250")]), Some(Duration::from_millis(250)));
    }
}
