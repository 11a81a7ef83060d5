//! A queue that several threads take jobs from.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};

/// Jobs in order of arrival, until it is closed.
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    jobs: VecDeque<T>,
    open: bool,
}

impl<T> Queue<T> {
    pub(super) fn new() -> Self {
        let state = State { jobs: VecDeque::new(), open: true };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Adds a job; a closed queue drops it.
    pub(super) fn push(&self, job: T) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.open {
            state.jobs.push_back(job);
            self.changed.notify_one();
        }
    }

    /// Waits for a job; `None` once the queue is closed.
    pub(super) fn pop(&self) -> Option<T> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = |state: &mut State<T>| state.open && state.jobs.is_empty();
        let mut state = self.changed.wait_while(state, waiting).unwrap_or_else(PoisonError::into_inner);
        state.jobs.pop_front()
    }

    /// Closes the queue and drops the jobs that nobody has taken.
    pub(super) fn close(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.open = false;
        state.jobs.clear();
        self.changed.notify_all();
    }
}
