//! The log: what is done and why, for whoever looks for a fault.
//!
//! No event holds a key, and none above `debug` the text of an article.

use std::io;

use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::fmt::time::uptime;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use super::failure::{Exit, Failure};
use super::global::stderr_has_color;

/// The variable with a filter such as `wortlaut::engine=debug`; it wins over `-v`.
const VARIABLE: &str = "WORTLAUT_LOG";

/// What the targets of wortlaut's own events begin with.
const OWN: &str = env!("CARGO_PKG_NAME");

/// Starts the log; whether anything is logged.
///
/// The log goes to standard error, where it would tear a progress bar apart: a run that logs draws none.
pub(super) fn start(verbose: u8) -> Result<bool, Failure> {
    let wanted = std::env::var(VARIABLE).ok().filter(|filter| !filter.trim().is_empty());
    let filter = match (&wanted, verbose) {
        (Some(filter), _) => filter,
        (None, 0) => return Ok(false),
        (None, 1) => "wortlaut=info",
        (None, _) => "wortlaut=debug",
    };
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        Failure::new(Exit::Usage, format!("{VARIABLE} is not a filter: {error}"))
            .hint("such as info, debug, or wortlaut::engine=debug")
    })?;
    // What other crates log may hold keys: the one that signs requests for AWS logs what it signs, tokens included.
    let own = filter_fn(|metadata| metadata.target().starts_with(OWN));
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(stderr_has_color()).with_timer(uptime());
    tracing_subscriber::registry().with(lines.with_filter(filter.and(own))).init();
    Ok(true)
}
