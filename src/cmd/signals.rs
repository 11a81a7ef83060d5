//! Signals: the first one asks a run to end soon, the second one to end at once.

use std::future::Future;

use tokio_util::sync::CancellationToken;

use crate::pipeline::Stop;

/// What a run comes to that `stop` can end, while signals are passed on to it.
pub(super) async fn heeded<T>(run: impl Future<Output = T>, stop: &Stop) -> T {
    // Listening begins before the run and does not pause between two signals, so that none is missed.
    let mut signals = Signals::listen();
    tokio::pin!(run);
    for asked in [&stop.soon, &stop.now] {
        tokio::select! {
            ended = &mut run => return ended,
            () = signals.next() => asked.cancel(),
        }
    }
    run.await
}

/// Cancels when the first signal comes, whatever else listens to it.
pub(super) async fn first(stopped: CancellationToken) {
    Signals::listen().next().await;
    stopped.cancel();
}

/// Ctrl-C, and on Unix what a system or a closed terminal sends.
#[cfg(unix)]
struct Signals(Vec<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Signals {
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        // `nohup` ignores the closed terminal on purpose, and listening would undo that.
        let kinds = kinds.into_iter().filter(|kind| *kind != SignalKind::hangup() || !hangup_is_ignored());
        Self(kinds.filter_map(|kind| signal(kind).ok()).collect())
    }

    async fn next(&mut self) {
        let signals = self.0.iter_mut().map(|signal| Box::pin(signal.recv()));
        if signals.len() == 0 {
            // Without signals there is nothing to wait for.
            std::future::pending::<()>().await;
        }
        futures::future::select_all(signals).await;
    }
}

/// Whether the process was started with SIGHUP ignored, as far as that can be known: Linux says it in a file.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // SIGHUP is number 1, the lowest bit.
    mask.is_some_and(|mask| mask & 1 == 1)
}

/// Ctrl-C.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Self {
        Self
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without signals there is nothing to wait for.
            std::future::pending::<()>().await;
        }
    }
}
