//! The engines whose answers in the memory are taken in a run of another.

use crate::config::Settings;
use crate::memory::Maker;
use crate::pipeline::{Options, Peer, Peers, Tools};

use super::failure::Failure;
use super::models;

/// The engines beside the first one whose answers count: the models of `auto`, which are ranked, and the engines that
/// follow.
pub(super) fn peers(
    settings: &Settings,
    tools: &Tools,
    options: &Options,
    makers: &[Maker],
    upgrade: bool,
) -> Result<Peers, Failure> {
    let mut peers = if settings.translate.engine != models::AUTO || makers.is_empty() {
        Peers::default()
    } else {
        models::peers(tools.engine.info(), makers, upgrade)?
    };
    if !upgrade {
        peers.weaker.extend(options.next.iter().map(|engine| Peer::of(engine.info())));
    }
    Ok(peers)
}
