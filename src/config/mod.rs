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
mod names;
mod ownership;
mod setting;
mod settings;
mod trust;
mod trusted;
mod typed;
mod value;

pub use environment::{Environment, Platform};
pub use error::{ConfigError, FileMistake};
pub use file::{DEFAULTS, FILE_NAME};
pub use key::{key_renewal, memory_key, resolve_key};
pub use layers::{Layers, ProjectFile, SettingFlag, ValueOrigin, nearest_file};
pub use settings::{
    EngineSettings, GlossarySettings, MemorySettings, ModelsSettings, SegmentSettings, Settings,
    TranslateSettings,
};
pub use trust::{TrustNeed, needs, trust_file};
pub use trusted::{TrustState, TrustStore, TrustedFile};
pub use value::{ArticlePaths, FailOn, LayerValue, Treatment, VariableName};
