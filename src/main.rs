//! The command `wortlaut`.

fn main() {}
