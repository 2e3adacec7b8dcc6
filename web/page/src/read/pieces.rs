//! Tokens as a reader sees them: characters are never torn, sentences are numbered.
//!
//! A token can be a part of one character (most emoji and many scripts); its own text is then U+FFFD. Such
//! neighbours are joined to whole characters again, taken from the text that was read.

use std::ops::Range;

/// What stands for a broken character.
const BROKEN: char = '\u{FFFD}';

/// A stretch of text that is shown, coloured and hovered as one: mostly one token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// White space before it, as it stands in the text.
    pub lead: String,
    /// The text without that white space; never empty.
    pub text: String,
    /// The tokens it is made of.
    pub tokens: Range<usize>,
    /// Its sentence, from 0.
    pub sentence: usize,
    /// Whether any of its tokens was read.
    pub read: bool,
}

/// Cuts a reading into pieces. `source` is the text that was given; the tokens may hold more around it
/// (a chat template). The first `skipped` tokens count as not read.
#[must_use]
pub fn pieces(tokens: &[String], source: &str, skipped: usize) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::with_capacity(tokens.len());
    let mut spans = whole_characters(tokens, source).into_iter().peekable();
    let (mut sentence, mut ended) = (0, false);
    while let Some((range, text)) = spans.next() {
        let body = text.trim_start();
        // A line ends before the token that begins with its break, or with a token of nothing else.
        let (broken_before, break_only) = (text.contains('\n'), body.is_empty());
        let (lead, body) = match body {
            "" => ("", blank(&text)),
            _ => (&text[..text.len() - body.len()], body.to_owned()),
        };
        let body = body.as_str();
        if (ended && !closes(body) || broken_before && !break_only) && !out.is_empty() {
            sentence += 1;
            ended = false;
        }
        // "3.5" and "e.g." do not end a sentence: what follows must be apart.
        let apart = spans.peek().is_none_or(|(_, next)| {
            next.starts_with(char::is_whitespace) || closes(next) || wide(body)
        });
        ended = (ended && closes(body)) || broken_before && break_only || (ends(body) && apart);
        out.push(Piece {
            lead: lead.to_owned(),
            text: body.to_owned(),
            read: range.end > skipped,
            tokens: range,
            sentence,
        });
    }
    out
}

/// The pieces of each sentence.
#[must_use]
pub fn sentences(pieces: &[Piece]) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for (i, piece) in pieces.iter().enumerate() {
        match out.get_mut(piece.sentence) {
            Some(range) => range.end = i + 1,
            None => out.push(i..i + 1),
        }
    }
    out
}

/// A token of white space only: line ends show as a sign before the break, the rest as spaces that can be coloured.
fn blank(text: &str) -> String {
    match text.matches('\n').count() {
        0 => "\u{A0}".repeat(text.chars().count()),
        n => format!("\u{21B5}{}", "\n".repeat(n)),
    }
}

fn ends(text: &str) -> bool {
    text.ends_with([
        '.', '!', '?', '\u{2026}', '\u{3002}', '\u{FF01}', '\u{FF1F}', '\u{61F}', '\u{964}',
    ])
}

/// Full stops of scripts that put no space after them.
fn wide(text: &str) -> bool {
    text.ends_with(['\u{3002}', '\u{FF01}', '\u{FF1F}'])
}

/// Closing quotes and brackets belong to the sentence before them.
fn closes(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| {
            matches!(
                c,
                '"' | '\''
                    | '\u{201D}'
                    | '\u{2019}'
                    | ')'
                    | ']'
                    | '\u{BB}'
                    | '\u{300D}'
                    | '.'
                    | '!'
                    | '?'
                    | '\u{21B5}'
                    | '\n'
            )
        })
}

/// Joins tokens that are parts of characters; every span is whole characters of some tokens.
fn whole_characters(tokens: &[String], source: &str) -> Vec<(Range<usize>, String)> {
    let mut out = Vec::with_capacity(tokens.len());
    let mut rest = source;
    let mut at = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        if !token.contains(BROKEN) {
            if let Some(after) = rest.strip_prefix(token.as_str()) {
                rest = after;
            }
            if !token.is_empty() {
                out.push((at..at + 1, token.clone()));
            }
            at += 1;
            continue;
        }
        let end = tokens[at..]
            .iter()
            .position(|t| !t.contains(BROKEN))
            .map_or(tokens.len(), |n| at + n);
        let after: String = tokens[end..]
            .iter()
            .take_while(|t| !t.contains(BROKEN))
            .map(String::as_str)
            .collect();
        let found = if after.is_empty() {
            rest.len()
        } else {
            find_any(rest, &after)
        };
        let (hidden, next) = rest.split_at(found);
        rest = next;
        share(at..end, hidden, &mut out);
        at = end;
    }
    out
}

/// Where `after` begins in `rest`; the template's text behind the source is not in it, so shorter heads are tried.
fn find_any(rest: &str, after: &str) -> usize {
    let heads = after
        .char_indices()
        .map(|(i, c)| &after[..i + c.len_utf8()]);
    if let Some(at) = rest.find(after) {
        return at;
    }
    heads
        .rev()
        .find_map(|head| rest.ends_with(head).then(|| rest.len() - head.len()))
        .unwrap_or(rest.len())
}

/// Shares characters out among the tokens they are made of, as evenly as it goes.
fn share(tokens: Range<usize>, hidden: &str, out: &mut Vec<(Range<usize>, String)>) {
    let clusters = clusters(hidden);
    if clusters.is_empty() {
        out.push((tokens, "\u{25A1}".to_owned()));
        return;
    }
    let groups = clusters.len().min(tokens.len());
    let (n, m) = (tokens.len(), clusters.len());
    for g in 0..groups {
        let part = tokens.start + g * n / groups..tokens.start + (g + 1) * n / groups;
        out.push((
            part,
            clusters[g * m / groups..(g + 1) * m / groups].concat(),
        ));
    }
}

