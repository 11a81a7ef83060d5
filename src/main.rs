//! The command `wortlaut`.

use std::process::ExitCode;

fn main() -> ExitCode {
    wortlaut::cmd::run(std::env::args_os())
}
