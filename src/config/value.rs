//! Values as layers give them, and the types that settings have.

use std::ffi::OsStr;
use std::fmt;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use strum::{EnumString, IntoStaticStr, VariantArray};
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Value};

use crate::check::EnglishVariety;
use crate::engine::{
    Currency, Effort, EngineKind, MoneyError, OpenAiApi, Price, PriceFactor, Server, ServerAddressError,
    TargetLang,
};
use crate::glossary::ArticlePattern;
use crate::memory::{AddressError, MemoryAddress};
use crate::model::{FindingKind, Rung, Severity};
use crate::pipeline::AskNext;
use crate::read::TextType;
use crate::write::OutputFormat;

/// A value as a file, a variable or a flag gives it. A path stays one, since its name need not be Unicode.
#[derive(Debug, Clone, PartialEq)]
pub enum LayerValue {
    Text(String),
    Path(PathBuf),
    Paths(Vec<PathBuf>),
    OfArticles(Vec<ArticlePaths>),
    List(Vec<String>),
    Whole(i64),
    Number(f64),
    Switch(bool),
}

/// Paths that count for some articles only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArticlePaths {
    /// Patterns for the names of the articles.
    pub articles: Vec<String>,
    pub path: Vec<PathBuf>,
}

impl ArticlePaths {
    /// What stands in a table of a file; `None` if it lacks something, or has something else.
    fn of_table(table: &DeTable<'_>) -> Option<Self> {
        let mut read = Self::default();
        for (name, value) in table {
            let texts = match value.get_ref() {
                DeValue::String(text) => vec![text.to_string()],
                DeValue::Array(items) => items
                    .iter()
                    .map(|item| item.get_ref().as_str().map(str::to_owned))
                    .collect::<Option<_>>()?,
                _ => return None,
            };
            match name.get_ref().as_ref() {
                "articles" => read.articles = texts,
                "path" => read.path = texts.into_iter().map(PathBuf::from).collect(),
                _ => return None,
            }
        }
        (!read.articles.is_empty() && !read.path.is_empty()).then_some(read)
    }

    /// The same as it would stand in a file.
    fn to_table(&self) -> Value {
        let texts =
            |items: &mut dyn Iterator<Item = String>| Value::Array(items.map(Value::String).collect());
        let articles = texts(&mut self.articles.iter().cloned());
        let path = texts(&mut self.path.iter().map(|path| path.to_string_lossy().into_owned()));
        Value::Table([("articles".to_owned(), articles), ("path".to_owned(), path)].into_iter().collect())
    }
}

impl LayerValue {
    /// The text, if it is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The path that it is, or that its text is the name of.
    pub(super) fn as_path(&self) -> Option<&Path> {
        match self {
            Self::Text(text) => Some(Path::new(text)),
            Self::Path(path) => Some(path),
            _ => None,
        }
    }

    /// The paths that it is or has.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        let several = if let Self::Paths(paths) = self { &paths[..] } else { &[] };
        let of_articles = if let Self::OfArticles(all) = self { &all[..] } else { &[] };
        let of_articles = of_articles.iter().flat_map(|of| &of.path);
        self.as_path().into_iter().chain(several.iter().chain(of_articles).map(PathBuf::as_path))
    }

    pub(super) fn as_switch(&self) -> Option<bool> {
        if let Self::Switch(on) = self { Some(*on) } else { None }
    }

    fn as_number(&self) -> Option<f64> {
        match self {
            #[expect(
                clippy::cast_precision_loss,
                reason = "only compared with bounds, which are far smaller"
            )]
            Self::Whole(number) => Some(*number as f64),
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

