//! Where a shared memory is: the address as libpq writes it, without its password.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// How an address begins.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];
/// How long a server is waited for that does not answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The address of a PostgreSQL database that holds a memory.
#[derive(Clone, PartialEq, Eq)]
pub struct MemoryAddress {
    pub(super) config: Config,
    pub(super) tls: TlsUse,
    /// Certificates that are trusted instead of those of the system.
    pub(super) root_file: Option<PathBuf>,
}

/// How the server is talked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TlsUse {
    /// In the clear.
    Disable,
    /// Encrypted, whoever the server is.
    Require,
    /// Encrypted, and the certificate of the server must be good for its name.
    VerifyFull,
}

/// Why a text is no address of a memory. Never has a password in it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressError {
    #[error("is not an address such as postgres://user@host/database")]
    Scheme,
    #[error("must not hold a password")]
    Password,
    #[error("has sslmode={0}; disable, require and verify-full are known")]
    Mode(String),
    #[error("names no database server")]
    NoHost,
    #[error("is not an address of PostgreSQL: {0}")]
    Other(String),
}

impl MemoryAddress {
    /// Reads an address.
    ///
    /// # Errors
    /// It is none, or has a password in it.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if !SCHEMES.iter().any(|scheme| text.starts_with(scheme)) {
            return Err(AddressError::Scheme);
        }
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut mode, mut root_file, mut others) = (None, None, Vec::new());
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                // What the library does not know of.
                Some(("sslmode", value)) => mode = Some(value),
                Some(("sslrootcert", value)) => root_file = Some(PathBuf::from(value)),
                _ => others.push(parameter),
            }
        }
        let mut rest = address.to_owned();
        if !others.is_empty() {
            rest = format!("{rest}?{}", others.join("&"));
        }
        let mut config: Config = rest.parse().map_err(|error: tokio_postgres::Error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            AddressError::Other(cause.unwrap_or_else(|| error.to_string()))
        })?;
        if config.get_password().is_some() {
            return Err(AddressError::Password);
        }
        if config.get_hosts().is_empty() {
            return Err(AddressError::NoHost);
        }
        let tls = match mode {
            None if is_here(&config) => TlsUse::Disable,
            None | Some("verify-full") => TlsUse::VerifyFull,
            Some("require") => TlsUse::Require,
            Some("disable") => TlsUse::Disable,
            Some(other) => return Err(AddressError::Mode(other.to_owned())),
        };
        config.ssl_mode(if tls == TlsUse::Disable { SslMode::Disable } else { SslMode::Require });
        config.connect_timeout(CONNECT_TIMEOUT).application_name("wortlaut");
        Ok(Self { config, tls, root_file })
    }

    /// The same with the password of its user.
    #[must_use]
    pub fn with_password(mut self, password: &SecretString) -> Self {
        self.config.password(password.expose_secret());
        self
    }

    /// The hosts, if one of them is another machine.
    #[must_use]
    pub fn foreign_host(&self) -> Option<String> {
        (!is_here(&self.config)).then(|| self.hosts())
    }

    /// Whether others on the way can read what is sent.
    #[must_use]
    pub fn is_open_to_readers(&self) -> bool {
        self.tls == TlsUse::Disable && !is_here(&self.config)
    }

    fn hosts(&self) -> String {
        let name = |host: &Host| match host {
            Host::Tcp(name) if name.contains(':') => format!("[{name}]"),
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(path) => path.display().to_string(),
        };
        let ports = self.config.get_ports();
        let with_port = |(at, host): (usize, &Host)| match ports.get(at).or(ports.first()) {
            Some(port) => format!("{}:{port}", name(host)),
            None => name(host),
        };
        self.config.get_hosts().iter().enumerate().map(with_port).collect::<Vec<_>>().join(",")
    }
}

/// The address as it is shown: server and database, and nothing of the user.
impl fmt::Display for MemoryAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let database = self.config.get_dbname().or(self.config.get_user()).unwrap_or_default();
        write!(f, "postgres://{}/{database}", self.hosts())
    }
}

impl fmt::Debug for MemoryAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryAddress({self})")
    }
}

/// Whether all hosts are this machine.
fn is_here(config: &Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> MemoryAddress {
        MemoryAddress::parse(text).expect("an address")
    }

    #[test]
    fn another_machine_is_known_by_its_certificate_unless_the_address_says_otherwise() {
        for (text, tls) in [
            ("postgres://db.example/tm", TlsUse::VerifyFull),
            ("postgresql://ada@db.example:5433/tm?sslmode=require", TlsUse::Require),
            ("postgres://db.example/tm?application_name=x&sslmode=disable", TlsUse::Disable),
            ("postgres://127.0.0.1/tm", TlsUse::Disable),
            ("postgres://[::1]/tm", TlsUse::Disable),
            ("postgres://localhost/tm?sslmode=verify-full", TlsUse::VerifyFull),
            ("postgres://127.0.0.1,db.example/tm", TlsUse::VerifyFull),
        ] {
            assert_eq!(parsed(text).tls, tls, "{text}");
        }
        assert_eq!(
            parsed("postgres://db.example:5433/tm").foreign_host().as_deref(),
            Some("db.example:5433")
        );
        assert_eq!(parsed("postgres://localhost:5433/tm").foreign_host(), None);
        #[cfg(unix)]
        assert_eq!(parsed("postgres://%2Frun%2Fpostgresql/tm").foreign_host(), None);
    }

    #[test]
    fn what_is_no_address_or_has_a_password_is_refused_without_repeating_it() {
        for (text, error) in [
            ("mysql://db.example/tm", AddressError::Scheme),
            ("memory.db", AddressError::Scheme),
            ("postgres://ada:hush@db.example/tm", AddressError::Password),
            ("postgres://db.example/tm?password=hush", AddressError::Password),
            ("postgres://db.example/tm?sslmode=prefer", AddressError::Mode("prefer".into())),
        ] {
            assert_eq!(MemoryAddress::parse(text), Err(error), "{text}");
        }
        for text in ["postgres://ada:hush@db.example/tm?colour=red", "postgres://ada:hush@db.example:x/tm"] {
            let error = MemoryAddress::parse(text).expect_err("refused").to_string();
            assert!(!error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let address = parsed("postgres://ada@db.example:5433/tm").with_password(&"hush".into());
        assert_eq!(address.to_string(), "postgres://db.example:5433/tm");
        assert!(!format!("{address:?}").contains("hush"));
    }
}
