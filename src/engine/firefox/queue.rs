//! A queue that several threads take jobs from.

use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;

/// Jobs in order of arrival, until it is closed.
pub(super) struct WorkQueue<T> {
    state: Mutex<QueueState<T>>,
    changed: Condvar,
}

struct QueueState<T> {
    jobs: VecDeque<T>,
    open: bool,
}

impl<T> WorkQueue<T> {
    pub(super) fn new() -> Self {
        let state = QueueState { jobs: VecDeque::new(), open: true };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Adds a job; a closed queue drops it.
    pub(super) fn push(&self, job: T) {
        let mut state = self.state.lock();
        if state.open {
            state.jobs.push_back(job);
            self.changed.notify_one();
        }
    }

    /// Waits for a job; `None` once the queue is closed.
    pub(super) fn pop(&self) -> Option<T> {
        let mut state = self.state.lock();
        self.changed.wait_while(&mut state, |state| state.open && state.jobs.is_empty());
        state.jobs.pop_front()
    }

    /// Closes the queue and drops the jobs that nobody has taken.
    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        state.open = false;
        state.jobs.clear();
        self.changed.notify_all();
    }
}