/// As it would stand in a file.
impl fmt::Display for LayerValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = match self {
            Self::Text(text) => Value::String(text.clone()),
            Self::Path(path) => Value::String(path.to_string_lossy().into_owned()),
            Self::Paths(paths) => {
                let name = |path: &PathBuf| Value::String(path.to_string_lossy().into_owned());
                Value::Array(paths.iter().map(name).collect())
            }
            Self::OfArticles(all) => Value::Array(all.iter().map(ArticlePaths::to_table).collect()),
            Self::List(items) => Value::Array(items.iter().cloned().map(Value::String).collect()),
            Self::Whole(number) => Value::Integer(*number),
            Self::Number(number) => Value::Float(*number),
            Self::Switch(on) => Value::Boolean(*on),
        };
        write!(f, "{value}")
    }
}

impl From<String> for LayerValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<PathBuf> for LayerValue {
    fn from(path: PathBuf) -> Self {
        Self::Path(path)
    }
}

impl From<Vec<PathBuf>> for LayerValue {
    fn from(paths: Vec<PathBuf>) -> Self {
        Self::Paths(paths)
    }
}

impl From<Vec<String>> for LayerValue {
    fn from(items: Vec<String>) -> Self {
        Self::List(items)
    }
}

impl From<bool> for LayerValue {
    fn from(on: bool) -> Self {
        Self::Switch(on)
    }
}

impl From<NonZeroUsize> for LayerValue {
    fn from(number: NonZeroUsize) -> Self {
        // What does not fit is beyond the bounds of every setting.
        Self::Whole(i64::try_from(number.get()).unwrap_or(i64::MAX))
    }
}

/// How the value of a setting is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueShape {
    Text,
    /// A text in a file, where a relative path is taken from the folder of that file.
    Path,
    /// A path, or a list of them.
    Paths,
    /// Tables, each with paths and the articles that they count for.
    OfArticles,
    /// A list of texts; separated by commas in a variable.
    List,
    Whole,
    Number,
    Switch,
}

impl ValueShape {
    /// Whether it names files or folders.
    pub(super) const fn is_path(self) -> bool {
        matches!(self, Self::Path | Self::Paths | Self::OfArticles)
    }

    /// What stands in a file; `None` if that has another shape.
    pub(super) fn of_file(self, value: &DeValue<'_>) -> Option<LayerValue> {
        Some(match (self, value) {
            (Self::Text, DeValue::String(text)) => LayerValue::Text(text.to_string()),
            (Self::Path | Self::Paths, DeValue::String(text)) => {
                LayerValue::Path(PathBuf::from(text.as_ref()))
            }
            (Self::Paths, DeValue::Array(items)) => LayerValue::Paths(
                items.iter().map(|item| item.get_ref().as_str().map(PathBuf::from)).collect::<Option<_>>()?,
            ),
            (Self::OfArticles, DeValue::Array(items)) => {
                let table = |item: &Spanned<DeValue<'_>>| match item.get_ref() {
                    DeValue::Table(table) => ArticlePaths::of_table(table),
                    _ => None,
                };
                LayerValue::OfArticles(items.iter().map(table).collect::<Option<_>>()?)
            }
            (Self::List, DeValue::Array(items)) => LayerValue::List(
                items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect::<Option<_>>()?,
            ),
            (Self::Whole | Self::Number, DeValue::Integer(number)) => {
                LayerValue::Whole(i64::from_str_radix(number.as_str(), number.radix()).ok()?)
            }
            (Self::Number, DeValue::Float(number)) => LayerValue::Number(number.as_str().parse().ok()?),
            (Self::Switch, DeValue::Boolean(on)) => LayerValue::Switch(*on),
            _ => return None,
        })
    }

    /// What a variable holds; `None` if that has another shape.
    pub(super) fn of_variable(self, value: &OsStr) -> Option<LayerValue> {
        if matches!(self, Self::Path | Self::Paths) {
            return Some(LayerValue::Path(value.into()));
        }
        let text = value.to_str()?;
        Some(match self {
            Self::Text | Self::Path | Self::Paths => LayerValue::Text(text.to_owned()),
            Self::OfArticles => return None,
            Self::List => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                LayerValue::List(items.map(str::to_owned).collect())
            }
            Self::Whole => LayerValue::Whole(text.trim().parse().ok()?),
            Self::Number => LayerValue::Number(text.trim().parse().ok()?),
            Self::Switch => LayerValue::Switch(text.trim().parse().ok()?),
        })
    }
}

