//! Text to tokens and back.

use crate::error::LoadError;
use crate::load::{GgufMetadata, GgufValue};
use std::collections::HashMap;
use std::str::FromStr;
use tokenizers::models::bpe::BPE;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::{AddedToken, PreTokenizerWrapper};

/// A tokenizer, from `tokenizer.json` or GGUF metadata.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
}

/// A token and the text it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its id.
    pub id: u32,
    /// Its text. Where several tokens make one character, the first carries it and the others are
    /// empty, so that the pieces joined are the text.
    pub text: String,
}

impl Tokenizer {
    /// From the text of a `tokenizer.json`.
    ///
    /// # Errors
    /// When it is not one.
    pub fn from_json(json: &[u8]) -> Result<Self, LoadError> {
        let text = std::str::from_utf8(json).map_err(|e| LoadError::Tokenizer(e.to_string()))?;
        let inner = tokenizers::Tokenizer::from_str(text)
            .map_err(|e| LoadError::Tokenizer(e.to_string()))?;
        Ok(Self { inner })
    }

    /// From the vocabulary and merges that a GGUF file carries (byte-level BPE).
    ///
    /// # Errors
    /// When the tokenizer is of a kind that is not supported.
    pub fn from_gguf(meta: &GgufMetadata) -> Result<Self, LoadError> {
        let fail = |what: String| LoadError::Tokenizer(what);
        let model = meta.text("tokenizer.ggml.model")?;
        if model != "gpt2" {
            return Err(fail(format!(
                "`{model}` is not byte-level BPE; add a tokenizer.json"
            )));
        }
        let texts = meta.texts("tokenizer.ggml.tokens")?;
        let ids: Result<HashMap<String, u32>, _> = texts
            .iter()
            .enumerate()
            .map(|(i, t)| u32::try_from(i).map(|i| (t.clone(), i)))
            .collect();
        let vocab = ids.map_err(|e| fail(e.to_string()))?;
        let merges = meta
            .texts("tokenizer.ggml.merges")?
            .iter()
            .filter_map(|m| m.split_once(' '))
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .collect();
        let bpe = BPE::builder()
            .vocab_and_merges(
                vocab
                    .into_iter()
                    .collect::<tokenizers::models::bpe::Vocab>(),
                merges,
            )
            .build()
            .map_err(|e| fail(e.to_string()))?;
        let mut inner = tokenizers::Tokenizer::new(bpe);
        let bytes = ByteLevel::new(false, false, true);
        let pre: PreTokenizerWrapper = match meta.text("tokenizer.ggml.pre").unwrap_or("gpt-2") {
            "gpt-2" | "default" => bytes.into(),
            // SmolLM splits digits one by one first.
            "smollm" => Sequence::new(vec![Digits::new(true).into(), bytes.into()]).into(),
            other => {
                return Err(fail(format!(
                    "the pre-tokenizer `{other}` is not known here; add a tokenizer.json"
                )));
            }
        };
        inner.with_pre_tokenizer(Some(pre));
        inner.with_decoder(Some(ByteLevel::default()));
        inner.with_post_processor(Some(bytes));
        if let Some(GgufValue::Numbers(kinds)) = meta.get("tokenizer.ggml.token_type") {
            const CONTROL: f64 = 3.0;
            let special: Vec<AddedToken> = texts
                .iter()
                .zip(kinds)
                .filter(|&(_, &kind)| kind == CONTROL)
                .map(|(text, _)| AddedToken::from(text.clone(), true))
                .collect();
            inner.add_special_tokens(&special);
        }
        Ok(Self { inner })
    }

    /// Token ids of a text; nothing is added to it. Special tokens written in it count as such.
    ///
    /// # Errors
    /// When the tokenizer fails on it.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, LoadError> {
        let encoding = self
            .inner
            .encode(text, false)
            .map_err(|e| LoadError::Tokenizer(e.to_string()))?;
        Ok(encoding.get_ids().to_vec())
    }

    /// Tokens of a text, each with the part of the text it stands for.
    ///
    /// # Errors
    /// When the tokenizer fails on it.
    pub fn pieces(&self, text: &str) -> Result<Vec<Piece>, LoadError> {
        let encoding = self
            .inner
            .encode(text, false)
            .map_err(|e| LoadError::Tokenizer(e.to_string()))?;
        let mut from = 0;
        let mut pieces = Vec::with_capacity(encoding.len());
        for (&id, &(_, end)) in encoding.get_ids().iter().zip(encoding.get_offsets()) {
            let mut end = end.clamp(from, text.len());
            while !text.is_char_boundary(end) {
                end += 1;
            }
            pieces.push(Piece {
                id,
                text: text[from..end].to_owned(),
            });
            from = end;
        }
        if let Some(last) = pieces.last_mut() {
            last.text.push_str(&text[from..]);
        }
        Ok(pieces)
    }

    /// The id of a token by its text, e.g. `<|im_end|>`.
    #[must_use]
    pub fn id(&self, token: &str) -> Option<u32> {
        self.inner.token_to_id(token)
    }

    /// The vocabulary's own spelling of a token.
    #[must_use]
    pub fn token(&self, id: u32) -> Option<String> {
        self.inner.id_to_token(id)
    }

    /// Text of tokens, special ones left out.
    ///
    /// # Errors
    /// When an id is unknown.
    pub fn decode(&self, ids: &[u32]) -> Result<String, LoadError> {
        self.inner
            .decode(ids, true)
            .map_err(|e| LoadError::Tokenizer(e.to_string()))
    }
}

/// Turns a stream of tokens into text, holding back bytes until they make whole characters.
#[derive(Clone, Debug, Default)]
pub struct TextStream {
    ids: Vec<u32>,
    /// Tokens before this are out; kept one stretch back so that spaces decode in context.
    context: usize,
    out: usize,
}

impl TextStream {
    /// Adds a token and returns the text that became whole.
    ///
    /// # Errors
    /// When the id is unknown.
    pub fn push(&mut self, tokenizer: &Tokenizer, id: u32) -> Result<String, LoadError> {
        self.ids.push(id);
        let before = tokenizer.decode(&self.ids[self.context..self.out])?;
        let now = tokenizer.decode(&self.ids[self.context..])?;
        if now.ends_with('\u{fffd}') || now.len() <= before.len() {
            return Ok(String::new());
        }
        let fresh = now.get(before.len()..).unwrap_or_default().to_owned();
        self.context = self.out;
        self.out = self.ids.len();
        Ok(fresh)
    }
}
