//! What a service offers beside translations: what was used of an account, and glossaries that it keeps.

use std::collections::BTreeSet;

use futures::future::BoxFuture;

use super::error::EngineError;
use crate::model::TermHint;

/// What comes of an [`Upkeep`].
pub type UpkeepFuture<'a, T> = BoxFuture<'a, Result<T, EngineError>>;

/// What a service offers beside translations. Nothing of it is charged.
pub trait Upkeep: Send + Sync {
    /// What was used of the account so far; `None` if the service does not say.
    fn account(&self) -> UpkeepFuture<'_, Option<AccountUse>>;

    /// What was used when the first text was sent; `None` if nothing was sent, or the service did not say.
    fn account_before(&self) -> Option<AccountUse>;

    /// Whether the service is to have the terms before it is sent anything ([`Self::keep_terms`]).
    fn wants_terms(&self) -> bool;

    /// Keeps glossaries at the service in step with some sets of terms: what is missing is made, what is old is deleted.
    fn keep_terms<'a>(&'a self, terms: &'a TermSets) -> UpkeepFuture<'a, ()>;

    /// Deletes the glossaries that were made for an owner, or for all; gives back their names.
    fn clean<'a>(&'a self, owner: Option<&'a str>) -> UpkeepFuture<'a, Vec<String>>;
}

/// What was used of an account in its current period, in the units that the engine is billed by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountUse {
    pub used: u64,
    /// `None` if there is no limit.
    pub limit: Option<u64>,
    /// When the period ends, as the service writes it.
    pub until: Option<String>,
}

/// The terms of a project as a service is to know them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TermSets {
    /// Stands for the project in the names of glossaries: one word.
    pub owner: String,
    /// The terms of articles without terms of their own come first, then those of each group of articles with such. Each term
    /// stands there in all forms in which it occurs.
    pub sets: Vec<BTreeSet<TermHint>>,
}