/// What is wrong about a value.
#[derive(Debug)]
pub(super) struct WrongValue {
    /// As the rest of a sentence that begins with the setting or the value.
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl WrongValue {
    /// A value must be something else.
    pub(super) fn expected(what: &str) -> Self {
        Self { message: format!("must be {what}"), hint: None }
    }
}

/// The smallest and the largest number that a setting takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    pub(super) least: f64,
    pub(super) most: f64,
    /// Why no more.
    pub(super) why: &'static str,
}

impl Bounds {
    pub(super) fn hold(&self, value: &LayerValue) -> bool {
        value.as_number().is_some_and(|number| (self.least..=self.most).contains(&number))
    }

    /// What is said of a value outside; `what` is a number of the setting's type.
    pub(super) fn wrong(&self, what: &str) -> WrongValue {
        let Self { least, most, why } = self;
        WrongValue {
            message: format!("must be {what} from {least} to {most}"),
            hint: Some(format!("{most} at most: {why}")),
        }
    }
}

/// The type of a setting: what its values look like, and what they say.
pub(super) trait SettingType: Sized {
    const SHAPE: ValueShape;
    /// What a value must be, as the rest of `must be …`.
    const EXPECTED: &'static str;

    /// What a value of the right shape says.
    fn read(value: &LayerValue) -> Result<Self, WrongValue>;

    /// What a setting is that no layer has a value for; `None` if the defaults have one.
    fn unset() -> Option<Self> {
        None
    }
}

impl<T: SettingType> SettingType for Option<T> {
    const SHAPE: ValueShape = T::SHAPE;
    const EXPECTED: &'static str = T::EXPECTED;

    fn read(value: &LayerValue) -> Result<Self, WrongValue> {
        T::read(value).map(Some)
    }

    fn unset() -> Option<Self> {
        Some(None)
    }
}

impl SettingType for String {
    const SHAPE: ValueShape = ValueShape::Text;
    const EXPECTED: &'static str = "a text in quotation marks";

    fn read(value: &LayerValue) -> Result<Self, WrongValue> {
        value.as_text().map(str::to_owned).ok_or_else(|| WrongValue::expected(Self::EXPECTED))
    }
}

impl SettingType for PathBuf {
    const SHAPE: ValueShape = ValueShape::Path;
    const EXPECTED: &'static str = "a path in quotation marks";

    fn read(value: &LayerValue) -> Result<Self, WrongValue> {
        value.as_path().map(Path::to_owned).ok_or_else(|| WrongValue::expected(Self::EXPECTED))
    }
}

impl SettingType for Vec<PathBuf> {
    const SHAPE: ValueShape = ValueShape::Paths;
    const EXPECTED: &'static str = "a path in quotation marks, or a list of paths";

    fn read(value: &LayerValue) -> Result<Self, WrongValue> {
        let paths: Self = value.paths().map(Path::to_owned).collect();
        if paths.is_empty() { Err(WrongValue::expected(Self::EXPECTED)) } else { Ok(paths) }
    }
}

impl SettingType for Vec<ArticlePaths> {
    const SHAPE: ValueShape = ValueShape::OfArticles;
    const EXPECTED: &'static str = "tables in a file, each with articles (patterns for their names) and path";

    fn read(value: &LayerValue) -> Result<Self, WrongValue> {
        let LayerValue::OfArticles(all) = value else { return Err(WrongValue::expected(Self::EXPECTED)) };
        for pattern in all.iter().flat_map(|of| &of.articles) {
            if let Err(error) = pattern.parse::<ArticlePattern>() {
                return Err(WrongValue {
                    message: format!("has a wrong pattern, {pattern:?}: {error}"),
                    hint: None,
                });
            }
        }
        Ok(all.clone())
    }

