//! The page in a real browser. One test at a time (`--test-threads 1`): speed is measured, too.

mod harness;
