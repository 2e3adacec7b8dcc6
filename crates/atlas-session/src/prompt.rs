//! From what a visitor typed to what the model is given.

use crate::session::Running;
use crate::words;
use atlas_lm::{ChatTemplate, Turn};
use atlas_protocol::{Generation, Problem, Setting, Side};

/// Longest text that is tokenised at all, bytes. Longer ones are far beyond any limit, and counting
/// their tokens exactly would take seconds.
const BELIEVABLE: usize = 1 << 18;

/// A character that no template writes of its own accord.
const MARK: &str = "\u{1}";

/// A text as the model is given it.
pub(crate) struct Prompt {
    /// What is run.
    pub ids: Vec<u32>,
    /// The visitor's words and what the template adds behind them; joined they are the end of the text.
    pub shown: Vec<String>,
    /// Tokens before those that are shown: the template's head.
    pub head: usize,
    /// Where the turns of a conversation begin, among those shown, and whose they are.
    pub turns: Vec<(u32, String)>,
}

/// What the model is given, as text.
struct Given {
    whole: String,
    /// Where the visitor's words start.
    start: usize,
    /// Where turns start.
    turns: Vec<(usize, String)>,
}

/// Puts a text into its setting and cuts it into tokens, at most `limit`.
pub(crate) fn prompt(
    running: &Running,
    text: &str,
    setting: Setting,
    limit: usize,
) -> Result<Prompt, Problem> {
    believable(&[text], limit)?;
    let template = || running.template.as_ref().ok_or(Problem::NoChat);
    let given = match setting {
        Setting::Plain => Given {
            whole: text.to_owned(),
            start: 0,
            turns: vec![],
        },
        Setting::Chat => {
            let (whole, start) = turn(template()?, text)?;
            Given {
                whole,
                start,
                turns: vec![],
            }
        }
        Setting::Dialogue => dialogue(template()?, &turns_of(text))?,
    };
    cut(running, given, limit)
}

/// What a side of a generation goes on from.
pub(crate) fn prompt_for(
    running: &Running,
    generation: &Generation,
    side: Side,
    limit: usize,
) -> Result<Prompt, Problem> {
    let text = &generation.prompt;
    let mut turns = match generation.setting {
        Setting::Chat if !generation.before.is_empty() => vec![],
        Setting::Dialogue => turns_of(text),
        setting => return prompt(running, text, setting, limit),
    };
    for exchange in &generation.before {
        turns.push(Turn::user(&exchange.user));
        turns.push(answer(exchange.answer(side)));
    }
    if generation.setting == Setting::Chat {
        turns.push(Turn::user(text));
    }
    let all: Vec<&str> = turns.iter().map(|turn| turn.content.as_str()).collect();
    believable(&[text], limit)?;
    believable(&all, limit)?;
    let template = running.template.as_ref().ok_or(Problem::NoChat)?;
    let whole = template.render(&turns, true).map_err(|e| words::text(&e))?;
    let given = Given {
        whole,
        start: 0,
        turns: vec![],
    };
    cut(running, given, limit)
}

fn answer(content: &str) -> Turn {
    Turn {
        role: "assistant".into(),
        content: content.into(),
    }
}

/// Whether texts are there and short enough to be worth counting.
fn believable(texts: &[&str], limit: usize) -> Result<(), Problem> {
    if texts.iter().all(|text| text.trim().is_empty()) {
        return Err(Problem::EmptyText);
    }
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    if bytes > BELIEVABLE {
        return Err(too_long(bytes / 4, limit));
    }
    Ok(())
}

fn too_long(tokens: usize, limit: usize) -> Problem {
    Problem::TooLong {
        tokens: words::count(tokens),
        limit: words::count(limit),
    }
}

/// Cuts a text into tokens.
fn cut(running: &Running, given: Given, limit: usize) -> Result<Prompt, Problem> {
    let pieces = running
        .tokenizer
        .pieces(&given.whole)
        .map_err(|e| words::text(&e))?;
    if pieces.len() > limit {
        return Err(too_long(pieces.len(), limit));
    }
    let mut prompt = Prompt {
        ids: Vec::new(),
        shown: Vec::new(),
        head: 0,
        turns: Vec::new(),
    };
    let mut turns = given.turns.into_iter().peekable();
    let mut end = 0;
    for piece in pieces {
        let from = end;
        end += piece.text.len();
        prompt.ids.push(piece.id);
        if prompt.shown.is_empty() && end <= given.start {
            prompt.head += 1;
            continue;
        }
        while let Some((_, role)) = turns.next_if(|(at, _)| *at < end) {
            prompt.turns.push((words::count(prompt.shown.len()), role));
        }
        // A token that spans the border shows the visitor's part only.
        let cut = given.start.saturating_sub(from);
        let shown = piece.text.get(cut..).unwrap_or_default();
        prompt.shown.push(shown.to_owned());
    }
    if prompt.ids.is_empty() {
        return Err(Problem::EmptyText);
    }
    Ok(prompt)
}

