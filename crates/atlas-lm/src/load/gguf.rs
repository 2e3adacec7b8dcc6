//! The GGUF header, versions 2 and 3 (layout: ggml's `docs/gguf.md`).

use super::dequantise::TensorType;
use super::stream::{Header, Slot};
use crate::error::LoadError;
use std::collections::HashMap;

/// Longest header that is believed: large vocabularies take some ten MB.
const MAX_HEADER: usize = 256 << 20;

/// A metadata value.
#[derive(Clone, Debug, PartialEq)]
pub enum GgufValue {
    /// Any integer or boolean.
    Integer(i64),
    /// Any float.
    Float(f64),
    /// Text.
    Text(String),
    /// An array of texts.
    Texts(Vec<String>),
    /// An array of numbers.
    Numbers(Vec<f64>),
}

/// The metadata of a GGUF file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GgufMetadata {
    values: HashMap<String, GgufValue>,
}

impl GgufMetadata {
    /// A value by key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&GgufValue> {
        self.values.get(key)
    }

    /// A text.
    ///
    /// # Errors
    /// When it is missing or of another type.
    pub fn text(&self, key: &str) -> Result<&str, LoadError> {
        match self.get(key) {
            Some(GgufValue::Text(text)) => Ok(text),
            _ => Err(missing(key)),
        }
    }

    /// A count.
    ///
    /// # Errors
    /// When it is missing, negative or of another type.
    pub fn count(&self, key: &str) -> Result<usize, LoadError> {
        match self.get(key) {
            Some(GgufValue::Integer(n)) => usize::try_from(*n).map_err(|_| missing(key)),
            _ => Err(missing(key)),
        }
    }

    /// A number.
    ///
    /// # Errors
    /// When it is missing or of another type.
    pub fn number(&self, key: &str) -> Result<f64, LoadError> {
        match self.get(key) {
            Some(GgufValue::Float(x)) => Ok(*x),
            #[expect(clippy::cast_precision_loss, reason = "sizes and rope bases are small")]
            Some(GgufValue::Integer(n)) => Ok(*n as f64),
            _ => Err(missing(key)),
        }
    }

    /// An array of texts.
    ///
    /// # Errors
    /// When it is missing or of another type.
    pub fn texts(&self, key: &str) -> Result<&[String], LoadError> {
        match self.get(key) {
            Some(GgufValue::Texts(texts)) => Ok(texts),
            _ => Err(missing(key)),
        }
    }

    /// An array of numbers.
    ///
    /// # Errors
    /// When it is missing or of another type.
    pub fn numbers(&self, key: &str) -> Result<&[f64], LoadError> {
        match self.get(key) {
            Some(GgufValue::Numbers(numbers)) => Ok(numbers),
            _ => Err(missing(key)),
        }
    }
}

fn missing(key: &str) -> LoadError {
    LoadError::Header(format!("`{key}` is missing or of the wrong type"))
}

