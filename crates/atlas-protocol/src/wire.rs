//! Messages as bytes (postcard), for `postMessage` with a transferred buffer.

use serde::{Serialize, de::DeserializeOwned};

/// The bytes were not a message of this version.
#[derive(Debug, thiserror::Error)]
#[error("a message between page and engine could not be read: {0}")]
pub struct WireError(#[from] postcard::Error);

/// Encodes a message.
///
/// # Panics
/// Never for the types of this crate: they hold nothing that postcard cannot write.
#[must_use]
pub fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    postcard::to_allocvec(message).expect("protocol types are encodable")
}

/// Decodes a message.
///
/// # Errors
/// When the bytes are not a message of this type.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, WireError> {
    Ok(postcard::from_bytes(bytes)?)
}

/// Decodes a message that others may follow; gives what is left, too.
///
/// # Errors
/// When the bytes do not begin with a message of this type.
pub fn decode_first<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, &[u8]), WireError> {
    Ok(postcard::take_from_bytes(bytes)?)
}
