//! How a text is looked at, as links say it: `view=matrix&rows=all&by=sentence&scale=own&t2=…`. What is usual is not
//! written.

use super::cut;
use crate::read::look::{Look, Scale, View};

/// Keys and values that differ from the usual.
pub fn write(look: &Look) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    match look.view {
        View::Rows => {}
        View::Matrix => out.push(("view", "matrix".to_owned())),
        View::Layers => out.push(("view", "layers".to_owned())),
    }
    match look.scale {
        Scale::Fixed => {}
        Scale::Shared => out.push(("scale", "shared".to_owned())),
        Scale::Own => out.push(("scale", "own".to_owned())),
    }
    if look.all {
        out.push(("rows", "all".to_owned()));
    }
    if look.sentences {
        out.push(("by", "sentence".to_owned()));
    }
    if let Some(text) = &look.versus {
        out.push(("t2", cut(text.clone())));
    }
    out
}

/// Takes a key and its value; `None` if it is none of these, `Some(false)` if the value makes no sense.
pub fn read(look: &mut Look, key: &str, value: &str) -> Option<bool> {
    match (key, value) {
        ("view", "rows") => look.view = View::Rows,
        ("view", "matrix") => look.view = View::Matrix,
        ("view", "layers") => look.view = View::Layers,
        ("scale", "fixed") => look.scale = Scale::Fixed,
        ("scale", "shared") => look.scale = Scale::Shared,
        ("scale", "own") => look.scale = Scale::Own,
        ("rows", "all") => look.all = true,
        ("rows", "top") => look.all = false,
        ("by", "sentence") => look.sentences = true,
        ("by", "token") => look.sentences = false,
        ("t2", text) => look.versus = Some(cut(text.to_owned())),
        ("view" | "scale" | "rows" | "by", _) => return Some(false),
        _ => return None,
    }
    Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for look in [
            Look::default(),
            Look {
                view: View::Layers,
                scale: Scale::Own,
                all: true,
                sentences: true,
                versus: Some("two = 2 & more".into()),
            },
        ] {
            let mut again = Look::default();
            for (key, value) in write(&look) {
                assert_eq!(read(&mut again, key, &value), Some(true));
            }
            assert_eq!(again, look);
        }
        assert_eq!(read(&mut Look::default(), "view", "x"), Some(false));
        assert_eq!(read(&mut Look::default(), "seed", "3"), None);
    }
}
