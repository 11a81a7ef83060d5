//! What is known of a setting before it has a value.

use std::ffi::OsStr;

use toml::de::DeValue;

use crate::engine::EngineKind;

use super::value::{Bounds, LayerValue, SettingType, ValueShape, WrongValue};

/// One setting, as [`super::settings`] declares it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    /// The last part of its key.
    pub(super) name: &'static str,
    pub(super) shape: ValueShape,
    pub(super) power: Power,
    expected: &'static str,
    /// The kinds of engine that have it, if it belongs to an engine profile.
    of_kinds: OfKinds,
    bounds: Option<Bounds>,
    read: fn(&LayerValue) -> Result<(), WrongValue>,
}

/// Which kinds of engine have a setting.
pub(super) type OfKinds = fn(EngineKind) -> bool;

/// What a setting can do to the person who runs wortlaut, if a stranger wrote it. Where it can do something, being
/// found in a `wortlaut.toml` is not enough: see `trust`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Power {
    /// It says how texts are read, translated or written, and nothing beyond that.
    Nothing,
    /// It runs a program.
    Runs,
    /// It says which server is sent texts and keys, or gives models.
    Host,
    /// It sends keys over connections that others can read.
    Exposes,
    /// It says which file or folder is read or written.
    Path,
}

fn is_read<T: SettingType>(value: &LayerValue) -> Result<(), WrongValue> {
    T::read(value).map(drop)
}

impl Setting {
    /// A setting of a type. A path can always do something, whatever else its declaration says.
    pub(super) const fn of<T: SettingType>(name: &'static str) -> Self {
        // A field that is a keyword of Rust.
        let name = if let [b'r', b'#', ..] = name.as_bytes() { name.split_at(2).1 } else { name };
        let is_path = T::SHAPE.is_path();
        let power = if is_path { Power::Path } else { Power::Nothing };
        Self {
            name,
            shape: T::SHAPE,
            power,
            expected: T::EXPECTED,
            of_kinds: |_| true,
            bounds: None,
            read: is_read::<T>,
        }
    }

    pub(super) const fn can(self, power: Power) -> Self {
        Self { power, ..self }
    }

    pub(super) const fn of_kinds(self, of_kinds: OfKinds) -> Self {
        Self { of_kinds, ..self }
    }

    /// Whether a kind of engine has it.
    pub(super) fn is_of(&self, kind: EngineKind) -> bool {
        (self.of_kinds)(kind)
    }

    pub(super) const fn within(self, least: f64, most: f64, why: &'static str) -> Self {
        Self { bounds: Some(Bounds { least, most, why }), ..self }
    }

    /// The value that stands in a file.
    pub(super) fn of_file(&self, value: &DeValue<'_>) -> Result<LayerValue, WrongValue> {
        self.checked(self.shape.of_file(value))
    }

    /// The value that a variable holds.
    pub(super) fn of_variable(&self, value: &OsStr) -> Result<LayerValue, WrongValue> {
        self.checked(self.shape.of_variable(value))
    }

    fn checked(&self, value: Option<LayerValue>) -> Result<LayerValue, WrongValue> {
        let value = value.ok_or_else(|| self.wrong())?;
        self.check(&value).map(|()| value)
    }

    /// Refuses a value that the setting does not take.
    pub(super) fn check(&self, value: &LayerValue) -> Result<(), WrongValue> {
        if self.bounds.is_some_and(|bounds| !bounds.hold(value)) {
            return Err(self.wrong());
        }
        (self.read)(value)
    }

    /// What is said of a value that has another shape or is out of bounds.
    fn wrong(&self) -> WrongValue {
        self.bounds.map_or_else(|| WrongValue::expected(self.expected), |bounds| bounds.wrong(self.expected))
    }
}