    fn unset() -> Option<Self> {
        Some(Self::new())
    }
}

impl SettingType for MemoryAddress {
    const SHAPE: ValueShape = ValueShape::Text;
    const EXPECTED: &'static str = "an address such as \"postgres://user@host/database\"";

    fn read(value: &LayerValue) -> Result<Self, WrongValue> {
        let text = value.as_text().ok_or_else(|| WrongValue::expected(Self::EXPECTED))?;
        Self::parse(text).map_err(|error| WrongValue {
            hint: matches!(error, AddressError::Password)
                .then(|| "name a variable in memory.key_env or a file in memory.key_file".to_owned()),
            message: error.to_string(),
        })
    }
}

impl SettingType for Server {
    const SHAPE: ValueShape = ValueShape::Text;
    const EXPECTED: &'static str = "an address such as \"https://host.example\"";

    fn read(value: &LayerValue) -> Result<Self, WrongValue> {
        let text = value.as_text().ok_or_else(|| WrongValue::expected(Self::EXPECTED))?;
        text.parse().map_err(|error: ServerAddressError| WrongValue {
            message: error.to_string(),
            hint: Some(
                "it is an address such as https://host.example or http://proxy.example:3128; a proxy with a password \
                 belongs into the environment variable HTTPS_PROXY"
                    .to_owned(),
            ),
        })
    }
}

impl SettingType for bool {
    const SHAPE: ValueShape = ValueShape::Switch;
    const EXPECTED: &'static str = "true or false";

    fn read(value: &LayerValue) -> Result<Self, WrongValue> {
        value.as_switch().ok_or_else(|| WrongValue::expected(Self::EXPECTED))
    }
}

impl SettingType for f64 {
    const SHAPE: ValueShape = ValueShape::Number;
    const EXPECTED: &'static str = "a number";

    fn read(value: &LayerValue) -> Result<Self, WrongValue> {
        value.as_number().ok_or_else(|| WrongValue::expected(Self::EXPECTED))
    }
}

/// Whole numbers of a type that may not hold all of them.
fn whole<T: TryFrom<i64>>(value: &LayerValue) -> Result<T, WrongValue> {
    let number = if let LayerValue::Whole(number) = value { T::try_from(*number).ok() } else { None };
    number.ok_or_else(|| WrongValue::expected(NonZeroUsize::EXPECTED))
}

impl SettingType for NonZeroUsize {
    const SHAPE: ValueShape = ValueShape::Whole;
    const EXPECTED: &'static str = "a whole number";

    fn read(value: &LayerValue) -> Result<Self, WrongValue> {
        Self::new(whole(value)?).ok_or_else(|| WrongValue::expected(Self::EXPECTED))
    }
}

impl SettingType for NonZeroU32 {
    const SHAPE: ValueShape = ValueShape::Whole;
    const EXPECTED: &'static str = "a whole number";

    fn read(value: &LayerValue) -> Result<Self, WrongValue> {
        Self::new(whole(value)?).ok_or_else(|| WrongValue::expected(Self::EXPECTED))
    }
}

/// In seconds.
impl SettingType for Duration {
    const SHAPE: ValueShape = ValueShape::Whole;
    const EXPECTED: &'static str = "a whole number";

    fn read(value: &LayerValue) -> Result<Self, WrongValue> {
        whole(value).map(Self::from_secs)
    }
}

impl SettingType for Price {
    const SHAPE: ValueShape = ValueShape::Number;
    const EXPECTED: &'static str = "a price for a million, such as 20 or 2.50";

