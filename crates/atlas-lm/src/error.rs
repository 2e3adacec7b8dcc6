//! What can go wrong when a model is loaded or run.

use thiserror::Error;

/// The weights, their header or their configuration cannot be used.
#[derive(Debug, Error)]
pub enum LoadError {
    /// Not the format it should be.
    #[error("this is not a {expected} file: {found}")]
    NotThatFormat {
        /// The format asked for.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// The header is malformed.
    #[error("the header cannot be read: {0}")]
    Header(String),
    /// The file ended before its last tensor.
    #[error("the file ends early: {missing} bytes of `{tensor}` are missing")]
    Truncated {
        /// The tensor being read.
        tensor: String,
        /// Bytes that did not come.
        missing: u64,
    },
    /// A tensor type this loader cannot widen.
    #[error(
        "tensor `{tensor}` is stored as {dtype}; F32, F16, BF16, Q8_0, Q4_0 and Q4_1 can be read"
    )]
    TensorType {
        /// Its name.
        tensor: String,
        /// Its type.
        dtype: String,
    },
    /// A tensor has another shape than the configuration says.
    #[error("tensor `{tensor}` has shape {found:?}, expected {expected:?}")]
    Shape {
        /// Its name.
        tensor: String,
        /// As stored.
        found: Vec<usize>,
        /// As configured.
        expected: Vec<usize>,
    },
    /// A tensor of the architecture is missing.
    #[error("tensor `{0}` is missing")]
    Missing(String),
    /// The configuration lacks a value or describes another architecture.
    #[error("the configuration cannot be used: {0}")]
    Config(String),
    /// The tokenizer cannot be built.
    #[error("the tokenizer cannot be used: {0}")]
    Tokenizer(String),
    /// The chat template cannot be used.
    #[error("the chat template cannot be used: {0}")]
    Template(String),
    /// A file could not be read.
    #[error("{path}: {source}")]
    Io {
        /// Its path.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

/// A pass through the model failed.
#[derive(Debug, Error)]
pub enum RunError {
    /// Nothing to run.
    #[error("there are no tokens to run")]
    Empty,
    /// More tokens than the context holds.
    #[error("{tokens} tokens do not fit a context of {context}")]
    TooLong {
        /// Tokens asked for, those in the cache included.
        tokens: usize,
        /// The model's context.
        context: usize,
    },
    /// A token outside the vocabulary.
    #[error("token {token} is outside the vocabulary of {vocabulary}")]
    UnknownToken {
        /// The token.
        token: u32,
        /// Size of the vocabulary.
        vocabulary: usize,
    },
    /// An edit does not fit the model.
    #[error("an edit at layer {layer} of width {width} does not fit this model")]
    Edit {
        /// Where.
        layer: usize,
        /// Its width.
        width: usize,
    },
    /// A cache holds another number of texts.
    #[error("the cache holds {held} texts, {given} were given")]
    Batch {
        /// Texts in the cache.
        held: usize,
        /// Texts of this pass.
        given: usize,
    },
    /// The device did not give the numbers back.
    #[error("the device failed: {0}")]
    Device(String),
}