/// A conversation as it was typed: a line that begins with a role and a colon begins a turn.
fn turns_of(text: &str) -> Vec<Turn> {
    const ROLES: [&str; 3] = ["user", "assistant", "system"];
    let mut turns: Vec<Turn> = vec![];
    for line in text.lines() {
        let head = line.split_once(':').and_then(|(head, rest)| {
            let head = head.trim().to_lowercase();
            let role = ROLES.into_iter().find(|role| *role == head)?;
            Some((role, rest.trim_start()))
        });
        match (head, turns.last_mut()) {
            (Some((role, rest)), _) => turns.push(Turn {
                role: role.into(),
                content: rest.into(),
            }),
            (None, Some(turn)) => {
                turn.content.push('\n');
                turn.content.push_str(line);
            }
            (None, None) => turns.push(Turn::user(line)),
        }
    }
    for turn in &mut turns {
        turn.content = turn.content.trim_end().to_owned();
    }
    turns
}

/// A conversation in its template, and where its turns begin.
fn dialogue(template: &ChatTemplate, turns: &[Turn]) -> Result<Given, Problem> {
    let render = |turns: &[Turn]| template.render(turns, false).map_err(|e| words::text(&e));
    let whole = render(turns)?;
    let mut marked = turns.to_vec();
    let Some(first) = marked.first_mut() else {
        return Err(Problem::EmptyText);
    };
    first.content = MARK.to_owned();
    let start = found(&whole, render(&marked)?.find(MARK));
    let mut begin = vec![(start, turns[0].role.clone())];
    for (at, turn) in turns.iter().enumerate().skip(1) {
        // What comes before a turn is the same with and without it, in every template that keeps to its order.
        let before = render(&turns[..at])?;
        if whole.starts_with(&before) {
            begin.push((before.len().max(start), turn.role.clone()));
        }
    }
    Ok(Given {
        whole,
        start,
        turns: begin,
    })
}

/// A user's turn with the answer opened, and where the user's words start in it.
fn turn(template: &ChatTemplate, text: &str) -> Result<(String, usize), Problem> {
    let render = |content: &str| {
        template
            .render(&[Turn::user(content)], true)
            .map_err(|e| words::text(&e))
    };
    let whole = render(text)?;
    // The words themselves may also stand in the template's head, so the place is found by a mark.
    let start = found(&whole, render(MARK)?.find(MARK));
    Ok((whole, start))
}

/// A place in a text, if it is one.
fn found(whole: &str, at: Option<usize>) -> usize {
    at.filter(|at| whole.is_char_boundary(*at)).unwrap_or(0)
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

    #[test]
    fn a_conversation_is_cut_at_its_roles() {
        let turns = turns_of(
            "Hello: you\nuser: Are you there?\nstill\nAssistant:  Yes.\n\nUSER: Good: fine",
        );
        let found: Vec<_> = turns
            .iter()
            .map(|t| (t.role.as_str(), t.content.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("user", "Hello: you"),
                ("user", "Are you there?\nstill"),
                ("assistant", "Yes."),
                ("user", "Good: fine")
            ]
        );
    }

    #[test]
    fn turns_begin_where_the_template_opens_them() {
        let source = "(be kind){% for m in messages %}<{{ m.role }}>{{ m.content }}</>{% endfor %}";
        let template = ChatTemplate::new(source).unwrap();
        let given = dialogue(&template, &turns_of("User: a\nAssistant: b")).unwrap();
        assert_eq!(given.whole, "(be kind)<user>a</><assistant>b</>");
        let begin: Vec<_> = given
            .turns
            .iter()
            .map(|(at, role)| (&given.whole[*at..], role.as_str()))
            .collect();
        assert_eq!(
            begin,
            [
                ("a</><assistant>b</>", "user"),
                ("<assistant>b</>", "assistant")
            ]
        );
    }
}
