//! How it is steered, as links say it: `way=clamp&at=16-20&on=new&control=random`. What is usual is not written.

use atlas_protocol::{Method, Span};

use crate::steer::how::How;

/// Keys and values that differ from the usual.
pub fn write(how: &How) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    match how.method {
        Method::Add => {}
        Method::ProjectOut => out.push(("way", "out".to_owned())),
        Method::Clamp => out.push(("way", "clamp".to_owned())),
    }
    match how.layers {
        None => {}
        Some((from, to)) if from == to => out.push(("at", from.to_string())),
        Some((from, to)) => out.push(("at", format!("{from}-{to}"))),
    }
    match how.span {
        Span::All => {}
        Span::Prompt => out.push(("on", "prompt".to_owned())),
        Span::New => out.push(("on", "new".to_owned())),
    }
    if how.control {
        out.push(("control", "random".to_owned()));
    }
    out
}

/// Takes a key and its value; `None` if it is none of these, `Some(false)` if the value makes no sense.
pub fn read(how: &mut How, key: &str, value: &str) -> Option<bool> {
    let good = match (key, value) {
        ("way", "add") => put(&mut how.method, Method::Add),
        ("way", "out") => put(&mut how.method, Method::ProjectOut),
        ("way", "clamp") => put(&mut how.method, Method::Clamp),
        ("on", "all") => put(&mut how.span, Span::All),
        ("on", "prompt") => put(&mut how.span, Span::Prompt),
        ("on", "new") => put(&mut how.span, Span::New),
        ("control", "random") => put(&mut how.control, true),
        ("control", "none") => put(&mut how.control, false),
        ("at", range) => {
            let (from, to) = range.split_once('-').unwrap_or((range, range));
            match (from.parse(), to.parse()) {
                (Ok(from), Ok(to)) if from <= to => put(&mut how.layers, Some((from, to))),
                _ => false,
            }
        }
        ("way" | "on" | "control", _) => false,
        _ => return None,
    };
    Some(good)
}

fn put<T>(slot: &mut T, value: T) -> bool {
    *slot = value;
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for how in [
            How::default(),
            How {
                method: Method::Clamp,
                layers: Some((16, 20)),
                span: Span::New,
                control: true,
            },
            How {
                method: Method::ProjectOut,
                layers: Some((7, 7)),
                span: Span::Prompt,
                control: false,
            },
        ] {
            let mut again = How::default();
            for (key, value) in write(&how) {
                assert_eq!(read(&mut again, key, &value), Some(true));
            }
            assert_eq!(again, how);
        }
        assert!(write(&How::default()).is_empty());
    }

    #[test]
    fn nonsense_is_refused() {
        let mut how = How::default();
        for (key, value) in [
            ("way", "x"),
            ("at", "9-3"),
            ("at", "-1"),
            ("on", ""),
            ("control", "yes"),
        ] {
            assert_eq!(read(&mut how, key, value), Some(false), "{key}={value}");
        }
        assert_eq!(read(&mut how, "seed", "3"), None);
        assert_eq!(how, How::default());
    }
}
