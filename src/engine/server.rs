//! Which server a profile talks to: whose it is, and whether a key may go there.

use std::net::IpAddr;
use std::str::FromStr;

use reqwest::Url;
use thiserror::Error;

use super::profile::{EngineKind, ProfileError};

/// The address of a server as the client that sends to it understands it: hosts in lower case, numbers of
/// every notation as IP addresses, international names in ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server(Url);

impl Server {
    /// The server at a base URL.
    ///
    /// # Errors
    /// The address cannot be used; the error does not repeat it, since it may hold a password.
    pub fn parse(base: &str) -> Result<Self, ProfileError> {
        base.parse().map_err(|error: ServerAddressError| {
            ProfileError::at(
                "base_url",
                format!("base_url {error}"),
                "it is an address such as https://mt.example or http://127.0.0.1:5000",
            )
        })
    }

    /// The server of a kind of engine at a base URL, or where that kind's servers are by default.
    ///
    /// # Errors
    /// As [`Self::parse`], or the kind is not a service.
    pub fn of(kind: EngineKind, base: Option<&str>) -> Result<Self, ProfileError> {
        let default =
            || ProfileError::missing(format!("{kind} has no server"), "only services have a base_url");
        Self::parse(base.or(kind.default_url()).ok_or_else(default)?)
    }

    /// The address of an endpoint. Steps of the path that the base already ends with are not repeated, so
    /// `https://host/v2` and `https://host` both work for `v2/translate`.
    pub(super) fn endpoint(&self, path: &[&str]) -> Self {
        let mut url = self.0.clone();
        let base: Vec<String> =
            url.path().split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect();
        let there = (0..=path.len()).rev().find(|n| ends_with(&base, &path[..*n])).unwrap_or(0);
        if let Ok(mut steps) = url.path_segments_mut() {
            steps.pop_if_empty().extend(&path[there..]);
        }
        Self(url)
    }

    /// The address of another endpoint of the same service, in whose place that of one stands.
    pub(super) fn beside(&self, path: &[&str], other: &[&str]) -> Self {
        let mut url = self.0.clone();
        if let Ok(mut steps) = url.path_segments_mut() {
            for _ in path {
                steps.pop();
            }
            steps.extend(other);
        }
        Self(url)
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }

    /// The address, as the client understands it.
    #[must_use]
    pub fn address(&self) -> &str {
        self.0.as_str()
    }

    /// The host, with its port if that is not the scheme's own.
    #[must_use]
    pub fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Whether what is sent there stays on this machine.
    ///
    /// `*.localhost` is left out: resolvers differ about it, and some ask the network.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.0.host_str().unwrap_or_default();
        let address: Result<IpAddr, _> = host.trim_matches(['[', ']']).parse();
        // `::ffff:127.0.0.1` connects to 127.0.0.1.
        host == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
    }

    /// Whether the server belongs to the vendor of a kind of engine: its domain, or a host of that domain, such
    /// as those of a plan or a region.
    #[must_use]
    pub fn is_vendors(&self, kind: EngineKind) -> bool {
        kind.has_host(self.0.host_str().unwrap_or_default())
    }

    /// Whether its host is a domain or below it.
    pub(super) fn is_below(&self, domain: &str) -> bool {
        let host = self.0.host_str().unwrap_or_default();
        host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }

    /// Whether others on the way could read what is sent there.
    #[must_use]
    pub fn is_open_to_readers(&self) -> bool {
        self.0.scheme() == "http" && !self.is_loopback()
    }

    /// The same address with a query.
    pub(super) fn with_query(&self, pairs: &[(&str, &str)]) -> Self {
        let mut url = self.0.clone();
        url.query_pairs_mut().extend_pairs(pairs);
        Self(url)
    }

    /// What tells an endpoint from others in the memory. On this machine ports are taken as they come, so only the
    /// path counts there; a query is left out, since it may hold a key.
    pub(super) fn identity(&self) -> String {
        if self.is_loopback() {
            return format!("localhost{}", self.0.path());
        }
        format!("{}://{}{}", self.0.scheme(), self.host(), self.0.path())
    }
}

/// Why an address is not that of a server, as the rest of a sentence. It does not repeat the address, which may hold a
/// password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("is not usable: {0}")]
pub struct ServerAddressError(String);

impl FromStr for Server {
    type Err = ServerAddressError;

