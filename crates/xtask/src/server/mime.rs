//! Kinds of files. A browser compiles wasm while it streams only when it is called `application/wasm`.

use std::path::Path;

pub(super) fn of(path: &Path) -> &'static str {
    match path
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default()
    {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "md" | "txt" | "tsv" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
