//! The part of the address between `?` and `#`: which view is shown, and how.

/// The value of a name; empty if it stands there alone (`?teach`).
#[must_use]
pub fn value<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query
        .trim_start_matches('?')
        .split('&')
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// The query with a name set, or taken out.
#[must_use]
pub fn with(query: &str, name: &str, value: Option<&str>) -> String {
    let mut parts: Vec<String> = query
        .trim_start_matches('?')
        .split('&')
        .filter(|part| !part.is_empty() && part.split('=').next() != Some(name))
        .map(str::to_owned)
        .collect();
    match value {
        Some("") => parts.push(name.to_owned()),
        Some(value) => parts.push(format!("{name}={value}")),
        None => {}
    }
    if parts.is_empty() {
        String::new()
    } else {
        format!("?{}", parts.join("&"))
    }
}

/// The value of a name in the page's own address.
#[must_use]
pub fn of_page(name: &str) -> Option<String> {
    let query = leptos::prelude::window()
        .location()
        .search()
        .unwrap_or_default();
    value(&query, name).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_set_and_taken_out() {
        assert_eq!(value("?teach", "teach"), Some(""));
        assert_eq!(value("?a=1&embed=map", "embed"), Some("map"));
        assert_eq!(value("", "embed"), None);
        assert_eq!(with("?lang=de&projector", "lang", None), "?projector");
        assert_eq!(with("", "projector", Some("")), "?projector");
        assert_eq!(with("?lang=de", "lang", Some("en")), "?lang=en");
        assert_eq!(with("?lang=de", "lang", None), "");
    }
}