/// Why a parse stopped: not enough bytes yet, or nonsense.
enum Halt {
    More,
    Bad(String),
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], Halt> {
        let end = self.at.checked_add(n).ok_or(Halt::Bad("overflow".into()))?;
        if end > MAX_HEADER {
            return Err(Halt::Bad("the header is implausibly long".into()));
        }
        let slice = self.bytes.get(self.at..end).ok_or(Halt::More)?;
        self.at = end;
        Ok(slice)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Halt> {
        let slice = self.take(N)?;
        slice.try_into().map_err(|_| Halt::More)
    }

    fn u32(&mut self) -> Result<u32, Halt> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn length(&mut self) -> Result<usize, Halt> {
        let n = u64::from_le_bytes(self.array()?);
        usize::try_from(n)
            .ok()
            .filter(|&n| n <= MAX_HEADER)
            .ok_or_else(|| Halt::Bad(format!("a length of {n}")))
    }

    fn text(&mut self) -> Result<String, Halt> {
        let n = self.length()?;
        Ok(String::from_utf8_lossy(self.take(n)?).into_owned())
    }

    fn scalar(&mut self, kind: u32) -> Result<GgufValue, Halt> {
        use GgufValue::{Float, Integer, Text};
        Ok(match kind {
            0 | 7 => Integer(self.array::<1>()?[0].into()),
            1 => Integer(i8::from_le_bytes(self.array()?).into()),
            2 => Integer(u16::from_le_bytes(self.array()?).into()),
            3 => Integer(i16::from_le_bytes(self.array()?).into()),
            4 => Integer(self.u32()?.into()),
            5 => Integer(i32::from_le_bytes(self.array()?).into()),
            6 => Float(f32::from_le_bytes(self.array()?).into()),
            8 => Text(self.text()?),
            10 | 11 => Integer(i64::from_le_bytes(self.array()?)),
            12 => Float(f64::from_le_bytes(self.array()?)),
            other => return Err(Halt::Bad(format!("metadata type {other}"))),
        })
    }

    fn value(&mut self) -> Result<GgufValue, Halt> {
        let kind = self.u32()?;
        if kind != 9 {
            return self.scalar(kind);
        }
        let kind = self.u32()?;
        let n = self.length()?;
        // Not reserved up front: `n` is not to be believed until the bytes are there.
        let (mut texts, mut numbers) = (Vec::new(), Vec::new());
        for _ in 0..n {
            match self.scalar(kind)? {
                GgufValue::Text(text) => texts.push(text),
                GgufValue::Float(x) => numbers.push(x),
                #[expect(clippy::cast_precision_loss, reason = "token types and ids are small")]
                GgufValue::Integer(i) => numbers.push(i as f64),
                _ => {}
            }
        }
        Ok(if kind == 8 {
            GgufValue::Texts(texts)
        } else {
            GgufValue::Numbers(numbers)
        })
    }
}

/// Parses the header if it is whole.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<Header>, LoadError> {
    if bytes.len() >= 4 && &bytes[..4] != b"GGUF" {
        return Err(LoadError::NotThatFormat {
            expected: "GGUF",
            found: format!("it starts with {:?}", String::from_utf8_lossy(&bytes[..4])),
        });
    }
    match header(&mut Cursor { bytes, at: 4 }) {
        Ok(header) => Ok(Some(header)),
        Err(Halt::More) => Ok(None),
        Err(Halt::Bad(why)) => Err(LoadError::Header(why)),
    }
}

fn header(cursor: &mut Cursor) -> Result<Header, Halt> {
    let version = cursor.u32()?;
    if !(2..=3).contains(&version) {
        return Err(Halt::Bad(format!("GGUF version {version}")));
    }
    let tensors = cursor.length()?;
    let pairs = cursor.length()?;
    let mut values = HashMap::new();
    for _ in 0..pairs {
        let key = cursor.text()?;
        values.insert(key, cursor.value()?);
    }
    let meta = GgufMetadata { values };
    let mut slots = Vec::new();
    for _ in 0..tensors {
        slots.push(slot(cursor)?);
    }
    let align = meta.count("general.alignment").unwrap_or(32).max(1);
    let data = cursor.at.next_multiple_of(align) as u64;
    for slot in &mut slots {
        slot.start += data;
    }
    Ok(Header {
        slots,
        gguf: Some(meta),
    })
}

fn slot(cursor: &mut Cursor) -> Result<Slot, Halt> {
    let name = cursor.text()?;
    let dims = cursor.u32()?;
    if dims > 4 {
        return Err(Halt::Bad(format!("`{name}` has {dims} dimensions")));
    }
    let mut shape = Vec::new();
    for _ in 0..dims {
        shape.push(cursor.length()?);
    }
    shape.reverse(); // GGUF lists the innermost dimension first
    let kind = cursor.u32()?;
    let start = u64::from_le_bytes(cursor.array()?);
    let dtype = TensorType::from_ggml(kind, &name).map_err(|e| Halt::Bad(e.to_string()))?;
    let count = shape
        .iter()
        .try_fold(1usize, |n, &d| n.checked_mul(d))
        .ok_or_else(|| Halt::Bad(format!("`{name}` is too large")))?;
    let len = dtype
        .bytes(count)
        .ok_or_else(|| Halt::Bad(format!("`{name}` does not fill whole blocks")))?;
    Ok(Slot {
        name,
        shape,
        dtype,
        start,
        len,
    })
}
