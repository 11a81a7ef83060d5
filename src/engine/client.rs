//! The HTTP client of an engine: how it reaches its server, and whom it trusts on the way.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Proxy, Url};

use super::error::EngineError;
use super::profile::{NetworkOptions, ProfileError};
use super::server::Server;

/// How long an idle connection is kept: longer than the pause between two batches, shorter than servers keep them.
const IDLE: Duration = Duration::from_secs(30);

impl NetworkOptions {
    /// A client for a server.
    pub(super) fn client(&self, server: &Server, connect: Duration) -> Result<Client, EngineError> {
        let mut client = Client::builder()
            .user_agent(concat!("wortlaut/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(connect)
            .pool_idle_timeout(IDLE)
            // A redirect could carry key and text to another host.
            .redirect(Policy::none());
        if let Some(proxy) = &self.proxy {
            client = client.proxy(self::proxy(proxy)?);
        } else if server.is_loopback() {
            // A proxy of the environment cannot reach what runs on this machine.
            client = client.no_proxy();
        }
        if let Some(path) = &self.ca_file {
            client = client.tls_certs_merge(certificates(path)?);
        }
        client.build().map_err(|error| {
            let error = error.without_url();
            EngineError::Broken {
                message: format!("cannot set up HTTP: {}", innermost(&error)),
                source: error.into(),
            }
        })
    }
}

/// A proxy by its address. A password in it would stand in a file that is shared; the environment may have one.
fn proxy(address: &str) -> Result<Proxy, ProfileError> {
    let unusable = |why: &str| {
        let hint = "it is an address such as http://proxy.example:3128; one with a password belongs into the \
                    environment variable HTTPS_PROXY";
        ProfileError::at("proxy", format!("proxy is not usable: {why}"), hint)
    };
    let url = Url::parse(address.trim()).map_err(|error| unusable(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(unusable("it must begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(unusable("it must not hold a user name or password"));
    }
    Proxy::all(url).map_err(|error| unusable(&innermost(&error.without_url())))
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, ProfileError> {
    let unusable = |why: &dyn std::fmt::Display| {
        let message = format!("cannot use {}: {why}", path.display());
        ProfileError::at("ca_file", message, "it is a PEM file, with -----BEGIN CERTIFICATE----- in it")
    };
    let pem = fs::read(path).map_err(|error| unusable(&error))?;
    let found = Certificate::from_pem_bundle(&pem).map_err(|error| unusable(&innermost(&error)))?;
    if found.is_empty() { Err(unusable(&"there is no certificate in it")) } else { Ok(found) }
}

/// The deepest cause of an error: what the system says.
pub(super) fn innermost(error: &dyn Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_proxy_with_a_password_is_refused_without_showing_it() {
        for address in ["", "proxy.example", "ftp://proxy.example", "http://name:geheim@proxy.example"] {
            let error = proxy(address).unwrap_err();
            assert_eq!(error.field, Some("proxy"), "{address}");
            assert!(!error.to_string().contains("geheim"), "{error}");
        }
        assert!(proxy("http://proxy.example:3128").is_ok());
    }

    #[test]
    fn a_file_without_certificates_is_refused_with_its_name() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"key = 1\n").unwrap();
        for path in [file.path(), Path::new("missing.pem")] {
            let error = certificates(path).unwrap_err();
            assert!(error.message.contains(&path.display().to_string()), "{error}");
        }
    }
}
