//! The words of the page, one file per language in `web/text`.
//!
//! The visitor's is fetched before the page is drawn: English, unless another was chosen or the address says `?lang=`.
//! Changing it loads the page again: its whole state is in the address.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Display;

use serde::Deserialize;

/// The key in local storage.
const KEY: &str = "atlas-lang";

/// The languages there are: code, and the language's own name.
pub const LANGUAGES: [(&str, &str); 2] = [("en", "English"), ("de", "Deutsch")];

/// What a language's file holds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// Single sentences and labels.
    pub words: BTreeMap<String, String>,
    /// The steps of the lesson, in the order of `lesson::steps`.
    pub lessons: Vec<LessonText>,
    /// Questions for the class, with answers.
    pub questions: Vec<Question>,
}

/// The words of one step.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LessonText {
    /// A few words.
    pub title: String,
    /// What there is to know, in two or three sentences.
    pub words: String,
    /// What to guess.
    pub guess: String,
    /// The answers to choose from.
    pub options: Vec<String>,
    /// What is the case.
    pub reveal: String,
    /// What to do on the page.
    pub task: String,
    /// What to notice when it is done.
    pub done: String,
}

/// A question and its answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The question.
    pub ask: String,
    /// A good answer.
    pub answer: String,
}

thread_local! {
    static NOW: Cell<Option<&'static Texts>> = const { Cell::new(None) };
    static FIRST: &'static Texts = Box::leak(Box::new(first()));
}

/// What there is before a language is there: nothing in a browser, English in tests.
#[cfg(target_family = "wasm")]
const fn first() -> Texts {
    Texts {
        words: BTreeMap::new(),
        lessons: Vec::new(),
        questions: Vec::new(),
    }
}

#[cfg(not(target_family = "wasm"))]
#[expect(
    clippy::expect_used,
    reason = "a file of this program; a test reads it"
)]
fn first() -> Texts {
    serde_json::from_str(include_str!("../../text/en.json")).expect("web/text/en.json")
}

/// The texts in use.
#[must_use]
pub fn texts() -> &'static Texts {
    NOW.get().unwrap_or_else(|| FIRST.with(|e| *e))
}

/// The words of a key in the visitor's language, else the key itself; a test holds that every language has every key.
#[must_use]
pub fn t(key: &'static str) -> &'static str {
    texts().words.get(key).map_or(key, String::as_str)
}

/// The words of a key with `{name}` replaced.
#[must_use]
pub fn fill(key: &'static str, values: &[(&str, &dyn Display)]) -> String {
    filled(t(key), values)
}

/// A text with `{name}` replaced.
#[must_use]
pub fn filled(text: &str, values: &[(&str, &dyn Display)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), &value.to_string())
    })
}

/// The language that was asked for, by the address or on an earlier visit; English unless somebody asked.
#[must_use]
pub fn wanted() -> &'static str {
    let query = leptos::prelude::window()
        .location()
        .search()
        .unwrap_or_default();
    let asked = crate::query::value(&query, "lang").map(str::to_owned);
    let stored = leptos::prelude::window()
        .local_storage()
        .ok()
        .flatten()
        .and_then(|s| s.get_item(KEY).ok().flatten());
    let known = |code: &String| LANGUAGES.iter().find(|(c, _)| c == code).map(|(c, _)| *c);
    [asked, stored]
        .iter()
        .flatten()
        .find_map(known)
        .unwrap_or(LANGUAGES[0].0)
}

/// Brings the language that was asked for, or else English.
///
/// # Errors
/// When neither is there, in English: there are no other words.
pub async fn bring() -> Result<(), String> {
    let english = LANGUAGES[0].0;
    let mut code = wanted();
    let mut found = crate::library::texts(code).await;
    if found.is_err() && code != english {
        code = english;
        found = crate::library::texts(code).await;
    }
    let Ok(texts) = found else {
        return Err(format!(
            "The page's words (text/{code}.json) could not be fetched. Check the connection and reload."
        ));
    };
    NOW.set(Some(Box::leak(Box::new(texts))));
    if let Some(root) = leptos::prelude::document().document_element() {
        let _ = root.set_attribute("lang", code);
    }
    Ok(())
}

/// Takes another language, now and on later visits.
pub fn choose(code: &str) {
    let window = leptos::prelude::window();
    if let Ok(Some(storage)) = window.local_storage() {
        let _ = storage.set_item(KEY, code);
    }
    let location = window.location();
    let query = crate::query::with(&location.search().unwrap_or_default(), "lang", None);
    // The same address without `?lang=`: the choice that was stored holds.
    if query == location.search().unwrap_or_default() {
        let _ = location.reload();
    } else {
        let _ = location.set_search(&query);
    }
}

#[cfg(test)]
mod tests;
