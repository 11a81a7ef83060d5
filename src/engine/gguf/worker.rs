//! The thread that owns a model.

use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread;

use super::decoder::{DecodeJob, Decoder};
use crate::engine::error::EngineError;

/// Starts the thread; it ends when the sender is dropped and what was begun is done.
pub(super) fn start(decoder: Decoder) -> Result<Sender<DecodeJob>, EngineError> {
    let (sender, jobs) = channel();
    thread::Builder::new()
        .name("gguf".to_owned())
        .spawn(move || work(decoder, &jobs))
        .map_err(|e| EngineError::broken("no thread for the model", e))?;
    Ok(sender)
}

fn work(mut decoder: Decoder, jobs: &Receiver<DecodeJob>) {
    loop {
        if decoder.is_idle() {
            match jobs.recv() {
                Ok(job) => decoder.begin(job),
                Err(_) => return,
            }
        }
        while decoder.has_room() {
            match jobs.try_recv() {
                Ok(job) => decoder.begin(job),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        decoder.step();
    }
}
