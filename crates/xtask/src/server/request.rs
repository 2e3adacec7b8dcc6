//! Reading a request.

use std::io::{self, BufRead, BufReader, Read};
use std::net::TcpStream;

/// Longest head that is read.
const LONGEST: u64 = 64 * 1024;

/// What a browser asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub method: String,
    /// Decoded, with its slash, without query.
    pub path: String,
    /// First and last byte as in `Range: bytes=first-last`.
    pub range: Option<(Option<u64>, Option<u64>)>,
    /// Whether it takes gzip.
    pub gzip: bool,
}

pub(super) fn read(stream: &TcpStream) -> io::Result<Option<Request>> {
    let mut lines = BufReader::new(stream.take(LONGEST)).lines();
    let Some(first) = lines.next().transpose()? else {
        return Ok(None);
    };
    let mut words = first.split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let (mut range, mut gzip) = (None, false);
    for line in lines {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("range")
        {
            range = parse_range(value.trim());
        } else if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("accept-encoding")
        {
            gzip = value.split(',').any(|way| way.trim() == "gzip");
        }
    }
    let path = decode(target.split(['?', '#']).next().unwrap_or_default());
    Ok(Some(Request {
        method: method.to_owned(),
        path,
        range,
        gzip,
    }))
}

/// One range only; several at once are answered with the whole file, which is allowed.
fn parse_range(value: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (first, last) = value.strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| match text {
        "" => Some(None),
        digits => digits.parse().ok().map(Some),
    };
    Some((number(first)?, number(last)?)).filter(|range| *range != (None, None))
}

fn decode(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%')
            .then(|| path.get(at + 1..at + 3))
            .flatten();
        if let Some(byte) = code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            plain.push(byte);
            at += 3;
        } else {
            plain.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        assert_eq!(parse_range("bytes=2-5"), Some((Some(2), Some(5))));
        assert_eq!(parse_range("bytes=2-"), Some((Some(2), None)));
        assert_eq!(parse_range("bytes=-5"), Some((None, Some(5))));
        for odd in ["bytes=-", "bytes=0-1,4-5", "lines=1-2", "bytes=x-"] {
            assert_eq!(parse_range(odd), None, "{odd}");
        }
    }

    #[test]
    fn paths_are_decoded_and_never_panic() {
        assert_eq!(decode("/a%20b%C3%A9"), "/a bé");
        assert_eq!(decode("/%"), "/%");
        assert_eq!(decode("/%zz%é"), "/%zz%é");
    }
}
