//! Settings: defaults, files, environment and flags, with the origin of each value.
//!
//! Every layer is a flat map from a dotted key to a value; a later layer replaces single keys of an
//! earlier one. What is in force is therefore always known together with where it came from
//! ([`Layers::iter`]), and the typed [`Settings`] are made once, from the merged map. Each setting is declared once,
//! in `settings.rs`.

mod environment;
mod error;
mod file;
mod key;
mod layers;
mod mask;
mod setting;
mod settings;
mod trust;
mod trusted;
mod value;

pub use environment::{Environment, Platform};
pub use error::ConfigError;
pub use key::resolve_key;
pub use layers::{Layers, ProjectFile, SettingFlag, ValueOrigin, nearest_file};
pub use settings::{
    EngineSettings, GlossarySettings, MemorySettings, SegmentSettings, Settings, TranslateSettings,
};
pub use trust::{Need, needs, trust_file};
pub use trusted::{TrustState, TrustStore, TrustedFile};
pub use value::{Furniture, LayerValue, VariableName};

/// The defaults as a commented file; also what `wortlaut init` starts from.
pub const DEFAULTS: &str = include_str!("defaults.toml");

/// The name of a project's configuration file.
pub const FILE_NAME: &str = "wortlaut.toml";
