//! `wortlaut_spark` on a cluster of two executors.

use std::path::Path;
use std::process::Command;

use assert_cmd::cargo::cargo_bin;

use crate::postgres::PostgresServer;

#[test]
fn the_tests_of_the_python_package_pass() {
    let server = PostgresServer::start(&[]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut python = Command::new(root.join("target/python/env/bin/python"));
    python.args(["-m", "pytest", "--quiet", "-s"]).current_dir(root);
    python.env("PROGRAM_UNDER_TEST", cargo_bin("wortlaut")).env("PYTHONDONTWRITEBYTECODE", "1");
    python.env("SHARED_MEMORY", server.address());
    let output = python.output().expect("the virtual environment that .ci/python makes");
    let shown = [output.stdout, output.stderr].map(|stream| String::from_utf8_lossy(&stream).into_owned());
    assert!(output.status.success(), "{}", shown.concat());
}
