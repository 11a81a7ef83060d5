//! The tables of a shared memory, format by format.
//!
//! They are those of the SQLite file, and have what several processes need beside them. Texts are `bytea`, in UTF-8: a text
//! of PostgreSQL cannot hold every character, and depends on the encoding of the database.

/// The newest format.
pub(super) const FORMAT: i32 = 1;

/// Whether there is a memory. Asked of the catalogue itself: what functions know of it may be older than the lock below.
pub(super) const IS_THERE: &str = "
SELECT EXISTS (SELECT FROM pg_catalog.pg_tables WHERE schemaname = 'wortlaut' AND tablename = 'format')";
pub(super) const FOUND: &str = "SELECT number FROM wortlaut.format";

/// Lets one process after another look at the format and bring it up to date. The number is `wortlaut` in ASCII.
pub(super) const ALONE: &str = "SELECT pg_advisory_xact_lock(8606223257288406388)";

/// What each format adds to the one before it, from format 1 on.
pub(super) const FORMATS: [&str; FORMAT as usize] = ["
CREATE SCHEMA IF NOT EXISTS wortlaut;
CREATE TABLE wortlaut.format (number integer NOT NULL);
INSERT INTO wortlaut.format VALUES (0);
CREATE TABLE wortlaut.engine (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    profile bytea NOT NULL,
    fingerprint bytea NOT NULL,
    UNIQUE (profile, fingerprint)
);
CREATE TABLE wortlaut.translation (
    key bytea NOT NULL PRIMARY KEY CHECK (length(key) = 16),
    created_at bigint NOT NULL,  -- seconds since 1970, by the clock of the server
    billed bigint,
    engine integer NOT NULL,
    source bytea NOT NULL,
    target bytea NOT NULL,
    terms bytea,                 -- JSON; null if there are none
    alignment bytea,             -- JSON
    cuts bytea,                  -- JSON; null if nothing was cut off
    alternatives bytea           -- JSON; null if none came
);
-- The answers that were given to a text with terms, whichever they were. Four bytes of a hash an answer.
CREATE INDEX translation_told ON wortlaut.translation USING hash (source) WHERE terms IS NOT NULL;
CREATE TABLE wortlaut.unusable (
    key bytea NOT NULL PRIMARY KEY CHECK (length(key) = 16),
    created_at bigint NOT NULL,
    count bigint NOT NULL,
    engine integer NOT NULL,
    source bytea NOT NULL,
    answer bytea NOT NULL,
    class text NOT NULL,
    form text NOT NULL
);
CREATE TABLE wortlaut.pair (
    id bytea NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    source_hash bigint NOT NULL,
    at bigint NOT NULL,
    segment bigint,
    withdrawn bigint,
    kind text NOT NULL,
    source bytea NOT NULL,
    target bytea NOT NULL,
    inlines bytea,
    by bytea NOT NULL,
    article bytea,
    before bytea,
    after bytea,
    origin bytea
);
CREATE INDEX pair_source ON wortlaut.pair (source_hash);
CREATE INDEX pair_learned ON wortlaut.pair (at)
    WHERE article IS NOT NULL AND origin IS NOT NULL AND withdrawn IS NULL;
-- How often the pairs were changed; who changes them holds its row.
CREATE TABLE wortlaut.revision (number bigint NOT NULL);
INSERT INTO wortlaut.revision VALUES (0);
CREATE TABLE wortlaut.read_mark (
    article bytea NOT NULL,
    text bytea NOT NULL CHECK (length(text) = 16),
    PRIMARY KEY (article, text)
);
CREATE TABLE wortlaut.output (
    path bytea NOT NULL,
    hash text NOT NULL,
    article bytea NOT NULL,
    format text NOT NULL,
    segments text,
    PRIMARY KEY (path, hash)
);
CREATE TABLE wortlaut.adoption (
    fingerprint bytea NOT NULL,
    earlier bytea NOT NULL,
    taken boolean NOT NULL,
    PRIMARY KEY (fingerprint, earlier)
);
CREATE TABLE wortlaut.batch_job (
    nonce text NOT NULL PRIMARY KEY,
    created_at bigint NOT NULL,
    requests bigint NOT NULL,
    cancelled boolean NOT NULL,
    profile bytea NOT NULL,
    fingerprint bytea NOT NULL,
    host bytea NOT NULL,
    service_id bytea
);
CREATE TABLE wortlaut.batch_request (
    nonce text NOT NULL,
    number bigint NOT NULL,
    form text NOT NULL,
    companions bigint NOT NULL,
    PRIMARY KEY (nonce, number)
);
CREATE TABLE wortlaut.batch_text (
    key bytea NOT NULL PRIMARY KEY CHECK (length(key) = 16),
    number bigint NOT NULL,
    place bigint NOT NULL,
    replaces boolean NOT NULL,
    nonce text NOT NULL,
    request bytea NOT NULL
);
CREATE INDEX batch_text_request ON wortlaut.batch_text (nonce, number);
-- Processes that send texts. One that is heard of no more until then is taken for dead, and never comes back under its
-- number.
CREATE TABLE wortlaut.worker (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
-- Texts that a process sends, so that nobody else does.
CREATE TABLE wortlaut.claim (
    key bytea NOT NULL PRIMARY KEY CHECK (length(key) = 16),
    worker bigint NOT NULL
);
-- What was spent of a budget, and what is set aside of it: until it is known what a request did cost, all that it can cost
-- counts as spent.
CREATE TABLE wortlaut.budget (
    name bytea NOT NULL PRIMARY KEY,
    characters bigint NOT NULL,
    cost numeric NOT NULL        -- in millionths of a millionth of the currency
);
-- The part of it that a process has set aside, and of which something may come back.
CREATE TABLE wortlaut.budget_share (
    name bytea NOT NULL,
    worker bigint NOT NULL,
    characters bigint NOT NULL,
    cost numeric NOT NULL,
    PRIMARY KEY (name, worker)
);
-- When the next request may begin that somebody sends to a host with a profile.
CREATE TABLE wortlaut.pace (
    name bytea NOT NULL PRIMARY KEY,
    next_at timestamptz NOT NULL
);
"];
