//! The translation memory: every answer that was paid for, so that it is never paid for again.
