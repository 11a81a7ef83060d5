//! The glossary: entries, files, and finding terms in German text.
