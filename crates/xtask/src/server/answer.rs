//! Answering, truthfully or with a fault.

use super::{Site, mime, request::Request};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What may go wrong with a file on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// It is not there: 404.
    Missing,
    /// The host holds only its first bytes.
    Short(u64),
    /// The connection breaks after so many bytes of what was promised.
    Broken(u64),
    /// One byte in the middle is another.
    Altered,
    /// It comes at so many bytes per second.
    Slow(u64),
}

pub(super) fn give(mut out: &TcpStream, request: &Request, site: &Site) -> io::Result<()> {
    let always = site.headers();
    if !matches!(request.method.as_str(), "GET" | "HEAD") {
        return plain(
            out,
            "405 Method Not Allowed",
            "Only GET and HEAD.\n",
            always,
        );
    }
    let fault = site.fault(&request.path);
    let Some(path) = site.file(&request.path).filter(|_| fault != Fault::Missing) else {
        return plain(out, "404 Not Found", "Not found.\n", always);
    };
    let whole_and_sound = request.range.is_none() && fault == Fault::None;
    if let Some(packed) = site.packed().filter(|_| request.gzip && whole_and_sound)
        && let Some(bytes) = packed.get(&path)?
    {
        let more = format!("Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n{always}");
        head(out, "200 OK", mime::of(&path), bytes.len() as u64, &more)?;
        return match request.method.as_str() {
            "HEAD" => Ok(()),
            _ => out.write_all(&bytes),
        };
    }
    let mut file = File::open(&path)?;
    let mut whole = file.metadata()?.len();
    if let Fault::Short(bytes) = fault {
        whole = whole.min(bytes);
    }
    let Some((first, length)) = part(request.range, whole) else {
        let range = format!("Content-Range: bytes */{whole}\r\n{always}");
        return head(out, "416 Range Not Satisfiable", "text/plain", 0, &range);
    };
    let kind = mime::of(&path);
    if request.range.is_some() {
        let range = format!(
            "Content-Range: bytes {first}-{}/{whole}\r\n{always}",
            first + length - 1
        );
        head(out, "206 Partial Content", kind, length, &range)?;
    } else {
        head(out, "200 OK", kind, length, always)?;
    }
    if request.method == "HEAD" {
        return Ok(());
    }
    file.seek(SeekFrom::Start(first))?;
    match fault {
        Fault::Broken(bytes) => copy(&mut file.take(bytes.min(length)), &mut out),
        Fault::Altered => alter(&mut file.take(length), out, length / 2),
        Fault::Slow(rate) => slowly(&mut file.take(length), out, rate),
        Fault::None | Fault::Missing | Fault::Short(_) => copy(&mut file.take(length), &mut out),
    }
}

fn copy(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    io::copy(from, to).map(|_| ())
}

fn alter(from: &mut impl Read, mut out: &TcpStream, at: u64) -> io::Result<()> {
    copy(&mut from.take(at), &mut out)?;
    let mut byte = [0];
    from.read_exact(&mut byte)?;
    out.write_all(&[byte[0] ^ 1])?;
    copy(from, &mut out)
}

fn slowly(from: &mut impl Read, mut out: &TcpStream, rate: u64) -> io::Result<()> {
    while io::copy(&mut from.take((rate / 20).max(1)), &mut out)? > 0 {
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// First byte and length of what was asked for; none when it lies outside.
fn part(range: Option<(Option<u64>, Option<u64>)>, whole: u64) -> Option<(u64, u64)> {
    match range {
        None => Some((0, whole)),
        Some((Some(first), last)) => {
            let end = last.map_or(whole, |last| last.saturating_add(1).min(whole));
            (first < end).then(|| (first, end - first))
        }
        Some((None, last)) => {
            let length = last.unwrap_or(0).min(whole);
            (length > 0).then(|| (whole - length, length))
        }
    }
}

fn plain(mut out: &TcpStream, status: &str, text: &str, more: &str) -> io::Result<()> {
    head(
        out,
        status,
        "text/plain; charset=utf-8",
        text.len() as u64,
        more,
    )?;
    out.write_all(text.as_bytes())
}

/// Nothing is cached by HTTP: pages change with every build, and models are cached by the page itself.
fn head(mut out: &TcpStream, status: &str, kind: &str, length: u64, more: &str) -> io::Result<()> {
    write!(
        out,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{more}\
         Accept-Ranges: bytes\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
         Connection: close\r\n\r\n"
    )
}
