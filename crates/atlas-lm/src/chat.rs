//! The chat template: turns to one text.

use crate::error::LoadError;
use minijinja::{Environment, Value, context};
use serde::Serialize;

/// A turn of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// What was said.
    pub content: String,
}

impl Turn {
    /// A user's turn.
    #[must_use]
    pub fn user(content: impl Into<String>) -> Self {
        Self {
            role: "user".into(),
            content: content.into(),
        }
    }
}

/// A model's chat template (Jinja, as in `tokenizer_config.json` or GGUF metadata).
#[derive(Clone, Debug)]
pub struct ChatTemplate {
    environment: Environment<'static>,
}

impl ChatTemplate {
    /// From its source.
    ///
    /// # Errors
    /// When it is not valid Jinja.
    pub fn new(source: &str) -> Result<Self, LoadError> {
        let mut environment = Environment::new();
        // transformers renders templates with these two.
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment
            .add_template_owned("chat", source.to_owned())
            .map_err(|e| LoadError::Template(e.to_string()))?;
        Ok(Self { environment })
    }

    /// Renders turns; with `answer`, the header of the assistant's turn is opened at the end.
    ///
    /// # Errors
    /// When the template fails on them.
    pub fn render(&self, turns: &[Turn], answer: bool) -> Result<String, LoadError> {
        self.environment
            .get_template("chat")
            .and_then(|t| {
                t.render(context! {
                    messages => Value::from_serialize(turns),
                    add_generation_prompt => answer,
                    bos_token => "",
                    eos_token => "",
                })
            })
            .map_err(|e| LoadError::Template(e.to_string()))
    }
}
