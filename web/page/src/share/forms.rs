//! A link as Markdown and as a frame.

/// A piece of Markdown that shows a text as it is.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '\n' | '\r' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A link with what it shows: the title, and lines of name and text below it.
#[must_use]
pub fn markdown(title: &str, address: &str, lines: &[(String, String)]) -> String {
    // Parentheses would end the address.
    let address = address.replace('(', "%28").replace(')', "%29");
    let mut out = format!("[{}]({address})\n", plain(title));
    for (name, text) in lines {
        out.push_str(&format!("\n> **{}** {}\n", plain(name), plain(text)));
    }
    out
}

/// A frame for somebody else's page.
#[must_use]
pub fn frame(title: &str, address: &str) -> String {
    let safe = |text: &str| {
        text.replace('&', "&amp;")
            .replace('"', "&quot;")
            .replace('<', "&lt;")
    };
    format!(
        "<iframe src=\"{}\" title=\"{}\" width=\"100%\" height=\"600\" style=\"border:0\" loading=\"lazy\"></iframe>",
        safe(address),
        safe(title)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_text_stays_text() {
        let lines = [("Steered:".to_owned(), "a *b* [c](d)\n<img>".to_owned())];
        assert_eq!(
            markdown("x]y", "https://h/#p=a(b)", &lines),
            "[x\\]y](https://h/#p=a%28b%29)\n\n> **Steered:** a \\*b\\* \\[c\\](d) \\<img\\>\n"
        );
        assert_eq!(
            frame("a\"b", "https://h/?embed=map#a=1&b=2"),
            "<iframe src=\"https://h/?embed=map#a=1&amp;b=2\" title=\"a&quot;b\" width=\"100%\" height=\"600\" \
             style=\"border:0\" loading=\"lazy\"></iframe>"
        );
    }
}
