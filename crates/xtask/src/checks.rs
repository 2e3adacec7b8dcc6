//! House rules that no other tool knows.

use crate::{place::Place, shell};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::process::Command;

/// The rooms from the lowest up: each may depend on those before it only.
const ROOMS: [&str; 9] = [
    "atlas-units",
    "atlas-affect",
    "atlas-protocol",
    "atlas-kernels",
    "atlas-lm",
    "atlas-probe",
    "atlas-lab",
    "atlas-session",
    "atlas-cli",
];
/// The page links nothing of the engine.
const PAGE_MAY: [&str; 3] = ["atlas-units", "atlas-affect", "atlas-protocol"];
const LONGEST: usize = 500;
/// The one place where colours are written down.
const COLOURS: &str = "web/style/tokens.css";

/// Checks them all.
pub(crate) fn run(place: &Place) -> Result<()> {
    let mut found = rooms(place)?;
    let listed = shell::ask(Command::new("git").current_dir(&place.root).args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
    ]));
    for name in listed.context("git ls-files")?.lines() {
        // A file may be listed and gone; one that is not text is none of ours.
        if let Ok(text) = fs::read_to_string(place.root.join(name)) {
            found.extend(text_rules(name, &text));
        }
    }
    if !found.is_empty() {
        bail!("house rules:\n  {}", found.join("\n  "));
    }
    Ok(())
}

fn rooms(place: &Place) -> Result<Vec<String>> {
    let metadata = shell::ask(shell::cargo().current_dir(&place.root).args([
        "metadata",
        "--no-deps",
        "--format-version",
        "1",
    ]));
    let metadata: Value = serde_json::from_str(&metadata.context("cargo metadata")?)?;
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            // Tests may look down from anywhere: kind is null for what is linked.
            let on = dependency["name"].as_str().unwrap_or_default();
            if on.starts_with("atlas-") && dependency["kind"].is_null() && !may(name, on) {
                found.push(format!("{name} must not depend on {on}"));
            }
        }
    }
    Ok(found)
}

fn may(name: &str, on: &str) -> bool {
    let floor = |name| ROOMS.iter().position(|room| *room == name);
    match name {
        "atlas-page" => PAGE_MAY.contains(&on),
        "atlas-worker" => on != "atlas-cli",
        "xtask" => false,
        _ => floor(name).is_none_or(|own| floor(on).is_some_and(|other| other < own)),
    }
}

fn text_rules(name: &str, text: &str) -> Vec<String> {
    let kind = name.rsplit('.').next().unwrap_or_default();
    let mut found = Vec::new();
    let ours = ["rs", "toml", "md", "css", "js", "html", "py", "yml", "yaml"].contains(&kind);
    if !ours {
        return found;
    }
    let styled = name.starts_with("web/") && name != COLOURS && ["css", "rs", "js"].contains(&kind);
    for (number, line) in (1..).zip(text.lines()) {
        if line.ends_with([' ', '\t']) {
            found.push(format!("{name}:{number}: space at the end of the line"));
        }
        if styled && names_a_colour(line, kind == "css") {
            found.push(format!("{name}:{number}: a colour outside {COLOURS}"));
        }
    }
    let lines = text.lines().count();
    if kind == "rs" && lines > LONGEST {
        found.push(format!(
            "{name}: {lines} lines; one idea per file, at most {LONGEST}"
        ));
    }
    found
}

/// `#aabbcc`, `rgb(1 2 3)` and the like; black stands for shade (shadows, masks) and is allowed. In CSS only what
/// follows a colon counts, in code only long codes: a short one is more likely the name of an element.
fn names_a_colour(line: &str, css: bool) -> bool {
    if css {
        let declarations = line.split(['{', '}', ';']);
        let mut values = declarations.filter_map(|d| Some(d.split_once(':')?.1));
        values.any(|value| hex(value, &[3, 4, 6, 8]) || function(value))
    } else {
        hex(line, &[6, 8]) || function(line)
    }
}

fn hex(text: &str, lengths: &[usize]) -> bool {
    text.split('#').skip(1).any(|rest| {
        let digits = rest.chars().take_while(char::is_ascii_hexdigit).count();
        let (code, after) = rest.split_at(digits);
        let ends = !after.starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_');
        ends && lengths.contains(&digits) && !code.chars().all(|c| c == '0')
    })
}

fn function(text: &str) -> bool {
    let starts = ["rgb(", "rgba(", "hsl(", "hsla(", "oklch(", "oklab("];
    let numbers = |rest: &str| {
        let inside = rest.split(['/', ')']).next().unwrap_or_default();
        let first = inside.split([' ', ',']).find(|part| !part.is_empty());
        first.is_some_and(|part| part.starts_with(|c: char| c.is_ascii_digit()))
            && inside.chars().any(|c| ('1'..='9').contains(&c))
    };
    starts
        .iter()
        .any(|start| text.split(start).skip(1).any(numbers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_know_only_those_before_them() {
        assert!(may("atlas-session", "atlas-lm") && may("atlas-page", "atlas-protocol"));
        assert!(!may("atlas-lm", "atlas-probe") && !may("atlas-affect", "atlas-affect"));
        assert!(!may("atlas-page", "atlas-lm") && !may("xtask", "atlas-units"));
        assert!(may("atlas-worker", "atlas-session"));
    }

    #[test]
    fn colours_are_found_and_names_are_not() {
        for bad in [
            "color: #fff;",
            "border: 1px solid rgb(12, 3, 4)",
            "x: #a1b2c3",
        ] {
            assert!(names_a_colour(bad, true), "{bad}");
        }
        for good in [
            "#add { top: 0 }",
            "color: var(--ink)",
            "background: rgb(var(--more-rgb) / .2)",
            "x: url(#clip)",
            ".a { display: none } #add { width: 4px }",
            "box-shadow: 0 8px 24px rgb(0 0 0/.16); mask: linear-gradient(#000, transparent)",
        ] {
            assert!(!names_a_colour(good, true), "{good}");
        }
        assert!(names_a_colour("let c = \"#a1b2c3\";", false));
        assert!(!names_a_colour("query(\"#add\") // issue #123456a_", false));
    }

    #[test]
    fn space_at_line_ends_and_long_files_are_found() {
        assert_eq!(text_rules("a.rs", "fn a() {} \n").len(), 1);
        assert_eq!(text_rules("a.rs", &"x\n".repeat(501)).len(), 1);
        assert!(text_rules("a.bin", "x \n").is_empty());
    }
}
