//! The run: plan, send, enforce, write.