    fn from_str(address: &str) -> Result<Self, Self::Err> {
        let unusable = |why: &str| ServerAddressError(why.to_owned());
        let mut url = Url::parse(address.trim()).map_err(|error| unusable(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(unusable("it must begin with http:// or https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(unusable("it must not hold a user name or password"));
        }
        // `mt.example.` is `mt.example`, looked up without search domains.
        if let Some(host) = url.host_str().and_then(|host| host.strip_suffix('.')).map(str::to_owned) {
            url.set_host(Some(&host)).map_err(|error| unusable(&error.to_string()))?;
        }
        Ok(Self(url))
    }
}

/// Why a key is not sent to a server that is not encrypted.
#[must_use]
pub fn readable_key(server: &Server) -> ProfileError {
    ProfileError::at(
        "base_url",
        format!("the key would cross the network unencrypted to {}", server.host()),
        "use https, or set allow_http = true",
    )
}

fn ends_with(steps: &[String], end: &[&str]) -> bool {
    steps.len() >= end.len() && steps.iter().rev().zip(end.iter().rev()).all(|(a, b)| a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(base: &str) -> Server {
        Server::parse(base).unwrap()
    }

    #[test]
    fn steps_that_are_there_are_not_repeated() {
        let joined = |base| server(base).endpoint(&["v2", "translate"]).url().to_string();
        for base in
            ["https://mt.example", "https://mt.example/", "https://mt.example/v2", "https://mt.example/v2/"]
        {
            assert_eq!(joined(base), "https://mt.example/v2/translate", "{base}");
        }
        assert_eq!(joined("https://mt.example/v2/translate"), "https://mt.example/v2/translate");
        assert_eq!(joined("http://mt.example:81/a/b?c=d"), "http://mt.example:81/a/b/v2/translate?c=d");
    }

    #[test]
    fn an_address_that_cannot_be_used_is_refused_without_showing_it() {
        for base in [
            "",
            "mt.example",
            "ftp://mt.example",
            "https://",
            "https://name:geheim@mt.example",
            "https://api.deepl.com@mt.example",
        ] {
            let error = Server::parse(base).unwrap_err();
            assert!(error.field == Some("base_url"), "{base}");
            assert!(!error.to_string().contains("geheim"));
        }
    }

    #[test]
    fn this_machine_is_known_in_all_its_forms() {
        for base in [
            "http://127.0.0.1:1",
            "http://127.9.9.9",
            "http://[::1]",
            "http://[::ffff:127.0.0.1]:80",
            "http://localhost:2/x",
            "http://LOCALHOST.",
            "http://2130706433",
            "http://0x7f.1",
            "http://0177.0.0.1",
            "http://127.1",
        ] {
            assert!(server(base).is_loopback(), "{base}");
            assert!(!server(base).is_open_to_readers(), "{base}");
        }
        for base in [
            "http://127.example",
            "http://127.0.0.1.example",
            "http://localhost.example",
            "http://a.localhost",
            "http://0.0.0.0",
            "http://[::]",
            "http://[::ffff:10.0.0.1]",
            "http://2130706434.example",
        ] {
            assert!(!server(base).is_loopback() && server(base).is_open_to_readers(), "{base}");
        }
    }

    #[test]
    fn a_vendors_hosts_are_its_domain_and_what_is_below_it() {
        for base in [
            "https://api.deepl.com",
            "https://API-FREE.DeepL.com:443/v2",
            "https://api.deepl.com.",
            "https://api-jp.deepl.com",
            "https://deepl.com",
        ] {
            assert!(server(base).is_vendors(EngineKind::DeepL), "{base}");
            assert!(!server(base).is_vendors(EngineKind::OpenAi), "{base}");
        }
        assert!(server("https://eu.api.openai.com/v1").is_vendors(EngineKind::OpenAi));
        assert!(server("https://haus.cognitiveservices.azure.com").is_vendors(EngineKind::Microsoft));
        assert!(server("https://translate.eu-central-1.amazonaws.com").is_vendors(EngineKind::Amazon));
        // Anybody can have these.
        for base in [
            "https://ec2-1-2-3-4.compute.amazonaws.com",
            "https://translate.s3.eu-central-1.amazonaws.com",
            "https://haus.azurewebsites.net",
        ] {
            assert!(!server(base).is_vendors(EngineKind::Amazon), "{base}");
            assert!(!server(base).is_vendors(EngineKind::Microsoft), "{base}");
        }
        for base in [
            "https://deepl.com.evil.example",
            "https://evildeepl.com",
            "https://evil-deepl.com",
            "https://evil.example/deepl.com",
            "https://evil.example#.deepl.com",
            "https://evil.example?.deepl.com",
            "https://evil.example\\.deepl.com",
            "https://ap\u{456}.d\u{435}\u{435}pl.com",
            "https://deepl.co",
            "http://127.0.0.1",
        ] {
            assert!(!server(base).is_vendors(EngineKind::DeepL), "{base}");
        }
    }

    #[test]
    fn writing_an_address_in_another_way_makes_no_other_server() {
        let identity = |base| server(base).endpoint(&["translate"]).identity();
        assert_eq!(identity("https://MT.example.:443/"), "https://mt.example/translate");
        assert_eq!(identity("https://mt.example/translate?key=geheim"), "https://mt.example/translate");
        assert_eq!(identity("https://mt.example:8443/a"), "https://mt.example:8443/a/translate");
        for base in ["http://127.0.0.1:1", "https://[::1]:7", "http://localhost"] {
            assert_eq!(identity(base), "localhost/translate", "{base}");
        }
    }
}
