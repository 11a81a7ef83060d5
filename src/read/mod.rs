//! Files and formats in: from a path to [`Article`](crate::model::Article)s.
