//! How a pull reaches servers.

use std::path::PathBuf;

/// How servers are reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PullOptions {
    /// The address of a server that has models as a store has them, such as `https://host/models`. It is asked first.
    pub mirror: Option<String>,
    /// The proxy to go through, instead of that of the environment (`HTTPS_PROXY` and its kin).
    pub proxy: Option<String>,
    /// Certificates to be trusted beside those of the system, in a PEM file.
    pub ca_file: Option<PathBuf>,
}
