//! From what a visitor typed to what the model is given.

use crate::session::Running;
use crate::words;
use atlas_lm::{ChatTemplate, Turn};
use atlas_protocol::{Problem, Setting};

/// Longest text that is tokenised at all, bytes. Longer ones are far beyond any limit, and counting
/// their tokens exactly would take seconds.
const BELIEVABLE: usize = 1 << 18;

/// A text as the model is given it.
pub(crate) struct Prompt {
    /// What is run.
    pub ids: Vec<u32>,
    /// The visitor's words and what the template adds behind them; joined they are the end of the text.
    pub shown: Vec<String>,
    /// Tokens before those that are shown: the template's head.
    pub head: usize,
}

/// Puts a text into its setting and cuts it into tokens, at most `limit`.
pub(crate) fn prompt(
    running: &Running,
    text: &str,
    setting: Setting,
    limit: usize,
) -> Result<Prompt, Problem> {
    if text.trim().is_empty() {
        return Err(Problem::EmptyText);
    }
    let too_long = |tokens: usize| Problem::TooLong {
        tokens: words::count(tokens),
        limit: words::count(limit),
    };
    if text.len() > BELIEVABLE {
        return Err(too_long(text.len() / 4));
    }
    let (whole, start) = match setting {
        Setting::Plain => (text.to_owned(), 0),
        Setting::Chat => turn(running.template.as_ref().ok_or(Problem::NoChat)?, text)?,
    };
    let pieces = running
        .tokenizer
        .pieces(&whole)
        .map_err(|e| words::text(&e))?;
    if pieces.len() > limit {
        return Err(too_long(pieces.len()));
    }
    let mut prompt = Prompt {
        ids: Vec::new(),
        shown: Vec::new(),
        head: 0,
    };
    let mut end = 0;
    for piece in pieces {
        let from = end;
        end += piece.text.len();
        prompt.ids.push(piece.id);
        if prompt.shown.is_empty() && end <= start {
            prompt.head += 1;
        } else {
            // A token that spans the border shows the visitor's part only.
            let cut = start.saturating_sub(from);
            prompt
                .shown
                .push(piece.text.get(cut..).unwrap_or_default().to_owned());
        }
    }
    if prompt.ids.is_empty() {
        return Err(Problem::EmptyText);
    }
    Ok(prompt)
}

/// A user's turn with the answer opened, and where the user's words start in it.
fn turn(template: &ChatTemplate, text: &str) -> Result<(String, usize), Problem> {
    /// A character that no template writes of its own accord.
    const MARK: &str = "\u{1}";
    let render = |content: &str| {
        template
            .render(&[Turn::user(content)], true)
            .map_err(|e| words::text(&e))
    };
    let whole = render(text)?;
    // The words themselves may also stand in the template's head, so the place is found by a mark.
    let start = render(MARK)?.find(MARK).unwrap_or(0);
    let start = if whole.is_char_boundary(start) {
        start
    } else {
        0
    };
    Ok((whole, start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_words_are_found_behind_the_head() {
        let source = "user{% for m in messages %}<{{ m.role }}>{{ m.content }}</>{% endfor %}";
        let template = ChatTemplate::new(source).unwrap();
        let (whole, start) = turn(&template, "user").unwrap();
        assert_eq!(whole, "user<user>user</>");
        assert_eq!(&whole[start..], "user</>");
    }
}
