//! Progress and summary: the only room that draws.