    fn read(value: &LayerValue) -> Result<Self, WrongValue> {
        // The shortest text of a number is what its user wrote, so that no price is off by a rounding.
        let text = match value {
            LayerValue::Whole(number) => number.to_string(),
            LayerValue::Number(number) => number.to_string(),
            _ => return Err(WrongValue::expected(Self::EXPECTED)),
        };
        let wrong = |error: MoneyError| WrongValue { message: error.to_string(), hint: None };
        text.parse().map_err(wrong)
    }
}

impl SettingType for PriceFactor {
    const SHAPE: ValueShape = ValueShape::Number;
    const EXPECTED: &'static str = "a part of the usual price, such as 0.5";

    fn read(value: &LayerValue) -> Result<Self, WrongValue> {
        let text = match value {
            LayerValue::Whole(number) => number.to_string(),
            LayerValue::Number(number) => number.to_string(),
            _ => return Err(WrongValue::expected(Self::EXPECTED)),
        };
        text.parse().map_err(|_| WrongValue::expected(Self::EXPECTED))
    }
}

impl SettingType for Currency {
    const SHAPE: ValueShape = ValueShape::Text;
    const EXPECTED: &'static str = "three letters in quotation marks, such as \"EUR\"";

    fn read(value: &LayerValue) -> Result<Self, WrongValue> {
        let read = value.as_text().and_then(|text| text.parse().ok());
        read.ok_or_else(|| WrongValue::expected(Self::EXPECTED))
    }
}

/// The name of an environment variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableName(String);

impl VariableName {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for VariableName {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let is_name = !text.is_empty()
            && !text.starts_with(|c: char| c.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if is_name { Ok(Self(text.to_owned())) } else { Err(()) }
    }
}

impl SettingType for VariableName {
    const SHAPE: ValueShape = ValueShape::Text;
    const EXPECTED: &'static str = "the name of an environment variable";

    fn read(value: &LayerValue) -> Result<Self, WrongValue> {
        value.as_text().and_then(|text| text.parse().ok()).ok_or_else(|| WrongValue {
            hint: Some("the key itself belongs in that variable, not in a file".to_owned()),
            ..WrongValue::expected(Self::EXPECTED)
        })
    }
}

/// One of a few names.
trait NamedChoice: Sized {
    /// What is chosen, as the rest of `must be a known …`.
    const WHAT: &'static str;

    fn named(name: &str) -> Option<Self>;

    fn names() -> Vec<&'static str>;

    fn choose(name: &str) -> Result<Self, WrongValue> {
        Self::named(name.trim()).ok_or_else(|| {
            let names = Self::names();
            let far = |known: &&str| strsim::damerau_levenshtein(known, name);
            let near = names.iter().copied().min_by_key(far).filter(|near| far(near) <= 2);
            WrongValue {
                message: format!("must be a known {}, not {name:?}", Self::WHAT),
                hint: Some(near.map_or_else(
                    || format!("choose from {}", names.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                )),
            }
        })
    }
}

/// The names of all variants of an enum.
fn names_of<T: Copy + Into<&'static str>>(variants: &[T]) -> Vec<&'static str> {
    variants.iter().map(|variant| (*variant).into()).collect()
}

macro_rules! choice {
    ($type:ty, $what:literal, $names:expr) => {
        impl NamedChoice for $type {
            const WHAT: &'static str = $what;

            fn named(name: &str) -> Option<Self> {
                name.parse().ok()
            }

            fn names() -> Vec<&'static str> {
                $names
            }
        }

        impl SettingType for $type {
            const SHAPE: ValueShape = ValueShape::Text;
            const EXPECTED: &'static str = "a text in quotation marks";

            fn read(value: &LayerValue) -> Result<Self, WrongValue> {
                Self::choose(value.as_text().ok_or_else(|| WrongValue::expected(Self::EXPECTED))?)
            }
        }
    };
}

choice!(Treatment, "treatment", names_of(Treatment::VARIANTS));
choice!(TextType, "text type", names_of(TextType::VARIANTS));
choice!(OutputFormat, "output format", names_of(OutputFormat::VARIANTS));
choice!(AskNext, "reason", names_of(AskNext::VARIANTS));
choice!(FindingKind, "kind of finding", names_of(FindingKind::VARIANTS));
choice!(FailOn, "severity", names_of(FailOn::VARIANTS));
choice!(EnglishVariety, "variety of English", names_of(EnglishVariety::VARIANTS));
choice!(EngineKind, "kind of engine", names_of(EngineKind::VARIANTS));
choice!(Effort, "effort", names_of(Effort::VARIANTS));
choice!(OpenAiApi, "API", names_of(OpenAiApi::VARIANTS));
choice!(TargetLang, "target language", vec!["en-US", "en-GB"]);

/// From which severity on findings fail a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum FailOn {
    Error,
    Warning,
    Info,
    Never,
}