/// Characters with what is joined to them: marks, skin tones, flags, zero-width joiners, and space before.
fn clusters(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut glue = false;
    for c in text.chars() {
        let mark = matches!(c, '\u{300}'..='\u{36F}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{20D0}'..='\u{20FF}'
            | '\u{1F3FB}'..='\u{1F3FF}' | '\u{93C}' | '\u{93E}'..='\u{94F}' | '\u{64B}'..='\u{65F}' | '\u{E31}' | '\u{E34}'..='\u{E3A}' | '\u{E47}'..='\u{E4E}');
        match out.last_mut() {
            Some(last)
                if mark
                    || glue
                    || last.chars().all(char::is_whitespace)
                    || second_flag(last, c) =>
            {
                last.push(c)
            }
            _ => out.push(c.to_string()),
        }
        glue = c == '\u{200D}';
    }
    out
}

fn second_flag(last: &str, c: char) -> bool {
    let flag = |c: char| ('\u{1F1E6}'..='\u{1F1FF}').contains(&c);
    let mut before = last.trim_start().chars();
    flag(c) && before.next().is_some_and(flag) && before.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(tokens: &[&str], source: &str, skipped: usize) -> Vec<Piece> {
        let tokens: Vec<String> = tokens.iter().map(|t| (*t).to_owned()).collect();
        pieces(&tokens, source, skipped)
    }

    fn joined(pieces: &[Piece]) -> String {
        pieces
            .iter()
            .map(|p| format!("{}{}", p.lead, p.text))
            .collect()
    }

    #[test]
    fn plain_words_keep_their_tokens_and_spaces() {
        let p = cut(
            &["She", " open", "ed", " it", ".", " The", " end", "."],
            "She opened it. The end.",
            1,
        );
        assert_eq!(joined(&p), "She opened it. The end.");
        assert_eq!(
            p.iter().map(|p| p.sentence).collect::<Vec<_>>(),
            [0, 0, 0, 0, 0, 1, 1, 1]
        );
        assert_eq!(
            p.iter().map(|p| p.read).collect::<Vec<_>>()[..2],
            [false, true]
        );
        assert_eq!(sentences(&p), [0..5, 5..8]);
    }

    #[test]
    fn a_decimal_point_and_a_closing_quote_end_no_sentence() {
        let p = cut(
            &["3", ".", "5", " \"", "Go", "!", "\"", " said"],
            "3.5 \"Go!\" said",
            0,
        );
        assert_eq!(
            p.iter().map(|p| p.sentence).collect::<Vec<_>>(),
            [0, 0, 0, 0, 0, 0, 0, 1]
        );
    }

    #[test]
    fn a_line_ends_a_sentence() {
        let p = cut(
            &["Title", "\n\n", "One", " two", "\nthree", " four"],
            "Title\n\nOne two\nthree four",
            0,
        );
        assert_eq!(
            p.iter().map(|p| p.sentence).collect::<Vec<_>>(),
            [0, 0, 1, 1, 2, 2]
        );
        assert_eq!(p[1].text, "\u{21B5}\n\n");
    }

    #[test]
    fn parts_of_one_character_become_one_piece() {
        let p = cut(
            &["Hi", " \u{FFFD}", "\u{FFFD}", "\u{FFFD}", " you"],
            "Hi \u{1F600} you",
            0,
        );
        assert_eq!(joined(&p), "Hi \u{1F600} you");
        assert_eq!(p.len(), 3);
        assert_eq!(
            (p[1].tokens.clone(), p[1].text.as_str()),
            (1..4, "\u{1F600}")
        );
    }

    #[test]
    fn a_run_of_broken_tokens_is_shared_among_its_characters() {
        let p = cut(&["\u{FFFD}"; 6], "\u{60B2}\u{3057}", 0);
        assert_eq!(
            p.iter()
                .map(|p| (p.tokens.clone(), p.text.as_str()))
                .collect::<Vec<_>>(),
            [(0..3, "\u{60B2}"), (3..6, "\u{3057}")]
        );
    }

    #[test]
    fn joined_emoji_stay_whole() {
        let family = "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}";
        assert_eq!(clusters(family), [family]);
        assert_eq!(clusters("\u{1F1EB}\u{1F1F7}\u{1F1EF}\u{1F1F5}").len(), 2);
    }

    #[test]
    fn a_chat_template_around_the_text_does_not_confuse() {
        let p = cut(
            &[
                "<|im_start|>",
                "user",
                "\n",
                "a",
                " \u{FFFD}",
                "\u{FFFD}",
                "<|im_end|>",
                "\n",
            ],
            "a \u{1F600}",
            3,
        );
        assert!(joined(&p).contains("a \u{1F600}<|im_end|>"));
        assert!(p.iter().all(|p| !p.text.contains('\u{FFFD}')));
    }

    #[test]
    fn without_a_source_nothing_broken_is_shown() {
        let p = cut(&["\u{FFFD}", "\u{FFFD}"], "", 0);
        assert_eq!(p.len(), 1);
        assert_eq!(p[0].text, "\u{25A1}");
    }

    #[test]
    fn every_token_is_in_one_piece() {
        let tokens = ["x", "\u{FFFD}", "", " ", "\n", "\u{FFFD}\u{FFFD}", "y"];
        let p = cut(&tokens, "x\u{e9} \n\u{1F600}y", 0);
        assert!(p.windows(2).all(|w| w[0].tokens.end <= w[1].tokens.start));
    }
}
