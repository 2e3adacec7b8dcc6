//! Loading weights as a stream: bytes are pushed in pieces of any size, tensors come out one by one.
//!
//! Only the header and the tensor being received are held, so the file and the model are never both
//! whole in memory. The same code serves a file on disk and a download in a browser.

mod dequantise;
mod gguf;
mod loader;
mod safetensors;
mod stream;

pub use dequantise::TensorType;
pub use gguf::{GgufMetadata, GgufValue};
pub use loader::{Loaded, Loader};
pub use stream::{RawTensor, WeightFormat};