impl FailOn {
    /// Whether findings of a severity fail a command.
    #[must_use]
    pub fn includes(self, severity: Severity) -> bool {
        match self {
            Self::Error => severity >= Severity::Error,
            Self::Warning => severity >= Severity::Warning,
            Self::Info => true,
            Self::Never => false,
        }
    }
}

/// What to do with text that not everyone wants translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Treatment {
    /// Leave it out of the English.
    Keep,
    /// Translate it like the rest.
    Translate,
}

impl NamedChoice for Rung {
    const WHAT: &'static str = "rung";

    fn named(name: &str) -> Option<Self> {
        Self::LADDER.into_iter().find(|rung| rung.as_str() == name)
    }

    /// Without the engine's own answer, which comes first whether it is named or not.
    fn names() -> Vec<&'static str> {
        Self::LADDER.into_iter().filter(|rung| *rung != Self::Native).map(Self::as_str).collect()
    }
}

/// The items of a list, each read on its own.
fn items<T>(value: &LayerValue, read: impl Fn(&str) -> Result<T, WrongValue>) -> Result<Vec<T>, WrongValue> {
    let LayerValue::List(items) = value else { return Err(WrongValue::expected(Vec::<String>::EXPECTED)) };
    items.iter().map(|item| read(item)).collect()
}

impl SettingType for Vec<String> {
    const SHAPE: ValueShape = ValueShape::List;
    const EXPECTED: &'static str = "a list of texts";

    fn read(value: &LayerValue) -> Result<Self, WrongValue> {
        items(value, |item| Ok(item.to_owned()))
    }
}

impl SettingType for Vec<OutputFormat> {
    const SHAPE: ValueShape = ValueShape::List;
    const EXPECTED: &'static str = "a list of output formats";

    fn read(value: &LayerValue) -> Result<Self, WrongValue> {
        let choose = |name: &str| match name.trim() {
            OutputFormat::ALL => Ok(OutputFormat::EVERY.to_vec()),
            name => OutputFormat::choose(name).map(|format| vec![format]),
        };
        let mut formats: Vec<OutputFormat> = Vec::new();
        for format in items(value, choose)?.concat() {
            if !formats.contains(&format) {
                formats.push(format);
            }
        }
        if formats.is_empty() {
            return Err(WrongValue {
                message: "must name an output format".to_owned(),
                hint: Some(format!("choose from {}", OutputFormat::names().join(", "))),
            });
        }
        Ok(formats)
    }
}

impl SettingType for Vec<FindingKind> {
    const SHAPE: ValueShape = ValueShape::List;
    const EXPECTED: &'static str = "a list of kinds of findings";

    fn read(value: &LayerValue) -> Result<Self, WrongValue> {
        items(value, FindingKind::choose)
    }
}

impl SettingType for Vec<Rung> {
    const SHAPE: ValueShape = ValueShape::List;
    const EXPECTED: &'static str = "a list of rungs";

    fn read(value: &LayerValue) -> Result<Self, WrongValue> {
        items(value, Rung::choose)
    }
}
